import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { SoundfoldError } from '../../contract/errors.ts'
import { encodeWav } from '../audio/wav-encode.ts'
import { clipFileName, type DemoClip, FOLDS, isPlanted, planDemo } from './plan.ts'
import { renderClip } from './render.ts'
import { SOUND_CLASSES } from './sounds/index.ts'

/** Raised whenever the same seed would give other bytes; folders of another version are not reused. */
export const DEMO_VERSION = 1

const CSV_HEADER = 'slice_file_name,fsID,start,end,salience,fold,classID,class'
const CSV_PATH = join('metadata', 'UrbanSound8K.csv')

export interface DemoOptions {
  /** Where the data set goes: a folder that does not exist, is empty, or holds the same demo already. */
  readonly folder: string
  /** A whole number. The same seed gives the same bytes on every machine. */
  readonly seed?: number | undefined
  /** 1 to 100; two clips come from each recording. */
  readonly clipsPerClassAndFold?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** Called after each clip. Not called when an existing data set is reused. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined
}

export interface DemoSummary {
  readonly clips: number
  /** Clips whose label is wrong on purpose, listed in `metadata/planted-errors.json`. */
  readonly plantedErrors: number
}

/** What `demo.json` states about a folder. */
interface DemoRecord extends DemoSummary {
  readonly generator: 'soundfold-demo'
  readonly version: number
  readonly seed: number
  readonly clipsPerClassAndFold: number
}

/**
 * Writes a synthetic data set in the layout of UrbanSound8K: ten classes, ten folds, recordings cut into slices,
 * two saliences, many audio formats, and about 2 % wrong labels. It is built in a folder beside the target and
 * renamed at the end, so the target never holds half of it.
 *
 * @throws SoundfoldError `invalid-input` for a bad number, `conflict` when the folder holds anything else,
 *   `cancelled` when the signal aborts, `disk-full` or `workspace-unwritable` when it cannot be written.
 */
export async function generateDemoDataset(options: DemoOptions): Promise<DemoSummary> {
  const { seed = 2020, clipsPerClassAndFold = 4 } = options
  requireWhole('seed', seed, 0, 2 ** 32 - 1)
  requireWhole('clipsPerClassAndFold', clipsPerClassAndFold, 1, 100)
  const folder = resolve(options.folder)
  const clips = planDemo(seed, clipsPerClassAndFold)
  const record: DemoRecord = {
    generator: 'soundfold-demo',
    version: DEMO_VERSION,
    seed,
    clipsPerClassAndFold,
    clips: clips.length,
    plantedErrors: clips.filter(isPlanted).length,
  }
  const summary: DemoSummary = { clips: record.clips, plantedErrors: record.plantedErrors }
  if (await isKept(folder, record, clips)) return summary

  const draft = join(dirname(folder), `.${basename(folder)}.${randomUUID()}.partial`)
  try {
    await writeClips(draft, seed, clips, options)
    await writeFile(join(draft, CSV_PATH), csvText(clips))
    await writeFile(
      join(draft, 'metadata', 'planted-errors.json'),
      jsonText(clips.filter(isPlanted).map(plantedRow)),
    )
    await writeFile(join(draft, 'demo.json'), jsonText(record))
    throwIfCancelled(options.signal)
    await moveInto(draft, folder)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    // Another run may have put the same data set there meanwhile.
    if (hasCode(error, 'ENOTEMPTY', 'EEXIST') && (await isKept(folder, record, clips))) return summary
    throw writeError(error, folder)
  }
  return summary
}

async function writeClips(draft: string, seed: number, clips: readonly DemoClip[], options: DemoOptions) {
  await mkdir(join(draft, 'metadata'), { recursive: true })
  for (let fold = 1; fold <= FOLDS; fold++)
    await mkdir(join(draft, 'audio', `fold${fold}`), { recursive: true })
  for (const [i, clip] of clips.entries()) {
    throwIfCancelled(options.signal)
    await writeFile(
      join(draft, clipPath(clip)),
      encodeWav(renderClip(seed, clip), clip.recording.rate, clip.recording.bits),
    )
    options.onProgress?.(i + 1, clips.length)
    // Writes of small files may settle without the loop taking a turn; an abort needs one.
    await new Promise((done) => setImmediate(done))
  }
}

