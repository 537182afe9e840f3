import { writeFileAtomic } from '../atomic-write.ts'
import { decodeMonoStart } from '../audio/decode-mono.ts'
import { decodeStream } from '../audio/decode-stream.ts'
import { readAudioHeader } from '../audio/header.ts'
import { PeakBuilder } from '../audio/peaks.ts'
import { playableWav } from '../audio/playable.ts'
import { extractFeature, neededSeconds } from './extract.ts'
import { encodeFeatureFile } from './feature-file.ts'
import type { FeatureMatrix } from './log-mel.ts'
import type { FeatureRecipe } from './recipe.ts'
import { clipSummary } from './summary.ts'
import { THUMBNAIL_SECONDS, thumbnailOf } from './thumbnail.ts'

/** Work on one clip, done in a feature thread: paths in, a finished file (or bytes) out. */

/** Buckets of a stored waveform: finer than any panel is wide, small enough to send at once. */
const PEAK_BUCKETS = 2000

export interface FeatureTask {
  audioPath: string
  recipe: FeatureRecipe
  outputPath: string
}

/** Writes the clip's feature file. @returns its size in bytes */
export async function extractFeatureFile({ audioPath, recipe, outputPath }: FeatureTask): Promise<number> {
  const file = encodeFeatureFile(
    extractFeature(await decodeMonoStart(audioPath, neededSeconds(recipe)), recipe),
  )
  await writeFileAtomic(outputPath, file)
  return file.byteLength
}

/** The clip's features themselves. */
export async function previewFeature(task: {
  audioPath: string
  recipe: FeatureRecipe
}): Promise<FeatureMatrix> {
  return extractFeature(await decodeMonoStart(task.audioPath, neededSeconds(task.recipe)), task.recipe)
}

/** The clip in numbers, as rows of name and value: a Map does not become JSON. */
export async function summarise(task: { audioPath: string }): Promise<[string, number][]> {
  return [...clipSummary(await decodeMonoStart(task.audioPath, Number.POSITIVE_INFINITY))]
}

/** Writes the clip's waveform: float32 little-endian, min and max of each bucket in turn, over all channels. */
export async function makePeaksFile(task: { audioPath: string; outputPath: string }): Promise<void> {
  const { frames } = await readAudioHeader(task.audioPath)
  const builder = new PeakBuilder(frames, PEAK_BUCKETS)
  for await (const { channels } of decodeStream(task.audioPath)) builder.add(channels)
  const { peaks } = builder
  await writeFileAtomic(task.outputPath, new Uint8Array(peaks.buffer, peaks.byteOffset, peaks.byteLength))
}

/** Writes the clip's small picture. */
export async function makeThumbnailFile(task: { audioPath: string; outputPath: string }): Promise<void> {
  await writeFileAtomic(
    task.outputPath,
    thumbnailOf(await decodeMonoStart(task.audioPath, THUMBNAIL_SECONDS)),
  )
}

/** The clip as a 16-bit WAV file, for formats that a browser can't play. */
export function makePlayable(task: { audioPath: string }): Promise<Uint8Array> {
  return playableWav(task.audioPath)
}
