import type { MonoAudio } from '../audio/decode-mono.ts'
import { resample } from '../audio/resample.ts'
import { chroma } from './chroma.ts'
import { rms, zeroCrossingRate } from './frames.ts'
import { melPower, powerToDb } from './log-mel.ts'
import { mfcc } from './mfcc.ts'
import { spectralShape } from './spectral.ts'

/** librosa's defaults for all of them. */
const SETTINGS = { sampleRateHz: 22_050, nFft: 2048, hopLength: 512, nMels: 128, fMinHz: 0, fMaxHz: 11_025 }
const COEFFICIENTS = 20

/**
 * A clip in numbers: mean and (population) standard deviation over its frames of MFCC 0 … 19, chroma, spectral centroid,
 * bandwidth, roll-off and flatness, zero-crossing rate and RMS, each as librosa computes it with its defaults at 22050 Hz. The
 * whole clip, neither padded nor trimmed.
 * @returns name → value, always in the same order
 */
export function clipSummary(audio: Pick<MonoAudio, 'samples' | 'sampleRateHz'>): Map<string, number> {
  const samples = resample(audio.samples, audio.sampleRateHz, SETTINGS.sampleRateHz)
  const summary = new Map<string, number>()
  const add = (name: string, values: Float32Array) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
    summary.set(`${name}_mean`, mean)
    summary.set(`${name}_std`, Math.sqrt(variance))
  }
  const decibels = powerToDb(melPower(samples, SETTINGS), { reference: 1 })
  const cepstrum = mfcc(decibels, COEFFICIENTS)
  for (let row = 0; row < cepstrum.rows; row++)
    add(`mfcc_${row}`, cepstrum.data.subarray(row * cepstrum.frames, (row + 1) * cepstrum.frames))
  const classes = chroma(samples, SETTINGS)
  for (let row = 0; row < classes.rows; row++)
    add(`chroma_${row}`, classes.data.subarray(row * classes.frames, (row + 1) * classes.frames))
  const shape = spectralShape(samples, SETTINGS)
  add('spectral_centroid_hz', shape.centroidHz)
  add('spectral_bandwidth_hz', shape.bandwidthHz)
  add('spectral_rolloff_hz', shape.rollOffHz)
  add('spectral_flatness', shape.flatness)
  add('zero_crossing_rate', zeroCrossingRate(samples))
  add('rms', rms(samples))
  return summary
}
