import {
  addAtLevel,
  addInto,
  addRoom,
  drift,
  filter,
  harmonicTone,
  mapCurve,
  multiply,
  normalise,
  strike,
  whiteNoise,
} from '../dsp.ts'
import type { Recipe } from './recipe.ts'
import { babble, type Speaker, syllable } from './speech.ts'

/** Children at play: several high voices that babble, call, shriek and laugh, in a yard or a hall. */
export const childrenPlaying: Recipe = (recording) => {
  const children = Array.from(
    { length: recording.int(2, 5) },
    (): Speaker => ({
      pitch: recording.log(230, 470),
      tract: recording.range(1.2, 1.5),
      breath: recording.range(0.05, 0.5),
    }),
  )
  const talk = recording.range(0.3, 0.8)
  const callsPerSecond = recording.log(0.15, 1.4)
  const room = recording.range(0.05, 0.8)
  const roomTime = recording.range(0.3, 1.2)
  return (length, rate, slice) => {
    const out = new Float32Array(length)
    for (const child of children) addInto(out, babble(length, rate, child, talk, slice), slice.range(0.3, 1))
    for (let time = slice.range(-0.5, 1 / callsPerSecond); time < length / rate; ) {
      const child = children[slice.int(0, children.length - 1)] ?? { pitch: 320, tract: 1.35, breath: 0.2 }
      if (slice.chance(0.3)) {
        for (let laugh = slice.int(3, 6); laugh > 0; laugh--) {
          addInto(out, syllable(child, 0.11, 1.5, 1.2, rate, slice), 1, Math.round(time * rate))
          time += 0.17
        }
      } else {
        const seconds = slice.range(0.25, 0.9)
        const top = slice.range(1.3, 2.6)
        addInto(
          out,
          syllable(child, seconds, top * slice.range(0.7, 1), top, rate, slice),
          1.6,
          Math.round(time * rate),
        )
        time += seconds
      }
      time += slice.range(0.4, 1.6) / callsPerSecond
    }
    return addRoom(out, rate, roomTime, room)
  }
}

/** A dog: short, rough bursts, pitched by the size of the dog, alone, in pairs or in rows. */
export const dogBark: Recipe = (recording) => {
  const pitch = recording.log(240, 850)
  const snout = [pitch * recording.range(1.8, 2.6), pitch * recording.range(3.2, 5)] as const
  const seconds = recording.log(0.09, 0.3)
  const roughness = recording.range(0.2, 0.8)
  const growl = recording.range(45, 110)
  const hoarse = recording.log(0.12, 0.55)
  const gap = recording.log(0.12, 0.8)
  const group = recording.int(2, 4)
  const room = recording.range(0.05, 0.7)
  const roomTime = recording.range(0.2, 1.1)
  return (length, rate, slice) => {
    const out = new Float32Array(length)
    for (let time = slice.range(0, 0.08); time < length / rate; ) {
      for (let left = slice.int(1, group); left > 0; left--) {
        const size = Math.round(seconds * slice.range(0.8, 1.3) * rate)
        const top = pitch * slice.range(0.88, 1.12)
        // The pitch rises at once and then falls through the rest of the bark.
        const shake = drift(size, rate, 60, slice)
        const curve = mapCurve(shake, (x, i) => {
          const t = i / size
          return top * (t < 0.2 ? 0.75 + 1.25 * t : 1.08 - 0.4 * t) * (1 + 0.05 * roughness * x)
        })
        const amplitudes = Array.from({ length: 14 }, (_, k) => {
          const [low, high] = snout
          const hertz = (k + 1) * top
          return (
            (0.15 + 1 / (1 + ((hertz - low) / 350) ** 2) + 0.7 / (1 + ((hertz - high) / 500) ** 2)) /
            (k + 1) ** 0.4
          )
        })
        const bark = normalise(harmonicTone(size, rate, curve, amplitudes))
        addAtLevel(bark, filter(whiteNoise(size, slice), 'bandpass', snout[0], rate, 0.7), hoarse)
        const tremor = harmonicTone(size, rate, growl, [1], slice.next())
        multiply(
          bark,
          mapCurve(tremor, (x) => 1 + roughness * 0.7 * x),
        )
        strike(bark, rate, 0.012, seconds * 1.7)
        addInto(out, bark, slice.range(0.7, 1), Math.round(time * rate))
        time += size / rate + gap * slice.range(0.3, 0.7)
      }
      time += gap * slice.range(0.6, 2.2)
    }
    return addRoom(out, rate, roomTime, room)
  }
}
