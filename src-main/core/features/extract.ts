import type { MonoAudio } from '../audio/decode-mono.ts'
import { resample } from '../audio/resample.ts'
import { chroma } from './chroma.ts'
import { trimSilence } from './frames.ts'
import { type FeatureMatrix, melPower, powerToDb } from './log-mel.ts'
import { delta, mfcc, stacked } from './mfcc.ts'
import { pcen } from './pcen.ts'
import { type FeatureRecipe, recipeSamples } from './recipe.ts'
import { shiftPitch, timeStretch } from './time-stretch.ts'

/**
 * The recipe's picture of a clip: the recipe's rate → trimmed → stretched and shifted in pitch → cut, padded or repeated to its duration → the feature.
 * Equals what librosa gives by the same steps, within the resampler's transition band.
 * @returns [rows, frames] of the recipe
 */
export function extractFeature(
  audio: Pick<MonoAudio, 'samples' | 'sampleRateHz'>,
  recipe: FeatureRecipe,
): FeatureMatrix {
  const matrix = featureOf(soundOf(audio, recipe), recipe)
  return recipe.scaling === 'bytes' ? toBytes(matrix) : matrix
}

/** What is done to a clip before its features are computed. */
export type SoundSettings = Pick<
  FeatureRecipe,
  'sampleRateHz' | 'durationSeconds' | 'placement' | 'trimTopDb' | 'timeStretch' | 'pitchShiftSemitones'
>

/** A clip at a rate, trimmed, stretched and shifted in pitch, and cut, padded or repeated to a duration. */
export function soundOf(
  audio: Pick<MonoAudio, 'samples' | 'sampleRateHz'>,
  sound: SoundSettings,
): Float32Array {
  const stretched = timeStretch(atRate(audio, sound), sound.timeStretch)
  return fitted(shiftPitch(stretched, sound.pitchShiftSemitones), sound)
}

/** What a recipe needs of a clip from its beginning: all of it where silence is trimmed. */
export function neededSeconds({ durationSeconds, timeStretch, trimTopDb }: SoundSettings): number {
  return trimTopDb === null ? durationSeconds * timeStretch + 1 : Number.POSITIVE_INFINITY
}

function atRate(
  { samples, sampleRateHz }: Pick<MonoAudio, 'samples' | 'sampleRateHz'>,
  recipe: SoundSettings,
): Float32Array {
  const { trimTopDb } = recipe
  if (trimTopDb !== null) return trimSilence(resample(samples, sampleRateHz, recipe.sampleRateHz), trimTopDb)
  // What will be cut need not be resampled; the rest keeps the filter's reach.
  const needed = Math.ceil(neededSeconds(recipe) * sampleRateHz)
  return resample(samples.subarray(0, needed), sampleRateHz, recipe.sampleRateHz)
}

function fitted(samples: Float32Array, recipe: SoundSettings): Float32Array {
  const wanted = recipeSamples(recipe)
  const kept = samples.subarray(0, wanted)
  const out = new Float32Array(wanted)
  if (recipe.placement === 'centre') out.set(kept, Math.floor((wanted - kept.length) / 2))
  else if (recipe.placement === 'start' || kept.length === 0) out.set(kept)
  else for (let at = 0; at < wanted; at += kept.length) out.set(kept.subarray(0, wanted - at), at)
  return out
}

function featureOf(samples: Float32Array, recipe: FeatureRecipe): FeatureMatrix {
  const { kind, melScale, melNorm, decibelReference, topDb } = recipe
  if (kind === 'chroma') return chroma(samples, recipe)
  const mel = melPower(samples, { ...recipe, scale: melScale, norm: melNorm })
  if (kind === 'mel') return mel
  if (kind === 'pcen') return pcen(mel, recipe)
  const decibels = powerToDb(mel, {
    reference: decibelReference,
    topDb,
    factor: recipe.power === 1 ? 20 : 10,
  })
  if (kind === 'log-mel') return decibels
  const coefficients = mfcc(decibels, recipe.nMfcc)
  const parts = [coefficients]
  if (recipe.deltas >= 1) parts.push(delta(coefficients, 1))
  if (recipe.deltas >= 2) parts.push(delta(coefficients, 2))
  return stacked(parts)
}

/** trunc(255 · (x − min) / (max − min)); zeros where all values are equal. In place. */
function toBytes(matrix: FeatureMatrix): FeatureMatrix {
  const { data } = matrix
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const value of data) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  const span = high - low
  for (let index = 0; index < data.length; index++)
    data[index] = span > 0 ? Math.trunc((255 * ((data[index] ?? 0) - low)) / span) : 0
  return matrix
}
