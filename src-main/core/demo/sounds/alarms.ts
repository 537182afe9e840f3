import {
  addInto,
  addRoom,
  drift,
  fade,
  filter,
  glide,
  harmonicTone,
  mapCurve,
  normalise,
  ring,
  type Signal,
  strike,
  whiteNoise,
} from '../dsp.ts'
import type { Recipe } from './recipe.ts'

/** Car horn: two tones a third or a fourth apart, buzzing in the kilohertz, honked once or several times. */
export const carHorn: Recipe = (recording) => {
  const low = recording.log(300, 540)
  const high = low * (recording.chance(0.8) ? recording.range(1.18, 1.36) : 1.004)
  const cone = recording.log(1700, 3400)
  const slope = recording.range(0.2, 0.9)
  const horn = (pitch: number) =>
    Array.from(
      { length: 22 },
      (_, k) => (1 / (k + 1) ** slope) * (0.25 + 1 / (1 + (((k + 1) * pitch - cone) / 900) ** 2)),
    )
  const lowTones = horn(low)
  const highTones = horn(high)
  const honk = recording.log(0.3, 2.5)
  const gap = recording.log(0.1, 0.8)
  const room = recording.range(0.05, 0.8)
  const roomTime = recording.range(0.3, 1.3)
  return (length, rate, slice) => {
    const out = new Float32Array(length)
    for (let time = slice.range(0, 0.15); time < length / rate; ) {
      const seconds = honk * slice.range(0.7, 1.5)
      const size = Math.round(seconds * rate)
      const sag = mapCurve(
        drift(size, rate, 6, slice),
        (x, i) => 1 + 0.004 * x - 0.05 * Math.exp((-40 * i) / rate),
      )
      const both = harmonicTone(
        size,
        rate,
        mapCurve(sag, (x) => low * x),
        lowTones,
      )
      addInto(
        both,
        harmonicTone(
          size,
          rate,
          mapCurve(sag, (x) => high * x),
          highTones,
        ),
        0.9,
      )
      addInto(out, fade(both, rate, 0.015, 0.05), 1, Math.round(time * rate))
      time += seconds + gap * slice.range(0.6, 1.8)
    }
    return addRoom(out, rate, roomTime, room)
  }
}

/** Siren: one tone that wails slowly, yelps fast, or steps between two pitches; some pass by. */
export const siren: Recipe = (recording) => {
  const manner = recording.pick(['wail', 'wail', 'yelp', 'two-tone'] as const)
  const bottom = manner === 'two-tone' ? recording.log(380, 620) : recording.log(420, 800)
  const top = bottom * (manner === 'two-tone' ? recording.range(1.2, 1.42) : recording.range(1.6, 2.7))
  const cycles =
    manner === 'wail'
      ? recording.log(0.12, 0.45)
      : manner === 'yelp'
        ? recording.log(2, 5)
        : recording.log(0.4, 1)
  const slope = recording.range(0.7, 2)
  const tones = Array.from({ length: 14 }, (_, k) => recording.range(0.4, 1) / (k + 1) ** slope)
  const passing = recording.chance(0.3) ? recording.range(0.02, 0.06) : 0
  const room = recording.range(0.2, 1)
  const roomTime = recording.range(0.5, 1.6)
  return (length, rate, slice) => {
    const phase = slice.next()
    const pitch = new Float32Array(length)
    for (let i = 0; i < length; i++) {
      const turn = (phase + (cycles * i) / rate) % 1
      const height = manner === 'two-tone' ? (turn < 0.5 ? 0 : 1) : 0.5 - 0.5 * Math.cos(2 * Math.PI * turn)
      pitch[i] = bottom * Math.exp(height * Math.log(top / bottom)) * (1 + passing * (1 - (2 * i) / length))
    }
    return addRoom(harmonicTone(length, rate, pitch, tones), rate, roomTime, room)
  }
}

/** Gun shot: a click, noise that dies away within a tenth of a second, a low thump, and the echo of the place. */
export const gunShot: Recipe = (recording) => {
  const decay = recording.log(0.06, 0.3)
  const brightness = recording.log(2200, 9000)
  const thump = recording.log(50, 160)
  const thumpLevel = recording.range(0.1, 0.8)
  const echo = recording.range(0.15, 0.9)
  const echoTime = recording.log(0.5, 1.8)
  const gap = recording.log(0.12, 1.4)
  const shots = recording.chance(0.7) ? 1 : recording.int(2, 5)
  return (length, rate, slice) => {
    const out: Signal = new Float32Array(length)
    let time = slice.range(0.005, 0.06)
    for (let left = shots; left > 0 && time < length / rate; left--) {
      const size = Math.round(Math.min(0.6, decay * 2) * rate)
      const shot = strike(filter(whiteNoise(size, slice), 'lowpass', brightness, rate), rate, 0, decay)
      addInto(shot, ring(size, rate, thump, 0.25), thumpLevel)
      addInto(shot, glide(Math.round(0.002 * rate), 1, 0.05), 1.2)
      addInto(out, shot, slice.range(0.8, 1), Math.round(time * rate))
      time += gap * slice.range(0.7, 1.3)
    }
    return normalise(addRoom(out, rate, echoTime, echo))
  }
}
