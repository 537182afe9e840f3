import { resample } from '../audio/resample.ts'
import { forEachFrame } from '../features/stft.ts'

const SAMPLE_RATE_HZ = 11_025
/** 186 ms: half of the paper's, since many clips are shorter than a second. */
const FRAME_LENGTH = 2048
/** Samples from word to word, 11.6 ms: frames overlap by 15/16, so that a shift by less changes few bits. */
export const WORD_HOP = 128
export const WORD_SECONDS = WORD_HOP / SAMPLE_RATE_HZ
const BANDS = 33
const LOWEST_HZ = 200
const HIGHEST_HZ = 5000
/** Frames so far below the clip's loudest hold nothing to know it by. */
const SILENT_SHARE = 1e-7

/**
 * What a stretch of sound is known by, whatever its level, coding or offset: a word of 32 bits every 11.6 ms, each bit the sign of
 * a difference of energy between neighbouring bands, less the same of the frame before (J. Haitsma, T. Kalker: A Highly Robust
 * Audio Fingerprinting System, ISMIR 2002). Bands are 33, even on a logarithmic scale of 200 … 5000 Hz.
 * @param samples - one channel
 * @returns 0 for frames that are silent
 */
export function fingerprint(samples: Float32Array, sampleRateHz: number): Uint32Array {
  const sound = resample(samples, sampleRateHz, SAMPLE_RATE_HZ)
  const edges = Array.from({ length: BANDS + 1 }, (_, band) =>
    Math.round((LOWEST_HZ * (HIGHEST_HZ / LOWEST_HZ) ** (band / BANDS) * FRAME_LENGTH) / SAMPLE_RATE_HZ),
  )
  const energies: Float64Array[] = []
  const totals: number[] = []
  forEachFrame(sound, { nFft: FRAME_LENGTH, hopLength: WORD_HOP }, (power) => {
    const bins = power.view
    const bands = new Float64Array(BANDS)
    let total = 0
    for (let band = 0; band < BANDS; band++) {
      const first = edges[band] ?? 0
      const end = Math.max(first + 1, edges[band + 1] ?? 0)
      let sum = 0
      for (let bin = first; bin < end; bin++) sum += bins[bin] ?? 0
      bands[band] = sum
      total += sum
    }
    energies.push(bands)
    totals.push(total)
  })
  const least = SILENT_SHARE * totals.reduce((most, total) => Math.max(most, total), 0)
  return Uint32Array.from({ length: Math.max(0, energies.length - 1) }, (_, frame) => {
    const [before, here] = [energies[frame], energies[frame + 1]]
    if (!before || !here || (totals[frame + 1] ?? 0) <= least) return 0
    let word = 0
    for (let bit = 0; bit < BANDS - 1; bit++) {
      const now = (here[bit] ?? 0) - (here[bit + 1] ?? 0)
      const then = (before[bit] ?? 0) - (before[bit + 1] ?? 0)
      if (now - then > 0) word |= 1 << bit
    }
    return word >>> 0
  })
}

function bitsOf(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555)
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333)
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

/** How two fingerprints agree at an offset. */
export interface Agreement {
  /** Share of bits that differ, 0 … 1; about 0.5 for sounds that have nothing to do with each other. */
  errorRate: number
  /** Words that both have there. */
  words: number
  /** Words by which the second begins later than the first. */
  offset: number
}

/** @param offset - words by which the second begins later */
export function agreementAt(first: Uint32Array, second: Uint32Array, offset: number): Agreement {
  let [words, wrong] = [0, 0]
  const end = Math.min(first.length, second.length + offset)
  for (let at = Math.max(0, offset); at < end; at++) {
    const [a, b] = [first[at] ?? 0, second[at - offset] ?? 0]
    if (a === 0 || b === 0) continue
    words += 1
    wrong += bitsOf((a ^ b) >>> 0)
  }
  return { errorRate: words > 0 ? wrong / (32 * words) : 1, words, offset }
}
