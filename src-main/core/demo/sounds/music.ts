import {
  addInto,
  addRoom,
  drift,
  fade,
  filter,
  harmonicTone,
  type Signal,
  strike,
  whiteNoise,
} from '../dsp.ts'
import type { Rng } from '../rng.ts'
import type { Recipe } from './recipe.ts'
import { type Speaker, syllable } from './speech.ts'

type Steps = readonly number[]

/** Degrees of the major scale, in semitones, and progressions as steps on it. */
const SCALE = [0, 2, 4, 5, 7, 9, 11] as const
const PROGRESSIONS: readonly [Steps, ...Steps[]] = [
  [0, 4, 5, 3],
  [0, 5, 3, 4],
  [0, 3, 4, 0],
  [5, 3, 0, 4],
  [1, 4, 0, 0],
]

/** A busker: a chord progression on a plucked or blown instrument, with bass, tune, drum and song as the recording has them. */
export const streetMusic: Recipe = (recording) => {
  const tonic = recording.log(98, 185)
  const beat = 60 / recording.range(75, 160)
  const progression = recording.pick(PROGRESSIONS)
  const instrument = recording.pick(['plucked', 'plucked', 'plucked', 'organ'] as const)
  const tones = Array.from({ length: 7 }, (_, k) => recording.range(0.2, 1) / (k + 1))
  const damping = recording.range(0.2, 0.5)
  const pattern = Array.from({ length: 8 }, (_, i) => i % 4 === 0 || recording.chance(0.65))
  const tune = recording.chance(0.6) ? recording.range(0.4, 1.2) : 0
  const drum = recording.chance(0.45) ? recording.range(0.3, 1.3) : 0
  const singer: Speaker = {
    pitch: recording.log(130, 330),
    tract: recording.range(1, 1.2),
    breath: recording.range(0, 0.2),
  }
  const song = recording.chance(0.35) ? recording.range(0.5, 1.4) : 0
  const room = recording.range(0.1, 0.7)
  const roomTime = recording.range(0.4, 1.4)

  function note(hertz: number, seconds: number, rate: number, rng: Rng): Signal {
    if (instrument === 'plucked') return pluck(hertz, seconds, rate, damping, rng)
    const size = Math.round(seconds * rate)
    const bellows = drift(size, rate, 5, rng, hertz, 0.003 * hertz)
    return fade(harmonicTone(size, rate, bellows, tones), rate, 0.03, 0.06)
  }

  return (length, rate, slice) => {
    const out = new Float32Array(length)
    const half = beat / 2
    const first = slice.int(0, 31)
    for (let step = 0, time = -slice.next() * half; time < length / rate; step++, time += half) {
      const at = Math.round(time * rate)
      const position = first + step
      const root = progression[Math.floor(position / 8) % 4] ?? 0
      const seconds = instrument === 'organ' ? half * 1.1 : beat * 2
      if (pattern[position % 8])
        for (const third of [0, 2, 4])
          addInto(out, note(degree(tonic, root + third) * 2, seconds, rate, slice), 0.5, at)
      if (position % 4 === 0) addInto(out, note(degree(tonic, root), seconds, rate, slice), 0.9, at)
      if (slice.chance(0.6) && tune > 0)
        addInto(out, note(degree(tonic, root + slice.int(0, 7)) * 4, half * 1.5, rate, slice), tune * 0.6, at)
      if (drum > 0 && (position % 4 === 2 || slice.chance(0.2)))
        addInto(
          out,
          strike(filter(whiteNoise(Math.round(0.15 * rate), slice), 'bandpass', 2500, rate), rate, 0, 0.15),
          drum,
          at,
        )
      if (song > 0 && slice.chance(0.55)) {
        const height = degree(1, root + slice.pick([0, 2, 4]))
        addInto(out, syllable(singer, half * slice.range(0.8, 1.6), height, height, rate, slice), song, at)
      }
    }
    return addRoom(out, rate, roomTime, room)
  }
}

function degree(tonic: number, step: number): number {
  const semitones = (SCALE[step % 7] ?? 0) + 12 * Math.floor(step / 7)
  return tonic * 2 ** (semitones / 12)
}

/** A plucked string (Karplus and Strong 1983). `damping` 0.2 to 0.5: the higher, the duller. */
function pluck(hertz: number, seconds: number, rate: number, damping: number, rng: Rng): Signal {
  const out = new Float32Array(Math.round(seconds * rate))
  const period = Math.max(2, Math.round(rate / hertz))
  out.set(whiteNoise(Math.min(period, out.length), rng))
  for (let i = period; i < out.length; i++)
    out[i] = 0.996 * ((1 - damping) * (out[i - period] ?? 0) + damping * (out[i - period - 1] ?? 0))
  return fade(out, rate, 0.001, 0.03)
}
