import { createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ZipFile } from 'yazl'
import { SoundfoldError } from '../../contract/errors.ts'
import type { FeatureExport, FeatureExportFormat } from '../../contract/model.ts'
import type { AudioClip, FeatureStore } from '../features/feature-store.ts'
import type { FeatureMatrix } from '../features/log-mel.ts'
import { type FeatureRecipe, recipeFrames, recipeRows } from '../features/recipe.ts'
import type { JobContext } from '../jobs/job-queue.ts'
import { csvText } from './csv.ts'
import { npyFloats, npyHeader, npyIntegers, npyTexts } from './npy.ts'
import { encodePng } from './png.ts'

/** A clip and what an export says of it. */
export interface ExportClip extends AudioClip {
  fileName: string
  fold: number
  classId: number
  className: string
  /** Empty where the dataset names none. */
  recording: string
}

export interface ExportRequest {
  clips: readonly ExportClip[]
  recipeName: string
  recipe: FeatureRecipe
  format: FeatureExportFormat
  /** Where exports are kept; a new folder is made in it. */
  folder: string
  /** Of that folder, before its number. */
  name: string
}

/**
 * Writes a dataset's features in a form that other programs read. All is made in a folder that gets its name at the end, so a
 * cancel or a full disk leaves nothing. Clips that can't be decoded are listed and left out.
 * @throws SoundfoldError disk-full; the signal's reason
 */