/** Renames the draft; an empty folder at the target gives way. */
async function moveInto(draft: string, folder: string): Promise<void> {
  await rmdir(folder).catch((error: unknown) => {
    if (!hasCode(error, 'ENOENT')) throw error
  })
  await rename(draft, folder)
}

/**
 * True when the folder holds this very data set, complete; false when it is free.
 * @throws SoundfoldError `conflict` when it holds anything else.
 */
async function isKept(folder: string, record: DemoRecord, clips: readonly DemoClip[]): Promise<boolean> {
  let entries: string[]
  try {
    entries = await readdir(folder)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false
    if (!hasCode(error, 'ENOTDIR')) throw writeError(error, folder)
    throw conflict(`${folder} is a file, not a folder.`)
  }
  if (entries.length === 0) return false
  if (!entries.includes('demo.json')) throw conflict(`${folder} is not empty and holds no demo data set.`)
  if ((await readFile(join(folder, 'demo.json'), 'utf8')) !== jsonText(record))
    throw conflict(`${folder} holds a demo data set of another seed, size or version.`)
  for (const path of [CSV_PATH, ...clips.map(clipPath)])
    if (!(await exists(join(folder, path)))) throw conflict(`The demo data set in ${folder} lacks ${path}.`)
  return true
}

function csvText(clips: readonly DemoClip[]): string {
  const rows = clips.map((clip) => {
    const { fsID, rate, salience, fold } = clip.recording
    const end = clip.start + clip.frames / rate
    const cells = [clipFileName(clip), fsID, seconds(clip.start), seconds(end), salience, fold, clip.classID]
    return [...cells, className(clip.classID)].join(',')
  })
  return `${[CSV_HEADER, ...rows].join('\n')}\n`
}

/** Six decimals at most: far less than one sample. */
function seconds(value: number): string {
  return String(Number(value.toFixed(6)))
}

function plantedRow(clip: DemoClip) {
  const { fold, soundClass, salience } = clip.recording
  return {
    slice_file_name: clipFileName(clip),
    fold,
    salience,
    labelledClassID: clip.classID,
    labelledClass: className(clip.classID),
    trueClassID: soundClass,
    trueClass: className(soundClass),
  }
}

function clipPath(clip: DemoClip): string {
  return join('audio', `fold${clip.recording.fold}`, clipFileName(clip))
}

function className(id: number): string {
  return SOUND_CLASSES[id]?.name ?? ''
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

function requireWhole(name: string, value: number, low: number, high: number): void {
  if (Number.isInteger(value) && value >= low && value <= high) return
  throw new SoundfoldError(
    'invalid-input',
    `${name} must be a whole number from ${low} to ${high}, not ${value}.`,
  )
}

function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new SoundfoldError('cancelled', 'Making the demo data set was cancelled.')
}

function conflict(message: string): SoundfoldError {
  return new SoundfoldError('conflict', message, {
    hint: 'Choose an empty or new folder, or remove this one first.',
  })
}

function writeError(error: unknown, folder: string): unknown {
  if (hasCode(error, 'ENOTEMPTY', 'EEXIST')) return conflict(`${folder} is not empty.`)
  if (hasCode(error, 'ENOSPC', 'EDQUOT'))
    return new SoundfoldError(
      'disk-full',
      `The disk is full; the demo data set was not written to ${folder}.`,
      {
        hint: 'The demo needs about 150 MB.',
        cause: error,
      },
    )
  if (hasCode(error, 'EACCES', 'EPERM', 'EROFS'))
    return new SoundfoldError('workspace-unwritable', `${folder} cannot be written.`, {
      hint: 'Choose a folder that you may write to.',
      cause: error,
    })
  return error
}

function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code)
  )
}
