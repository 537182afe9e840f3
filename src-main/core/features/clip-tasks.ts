import { readFileSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { SoundfoldError } from '../../contract/errors.ts'
import { writeFileAtomic } from '../atomic-write.ts'
import { decodeMono, joinMono, type MonoAudio } from '../audio/decode-mono.ts'
import { decodeStream } from '../audio/decode-stream.ts'
import { readAudioHeader } from '../audio/header.ts'
import { PeakBuilder } from '../audio/peaks.ts'
import { playableWav } from '../audio/playable.ts'
import { extractFeature, neededSeconds, type SoundSettings } from './extract.ts'
import { encodeFeatureFile } from './feature-file.ts'
import type { FeatureMatrix } from './log-mel.ts'
import type { FeatureRecipe } from './recipe.ts'
import { clipSummary } from './summary.ts'

/** Work on one clip, done in a feature thread: paths in, a finished file (or bytes) out. */

/** Buckets of a stored waveform: finer than any panel is wide, small enough to send at once. */
const PEAK_BUCKETS = 2000

/** A thread has nothing else to do meanwhile, and reading at once takes half the time. */
function readAudio(path: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new SoundfoldError('missing-file', `${basename(path)} can't be read: it is missing or locked.`, {
      hint: 'If the folder was moved, relink the dataset.',
      cause: error,
    })
  }
}

/** Files larger than this are read block by block, and only as far as is needed. */
const LARGE_BYTES = 2 ** 26

/** As much of a clip as a recipe needs, at least. */
export async function monoFor(path: string, recipe: SoundSettings): Promise<MonoAudio> {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  if (size <= LARGE_BYTES) return decodeMono(readAudio(path), basename(path))
  return joinMono(decodeStream(path), neededSeconds(recipe))
}

export interface FeatureTask {
  audioPath: string
  recipe: FeatureRecipe
  outputPath: string
}

/** Writes the clip's feature file. @returns its size in bytes */
export async function extractFeatureFile({ audioPath, recipe, outputPath }: FeatureTask): Promise<number> {
  const file = encodeFeatureFile(extractFeature(await monoFor(audioPath, recipe), recipe))
  await writeFileAtomic(outputPath, file)
  return file.byteLength
}

/** The clip's features themselves. */
export async function previewFeature(task: {
  audioPath: string
  recipe: FeatureRecipe
}): Promise<FeatureMatrix> {
  return extractFeature(await monoFor(task.audioPath, task.recipe), task.recipe)
}

/** The clip in numbers, as rows of name and value: a Map does not become JSON. */
export async function summarise(task: { audioPath: string }): Promise<[string, number][]> {
  return [...clipSummary(await decodeMono(readAudio(task.audioPath), basename(task.audioPath)))]
}

/** Writes the clip's waveform: float32 little-endian, min and max of each bucket in turn, over all channels. */
export async function makePeaksFile(task: { audioPath: string; outputPath: string }): Promise<void> {
  const { frames } = await readAudioHeader(task.audioPath)
  const builder = new PeakBuilder(frames, PEAK_BUCKETS)
  for await (const { channels } of decodeStream(task.audioPath)) builder.add(channels)
  const { peaks } = builder
  await writeFileAtomic(task.outputPath, new Uint8Array(peaks.buffer, peaks.byteOffset, peaks.byteLength))
}

/** The clip as a 16-bit WAV file, for formats that a browser can't play. */
export function makePlayable(task: { audioPath: string }): Promise<Uint8Array> {
  return playableWav(task.audioPath)
}
