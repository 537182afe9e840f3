import { mkdir, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { csvText } from '../../contract/csv.ts'
import { type Recipe, recipeShape } from '../../contract/embedding.ts'
import type { FeatureExport, FeatureExportFormat } from '../../contract/model.ts'
import { type AudioClip, type FeatureStore, isOneClipsError } from '../features/feature-store.ts'
import type { FeatureMatrix } from '../features/log-mel.ts'
import { forEachLimited } from '../features/worker-pool.ts'
import type { JobContext } from '../jobs/job-queue.ts'
import { clipPlaces } from './names.ts'
import { contentOf, makeFolder, type NewPlace } from './new-folder.ts'
import { npyFloats, npyHeader, npyIntegers, npyTexts } from './npy.ts'
import { writeNpz } from './npz.ts'
import { pictureOf } from './picture.ts'

/** A clip and what an export says of it. */
export interface ExportClip extends AudioClip {
  fileName: string
  fold: number
  classId: number
  className: string
  /** The recording it was cut from; empty where the dataset names none. */
  group: string
}

export interface ExportRequest {
  clips: readonly ExportClip[]
  recipeName: string
  recipe: Recipe
  format: FeatureExportFormat
  target: NewPlace
}

/** What an export asks of the feature cache. */
export type ExportSource = Pick<FeatureStore, 'extractAll' | 'read' | 'summary'>

/**
 * Writes a dataset's features in a form that other programs read, extracting what is missing. The folder appears when all is
 * written: a cancel or a full disk leaves nothing. Clips that can't be decoded are listed and left out.
 * @throws SoundfoldError disk-full | conflict; the signal's reason
 */
export async function exportFeatures(
  request: ExportRequest,
  features: ExportSource,
  context: JobContext,
): Promise<FeatureExport> {
  const { clips, recipe, format, target } = request
  const failed: FeatureExport['failed'] = []
  const { folder, result } = await makeFolder(target, async (work) => {
    if (format !== 'csv') {
      const extracted = await features.extractAll(clips, recipe, context.signal, (done, total) =>
        context.progress('Extracting features', done, total),
      )
      failed.push(...extracted.failed)
    }
    const writer = { request, work, features, context, failed }
    if (format === 'csv') await writeSummaries(writer)
    else if (format === 'npz') await writeSet(writer)
    else await writeEach(writer)
    context.signal.throwIfAborted()
    return contentOf(work)
  })
  return { folder, ...result, clips: clips.length - failed.length, failed }
}

interface Writer {
  request: ExportRequest
  /** Where to write. */
  work: string
  features: ExportSource
  context: JobContext
  /** Clips that are left out; grows. */
  failed: FeatureExport['failed']
}

/** Notes a clip whose audio is at fault; throws what concerns the whole export. */
function leaveOut({ failed, context }: Writer, { clipId, path }: ExportClip, error: unknown): void {
  if (context.signal.aborted || !isOneClipsError(error)) throw error
  failed.push({ clipId, file: path, message: error.message })
}

function stillUsable({ request, failed }: Writer): ExportClip[] {
  const out = new Set(failed.map(({ clipId }) => clipId))
  return request.clips.filter(({ clipId }) => !out.has(clipId))
}

/** Where a stored feature proves damaged and its audio can't be read any more. */
class LostClip extends Error {}

/** One `features.npz` for the whole set; only one clip's features are in memory at a time. */
async function writeSet(writer: Writer): Promise<void> {
  const { request, work, context } = writer
  for (;;) {
    const clips = stillUsable(writer)
    const { rows, frames } = recipeShape(request.recipe)
    const shape = [clips.length, rows, frames]
    const header = npyHeader('<f4', shape)
    const sizeBytes = header.length + 4 * shape.reduce((product, length) => product * length, 1)
    const names = new Map(clips.map(({ classId, className }) => [classId, className]))
    const classIds = [...names.keys()].sort((a, b) => a - b)
    const hasGroups = clips.some(({ group }) => group !== '')
    const arrays = {
      labels: npyIntegers(clips.map(({ classId }) => classId)),
      folds: npyIntegers(clips.map(({ fold }) => fold)),
      file_names: npyTexts(clips.map(({ fileName }) => fileName)),
      ...(hasGroups ? { groups: npyTexts(clips.map(({ group }) => group)) } : {}),
      class_ids: npyIntegers(classIds),
      class_names: npyTexts(classIds.map((id) => names.get(id) ?? '')),
      recipe: npyTexts(JSON.stringify({ name: request.recipeName, ...request.recipe })),
      features: { sizeBytes, pieces: setPieces(writer, clips, header) },
    }
    try {
      return await writeNpz(join(work, 'features.npz'), arrays, context.signal)
    } catch (error) {
      // The count stands at the file's beginning, so it is written again without this clip.
      if (!(error instanceof LostClip)) throw error
    }
  }
}

async function* setPieces(
  writer: Writer,
  clips: readonly ExportClip[],
  header: Uint8Array,
): AsyncGenerator<Uint8Array> {
  const { request, features, context } = writer
  yield header
  for (const [done, clip] of clips.entries()) {
    context.progress('Writing features', done, clips.length)
    context.signal.throwIfAborted()
    let matrix: FeatureMatrix
    try {
      matrix = await features.read(clip, request.recipe, context.signal)
    } catch (error) {
      leaveOut(writer, clip, error)
      throw new LostClip()
    }
    const { buffer, byteOffset, byteLength } = matrix.data
    yield new Uint8Array(buffer, byteOffset, byteLength)
  }
}

/** Clips at once: enough to keep the threads that measure, and those that compress, busy. */
const CLIPS_AT_ONCE = Math.max(8, 2 * availableParallelism())

/** A file a clip: `.npz` with the matrix as `arr_0` in a folder a fold, as the article saved them, or pictures by class. */
async function writeEach(writer: Writer): Promise<void> {
  const { request, work, features, context } = writer
  const { recipe, format } = request
  const isPicture = format === 'png'
  const clips = stillUsable(writer)
  const places = clipPlaces(clips, isPicture ? '.png' : '.npz', { byClass: isPicture })
  const rows: (string | number)[][] = clips.map(() => [])
  let done = 0
  await forEachLimited([...clips.entries()], CLIPS_AT_ONCE, context.signal, async ([index, clip]) => {
    const place = places[index] ?? ''
    const path = join(work, place)
    try {
      const matrix = await features.read(clip, recipe, context.signal)
      await mkdir(dirname(path), { recursive: true })
      if (isPicture) await writeFile(path, await pictureOf(matrix, recipe))
      else {
        const array = npyFloats(matrix.data, [matrix.rows, matrix.frames])
        await writeNpz(path, { arr_0: array }, context.signal)
      }
      rows[index] = [place, ...clipColumns(clip)]
    } catch (error) {
      leaveOut(writer, clip, error)
    }
    done += 1
    context.progress('Writing features', done, clips.length)
  })
  const written = rows.filter((row) => row.length > 0)
  await writeFile(join(work, 'metadata.csv'), csvText([['path', ...CLIP_COLUMNS], ...written]), FLUSHED)
}

/** A row a clip: what it is, and its summary's numbers. */
async function writeSummaries(writer: Writer): Promise<void> {
  const { request, work, features, context } = writer
  const { clips } = request
  const rows: (string | number)[][] = clips.map(() => [])
  let columns: readonly string[] = []
  let done = 0
  context.progress('Measuring clips', 0, clips.length)
  await forEachLimited([...clips.entries()], CLIPS_AT_ONCE, context.signal, async ([index, clip]) => {
    try {
      const summary = await features.summary(clip, context.signal)
      columns = summary.map(([name]) => name)
      rows[index] = [...clipColumns(clip), ...summary.map(([, value]) => value)]
    } catch (error) {
      leaveOut(writer, clip, error)
    }
    done += 1
    context.progress('Measuring clips', done, clips.length)
  })
  const written = rows.filter((row) => row.length > 0)
  await writeFile(join(work, 'features.csv'), csvText([[...CLIP_COLUMNS, ...columns], ...written]), FLUSHED)
}

const FLUSHED = { flush: true }

const CLIP_COLUMNS = ['file', 'fold', 'class_id', 'class', 'group']
const clipColumns = ({ fileName, fold, classId, className, group }: ExportClip) => [
  fileName,
  fold,
  classId,
  className,
  group,
]
