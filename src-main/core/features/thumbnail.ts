import type { MonoAudio } from '../audio/decode-mono.ts'
import { extractFeature } from './extract.ts'
import { featureRecipeSchema } from './recipe.ts'

/** Of every thumbnail, whatever the clip's length. */
export const THUMBNAIL = { rows: 48, columns: 96 } as const
/** Of a longer clip, its beginning is shown. */
export const THUMBNAIL_SECONDS = 30
const SAMPLE_RATE_HZ = 22_050
const RANGE_DB = 80
/** Of 16-bit audio, less than a step. */
const SILENT_PEAK = 1e-5

/**
 * A clip's mel spectrogram, small: 48 bands by 96 columns over its whole length, each column one frame of 1024 samples.
 * @returns a byte a value, [rows, columns], lowest band first: 0 for 80 dB and more below the loudest, 255 for the loudest
 */
export function thumbnailOf(audio: Pick<MonoAudio, 'samples' | 'sampleRateHz'>): Uint8Array {
  const { rows, columns } = THUMBNAIL
  const bytes = new Uint8Array(rows * columns)
  if (!audio.samples.some((sample) => Math.abs(sample) > SILENT_PEAK)) return bytes
  const durationSeconds = Math.max(0.01, audio.samples.length / audio.sampleRateHz)
  const recipe = featureRecipeSchema.parse({
    kind: 'log-mel',
    sampleRateHz: SAMPLE_RATE_HZ,
    durationSeconds,
    nFft: 1024,
    hopLength: Math.max(1, Math.floor((durationSeconds * SAMPLE_RATE_HZ) / columns)),
    nMels: rows,
    topDb: RANGE_DB,
  })
  const { data, frames } = extractFeature(audio, recipe)
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const decibels = data[row * frames + Math.min(column, frames - 1)] ?? -RANGE_DB
      bytes[row * columns + column] = Math.round(255 * (1 + Math.max(-RANGE_DB, decibels) / RANGE_DB))
    }
  return bytes
}
