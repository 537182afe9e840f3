import { toMono } from '../audio/channels.ts'
import { resample } from '../audio/resample.ts'
import type { DecodedAudio } from '../audio/types.ts'
import { type FeatureMatrix, melPower, powerToDb } from './log-mel.ts'
import { type FeatureRecipe, recipeSamples } from './recipe.ts'

/**
 * The recipe's picture of a clip: mono → the recipe's rate → cut or zero-padded to its duration → mel power → dB.
 * Equals librosa's load, melspectrogram and power_to_db(ref=np.max) within the resampler's transition band.
 * @returns [nMels, frames], dB, −topDb … 0
 */
export function extractLogMel(audio: DecodedAudio, recipe: FeatureRecipe): FeatureMatrix {
  const wanted = recipeSamples(recipe)
  const mono = toMono(audio.channels)
  // What will be cut need not be resampled; the rest keeps the filter's reach.
  const needed = Math.ceil((recipe.durationSeconds + 1) * audio.sampleRateHz)
  const samples = resample(mono.subarray(0, needed), audio.sampleRateHz, recipe.sampleRateHz)
  const fitted = new Float32Array(wanted)
  fitted.set(samples.subarray(0, wanted))
  return powerToDb(melPower(fitted, recipe), { topDb: recipe.topDb })
}
