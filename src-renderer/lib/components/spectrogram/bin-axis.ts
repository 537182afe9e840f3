import { hzToMel, melToHz } from '../../../../src-main/contract/mel-scale.ts'
import type { FrequencyAxis, FrequencyAxisName } from './frequency-axis.ts'

/** The lowest frequency on a logarithmic axis, which has no 0. */
const LOWEST_LOG_HZ = 20

const WARPS: Readonly<Record<FrequencyAxisName, [(hz: number) => number, (warped: number) => number]>> = {
  mel: [(hz) => hzToMel(hz), (mel) => melToHz(mel)],
  linear: [(hz) => hz, (hz) => hz],
  log: [Math.log, Math.exp],
}

/**
 * The axis over the bins of a transform, from 0 Hz (20 Hz on a logarithmic one) to half the sample rate.
 * @param bins - evenly spread over it, first and last on its ends
 */
export function binAxis(sampleRateHz: number, bins: number, name: FrequencyAxisName): FrequencyAxis {
  const [warp, unwarp] = WARPS[name]
  const highHz = sampleRateHz / 2
  const lowHz = name === 'log' ? Math.min(LOWEST_LOG_HZ, highHz / 2) : 0
  const low = warp(lowHz)
  const span = warp(highHz) - low
  const hzAt = (share: number) => unwarp(low + span * share)
  return {
    lowHz,
    highHz,
    hzAt,
    shareOf: (hz) => (hz >= lowHz && hz <= highHz ? (warp(hz) - low) / span : Number.NaN),
    bandAt: (share) => (hzAt(share) / highHz) * (bins - 1),
  }
}
