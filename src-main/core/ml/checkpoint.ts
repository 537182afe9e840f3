import { createHash } from 'node:crypto'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { SoundfoldError } from '../../contract/errors.ts'
import { writeFileAtomic } from '../atomic-write.ts'
import { progressSchema, type Snapshot } from './snapshot.ts'

/**
 * Where a fold's training stands, in one file: `docs/file-formats.md` has the bytes. It is replaced as a whole after each
 * epoch, so that whatever ends the process, training goes on from the last epoch that was finished.
 */

const MAGIC = 'SFC1'
const DIGEST_BYTES = 32
const PREFIX_BYTES = MAGIC.length + 4

const sizes = z.array(z.int().min(0))
const headerSchema = z.object({
  /** Hash of what is trained on what. */
  task: z.string(),
  engine: z.string(),
  microBatchSize: z.int().min(1),
  progress: progressSchema,
  weights: sizes,
  optimizer: sizes,
  bestWeights: sizes.nullable(),
})

export interface Checkpoint {
  task: string
  /** As described when it was written: another one goes on with slightly other numbers. */
  engine: string
  microBatchSize: number
  snapshot: Snapshot
}

const pathOf = (folder: string, fold: number) => join(folder, `fold-${fold}.checkpoint`)

/** @throws SoundfoldError disk-full; the checkpoint before it stays */
export async function writeCheckpoint(folder: string, fold: number, checkpoint: Checkpoint): Promise<void> {
  await writeFileAtomic(pathOf(folder, fold), encodeCheckpoint(checkpoint))
}

/**
 * @returns null where the fold has none
 * @throws SoundfoldError training-failed when it is damaged or of another task
 */
export async function readCheckpoint(folder: string, fold: number, task: string): Promise<Checkpoint | null> {
  const path = pathOf(folder, fold)
  let bytes: Buffer
  try {
    bytes = await readFile(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw unusable(path, fold, 'can’t be read', error)
  }
  let checkpoint: Checkpoint
  try {
    checkpoint = decodeCheckpoint(bytes)
  } catch (error) {
    throw unusable(path, fold, 'is damaged', error)
  }
  if (checkpoint.task !== task) throw unusable(path, fold, 'is of other settings or clips')
  return checkpoint
}

function unusable(path: string, fold: number, how: string, cause?: unknown): SoundfoldError {
  return new SoundfoldError('training-failed', `The checkpoint ${path} ${how}.`, {
    hint: `Delete this file and resume: fold ${fold} then starts at its first epoch. All else of the run is kept.`,
    cause,
  })
}

/** Also what a process that was killed while writing left behind. */
export async function removeCheckpoint(folder: string, fold: number): Promise<void> {
  await rm(pathOf(folder, fold), { force: true })
  await removeUnfinished(folder, fold)
}

export async function removeUnfinished(folder: string, fold: number): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  const unfinished = names.filter((name) => name.startsWith(`fold-${fold}.`) && name.endsWith('.tmp'))
  await Promise.all(unfinished.map((name) => rm(join(folder, name), { force: true })))
}

export function encodeCheckpoint({ snapshot, ...rest }: Checkpoint): Buffer {
  const { weights, optimizer, bestWeights, ...progress } = snapshot
  const lengths = (arrays: readonly Float32Array[]) => arrays.map((array) => array.length)
  const header = Buffer.from(
    JSON.stringify({
      ...rest,
      progress,
      weights: lengths(weights),
      optimizer: lengths(optimizer),
      bestWeights: bestWeights && lengths(bestWeights),
    } satisfies z.infer<typeof headerSchema>),
  )
  const prefix = Buffer.alloc(PREFIX_BYTES)
  prefix.write(MAGIC, 'latin1')
  prefix.writeUInt32LE(header.length, MAGIC.length)
  const arrays = [...weights, ...optimizer, ...(bestWeights ?? [])]
  const content = Buffer.concat([
    prefix,
    header,
    ...arrays.map((array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength)),
  ])
  return Buffer.concat([content, digestOf(content)])
}

/** @throws Error for anything but what `encodeCheckpoint` made */
export function decodeCheckpoint(bytes: Buffer): Checkpoint {
  const content = bytes.subarray(0, -DIGEST_BYTES)
  if (!digestOf(content).equals(bytes.subarray(-DIGEST_BYTES))) throw new Error('the digest does not fit')
  if (content.toString('latin1', 0, MAGIC.length) !== MAGIC) throw new Error('not a checkpoint')
  let at = PREFIX_BYTES + content.readUInt32LE(MAGIC.length)
  const header = headerSchema.parse(JSON.parse(content.toString('utf8', PREFIX_BYTES, at)))
  const take = (lengths: readonly number[]) =>
    lengths.map((length) => {
      const from = at
      at += 4 * length
      // A copy: the values need not lie at a multiple of four.
      return new Float32Array(Uint8Array.from(content.subarray(from, at)).buffer)
    })
  const { progress, weights, optimizer, bestWeights, ...rest } = header
  return {
    ...rest,
    snapshot: {
      ...progress,
      weights: take(weights),
      optimizer: take(optimizer),
      bestWeights: bestWeights && take(bestWeights),
    },
  }
}

const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()
