import { addInto, drift, fade, filter, harmonicTone, mapCurve, type Signal, whiteNoise } from '../dsp.ts'
import type { Rng } from '../rng.ts'

type Formants = readonly [number, number, number]

/** Three formants in Hz of an adult male voice (after Peterson and Barney 1952): i, e, a, o, u. */
const VOWELS: readonly [Formants, ...Formants[]] = [
  [270, 2290, 3010],
  [530, 1840, 2480],
  [730, 1090, 2440],
  [570, 840, 2410],
  [300, 870, 2240],
]

export interface Speaker {
  /** Usual fundamental in Hz: about 110 for men, 210 for women, 300 to 450 for children. */
  readonly pitch: number
  /** Factor on the formants of a man's vocal tract: 1 for men, 1.15 for women, 1.35 for children. */
  readonly tract: number
  /** Share of breath noise, 0 to 1. */
  readonly breath: number
}

/** A syllable of a random vowel whose pitch moves from `from` to `to` times the speaker's usual one. */
export function syllable(
  speaker: Speaker,
  seconds: number,
  from: number,
  to: number,
  rate: number,
  rng: Rng,
): Signal {
  const length = Math.max(8, Math.round(seconds * rate))
  const formants = rng.pick(VOWELS).map((hertz) => hertz * speaker.tract * rng.range(0.93, 1.07))
  const middle = (speaker.pitch * (from + to)) / 2
  const harmonics = Math.max(1, Math.min(24, Math.floor(4500 / middle)))
  const amplitudes = Array.from(
    { length: harmonics },
    (_, k) => throughTract((k + 1) * middle, formants) / (k + 1),
  )
  const shake = drift(length, rate, 12, rng)
  const pitch = mapCurve(
    shake,
    (x, i) => speaker.pitch * (from + ((to - from) * i) / length) * (1 + 0.015 * x),
  )
  const out = harmonicTone(length, rate, pitch, amplitudes)
  const air = filter(whiteNoise(length, rng), 'bandpass', formants[1] ?? 1500, rate, 1.5)
  addInto(out, air, speaker.breath * 0.5)
  return fade(out, rate, Math.min(0.03, seconds / 4), Math.min(0.09, seconds / 2))
}

function throughTract(hertz: number, formants: readonly number[]): number {
  let gain = 0.04
  for (const formant of formants) gain += 1 / (1 + ((hertz - formant) / (60 + 0.06 * formant)) ** 2)
  return gain
}

/** Speech without words: groups of syllables with pauses between them. `talk` is the share of time spoken, 0 to 1. */
export function babble(length: number, rate: number, speaker: Speaker, talk: number, rng: Rng): Signal {
  const out = new Float32Array(length)
  for (let time = -rng.next(); time < length / rate; ) {
    const loudness = rng.range(0.5, 1)
    for (let left = rng.int(2, 7); left > 0; left--) {
      const seconds = rng.range(0.1, 0.26)
      const sound = syllable(speaker, seconds, rng.range(0.9, 1.25), rng.range(0.8, 1.1), rate, rng)
      addInto(out, sound, loudness, Math.round(time * rate))
      time += seconds + rng.range(0, 0.06)
    }
    time += rng.range(0.2, 1.6) * (1 / Math.max(0.1, talk) - 1)
  }
  return out
}
