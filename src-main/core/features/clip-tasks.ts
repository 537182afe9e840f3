import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { SoundfoldError } from '../../contract/errors.ts'
import { writeFileAtomic } from '../atomic-write.ts'
import { decodeAudio } from '../audio/decode.ts'
import { decodeMono } from '../audio/decode-mono.ts'
import { waveformPeaks } from '../audio/peaks.ts'
import { encodeWav } from '../audio/wav-encode.ts'
import { extractFeature } from './extract.ts'
import { encodeFeatureFile } from './feature-file.ts'
import type { FeatureMatrix } from './log-mel.ts'
import type { FeatureRecipe } from './recipe.ts'

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

const monoOf = (path: string) => decodeMono(readAudio(path), basename(path))
const channelsOf = (path: string) => decodeAudio(readAudio(path), basename(path))

export interface FeatureTask {
  audioPath: string
  recipe: FeatureRecipe
  outputPath: string
}

/** Writes the clip's feature file. @returns its size in bytes */
export async function extractFeatureFile({ audioPath, recipe, outputPath }: FeatureTask): Promise<number> {
  const file = encodeFeatureFile(extractFeature(await monoOf(audioPath), recipe))
  await writeFileAtomic(outputPath, file)
  return file.byteLength
}

/** The clip's features themselves. */
export async function previewFeature(task: {
  audioPath: string
  recipe: FeatureRecipe
}): Promise<FeatureMatrix> {
  return extractFeature(await monoOf(task.audioPath), task.recipe)
}

/** Writes the clip's waveform: float32 little-endian, min and max of each bucket in turn, over all channels. */
export async function makePeaksFile(task: { audioPath: string; outputPath: string }): Promise<void> {
  const peaks = waveformPeaks((await channelsOf(task.audioPath)).channels, PEAK_BUCKETS)
  await writeFileAtomic(task.outputPath, new Uint8Array(peaks.buffer, peaks.byteOffset, peaks.byteLength))
}

/** The clip as a 16-bit WAV file, for formats that a browser can't play. */
export async function makePlayable(task: { audioPath: string }): Promise<Uint8Array> {
  const decoded = await channelsOf(task.audioPath)
  return encodeWav(decoded.channels, decoded.sampleRateHz)
}