export async function exportFeatures(
  request: ExportRequest,
  features: FeatureStore,
  context: JobContext,
): Promise<FeatureExport> {
  const { clips, recipe, format } = request
  const { signal } = context
  const failed = new Set<number>()
  const failures: FeatureExport['failed'] = []
  if (format !== 'csv') {
    const extracted = await features.extractAll(clips, recipe, signal, (done, total) =>
      context.progress('Extracting features', done, total),
    )
    for (const failure of extracted.failed) failed.add(failure.clipId)
    failures.push(...extracted.failed)
  }
  await mkdir(request.folder, { recursive: true })
  const work = await mkdtemp(join(request.folder, '.unfinished-'))
  try {
    const usable = clips.filter(({ clipId }) => !failed.has(clipId))
    const writer = { ...request, clips: usable, work, features, context }
    let files: number
    if (format === 'npz') files = await writeSet(writer)
    else if (format === 'csv') files = await writeSummaries(writer, failures)
    else files = await writeEach(writer)
    const folder = await settle(work, join(request.folder, request.name))
    return { folder, files, clips: clips.length - failures.length, failed: failures }
  } catch (error) {
    await rm(work, { recursive: true, force: true })
    if (error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT'))
      throw new SoundfoldError('disk-full', `No space is left to write the export in ${request.folder}.`, {
        hint: 'Free some space and start again; the features themselves are kept.',
        cause: error,
      })
    throw error
  }
}

interface Writer extends ExportRequest {
  work: string
  features: FeatureStore
  context: JobContext
}

/** One `features.npz` for the whole set; only one clip's features are in memory at a time. */
async function writeSet({ clips, recipe, recipeName, work, features, context }: Writer): Promise<number> {
  const shape = [clips.length, recipeRows(recipe), recipeFrames(recipe)]
  const header = npyHeader('<f4', shape)
  const size = header.length + 4 * shape.reduce((product, length) => product * length, 1)
  async function* content() {
    yield header
    for await (const { data } of eachMatrix(clips, recipe, features, context))
      yield new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  }
  const names = new Map(clips.map(({ classId, className }) => [classId, className]))
  const classIds = [...names.keys()].sort((a, b) => a - b)
  const zip = new ZipFile()
  const entries: Record<string, Uint8Array> = {
    labels: npyIntegers(clips.map(({ classId }) => classId)),
    folds: npyIntegers(clips.map(({ fold }) => fold)),
    file_names: npyTexts(clips.map(({ fileName }) => fileName)),
    recordings: npyTexts(clips.map(({ recording }) => recording)),
    class_ids: npyIntegers(classIds),
    class_names: npyTexts(classIds.map((id) => names.get(id) ?? '')),
    recipe: npyTexts(JSON.stringify({ name: recipeName, ...recipe })),
  }
  for (const [name, bytes] of Object.entries(entries)) zip.addBuffer(Buffer.from(bytes), `${name}.npy`)
  const source = Readable.from(content(), { objectMode: false })
  // An error of the source is not handed on by the archive.
  const broken = new Promise<never>((_, reject) => source.once('error', reject))
  zip.addReadStream(source, 'features.npy', { size, compress: false, forceZip64Format: size >= 2 ** 32 })
  zip.end()
  const target = createWriteStream(join(work, 'features.npz'))
  await Promise.race([pipeline(zip.outputStream, target, { signal: context.signal }), broken])
  return 1
}

/** A file a clip, in a folder a fold: `.npz` with the matrix as `arr_0`, as the article saved them, or a picture. */
async function writeEach(writer: Writer): Promise<number> {
  const { clips, recipe, format, work, features, context } = writer
  const extension = format === 'png' ? 'png' : 'npz'
  const place = uniquePlaces(clips, extension)
  let index = 0
  for await (const matrix of eachMatrix(clips, recipe, features, context)) {
    const path = join(work, place[index] ?? '')
    await mkdir(join(path, '..'), { recursive: true })
    if (format === 'png') await writeFile(path, pictureOf(matrix, recipe))
    else await writeNpz(path, matrix)
    index += 1
  }
  const rows = clips.map((clip, at) => [place[at] ?? '', ...clipColumns(clip)])
  await writeFile(join(work, 'metadata.csv'), csvText([['path', ...CLIP_COLUMNS], ...rows]))
  return clips.length + 1
}

async function writeNpz(path: string, { data, rows, frames }: FeatureMatrix): Promise<void> {
  const zip = new ZipFile()
  zip.addBuffer(Buffer.from(npyFloats(data, [rows, frames])), 'arr_0.npy')
  zip.end()
  await pipeline(zip.outputStream, createWriteStream(path))
}

/** A row a clip: what it is, and its summary's numbers. */
async function writeSummaries(
  { clips, work, features, context }: Writer,
  failures: FeatureExport['failed'],
): Promise<number> {
  const rows: (string | number)[][] = []
  let columns: readonly string[] = []
  for (const [done, clip] of clips.entries()) {
    context.progress('Measuring clips', done, clips.length)
    context.signal.throwIfAborted()
    try {
      const summary = await features.summary(clip, context.signal)
      columns = summary.map(([name]) => name)
      rows.push([...clipColumns(clip), ...summary.map(([, value]) => value)])
    } catch (error) {
      if (context.signal.aborted || !(error instanceof SoundfoldError)) throw error
      failures.push({ clipId: clip.clipId, file: clip.path, message: error.message })
    }
  }
  await writeFile(join(work, 'features.csv'), csvText([[...CLIP_COLUMNS, ...columns], ...rows]))
  return 1
}

async function* eachMatrix(
  clips: readonly ExportClip[],
  recipe: FeatureRecipe,
  features: FeatureStore,
  { progress, signal }: JobContext,
): AsyncGenerator<FeatureMatrix> {
  for (const [done, clip] of clips.entries()) {
    progress('Writing features', done, clips.length)
    signal.throwIfAborted()
    yield await features.read(clip, recipe, signal)
  }
}

const CLIP_COLUMNS = ['file', 'fold', 'class_id', 'class', 'recording']
const clipColumns = ({ fileName, fold, classId, className, recording }: ExportClip) => [
  fileName,
  fold,
  classId,
  className,
  recording,
]

/** `fold1/NAME.npz` for each clip: names of datasets are untrusted, so nothing but letters, digits, dots and hyphens is kept. */
function uniquePlaces(clips: readonly ExportClip[], extension: string): string[] {
  const taken = new Set<string>()
  return clips.map(({ fileName, fold }) => {
    const stem = basename(fileName)
      .replace(/\.[^.]*$/, '')
      .replace(/[^\p{L}\p{N}.-]+/gu, '_')
      .replace(/^\.+/, '_')
      .slice(0, 120)
    for (let copy = 1; ; copy++) {
      const place = `fold${fold}/${stem || 'clip'}${copy === 1 ? '' : `-${copy}`}.${extension}`
      // Some file systems don't tell small letters from capitals.
      if (taken.has(place.toLowerCase())) continue
      taken.add(place.toLowerCase())
      return place
    }
  })
}

/** The highest row at the top. dB pictures have one scale (−topDb black, 0 white), so that clips can be compared. */
function pictureOf({ data, rows, frames }: FeatureMatrix, recipe: FeatureRecipe): Uint8Array {
  const fixed = recipe.kind === 'log-mel' && recipe.decibelReference === 'max' && recipe.topDb !== null
  const isBytes = recipe.scaling === 'bytes'
  const low = isBytes
    ? 0
    : fixed
      ? -(recipe.topDb ?? 0)
      : data.reduce((least, x) => Math.min(least, x), Infinity)
  const high = isBytes ? 255 : fixed ? 0 : data.reduce((most, x) => Math.max(most, x), -Infinity)
  const scale = high > low ? 255 / (high - low) : 0
  const pixels = new Uint8Array(rows * frames)
  for (let row = 0; row < rows; row++)
    for (let frame = 0; frame < frames; frame++)
      pixels[(rows - 1 - row) * frames + frame] = Math.round(
        ((data[row * frames + frame] ?? low) - low) * scale,
      )
  return encodePng(pixels, frames, rows)
}

/** Gives the finished folder its name, or that with the first free number. */
async function settle(work: string, wanted: string): Promise<string> {
  for (let number = 1; ; number++) {
    const target = number === 1 ? wanted : `${wanted}-${number}`
    const taken = await stat(target).catch(() => undefined)
    if (taken) continue
    await rename(work, target)
    return target
  }
}
