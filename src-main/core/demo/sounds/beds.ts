import {
  addAtLevel,
  addInto,
  drift,
  filter,
  harmonicTone,
  mapCurve,
  multiply,
  normalise,
  pinkNoise,
  rms,
  whiteNoise,
} from '../dsp.ts'
import type { Recipe } from './recipe.ts'
import { babble, type Speaker } from './speech.ts'

/** Traffic far away: low noise that swells and falls as cars pass, with some tyre hiss. */
const traffic: Recipe = (recording) => {
  const tone = recording.log(140, 700)
  const hiss = recording.range(0.05, 0.5)
  return (length, rate, slice) => {
    const rumble = filter(pinkNoise(length, slice), 'lowpass', tone, rate)
    const tyres = filter(pinkNoise(length, slice), 'bandpass', tone * 3, rate, 0.6)
    addAtLevel(rumble, multiply(tyres, drift(length, rate, 0.7, slice, 1)), hiss * rms(rumble))
    return multiply(rumble, drift(length, rate, 0.8, slice, 1, 0.5))
  }
}

/** Wind on the microphone: very low noise in gusts. */
const wind: Recipe = (recording) => {
  const tone = recording.log(90, 380)
  return (length, rate, slice) => {
    const air = filter(pinkNoise(length, slice), 'lowpass', tone, rate)
    return multiply(
      air,
      mapCurve(drift(length, rate, 2.5, slice), (x) => 0.4 + (1 + x) ** 2 / 3),
    )
  }
}

/** A crowd: several grown-ups talking at some distance. */
const crowd: Recipe = (recording) => {
  const people = Array.from(
    { length: recording.int(3, 4) },
    (): Speaker => ({
      pitch: recording.log(95, 250),
      tract: recording.range(0.95, 1.2),
      breath: recording.range(0, 0.3),
    }),
  )
  const distance = recording.log(1200, 4000)
  return (length, rate, slice) => {
    const out = new Float32Array(length)
    for (const person of people) addInto(out, babble(length, rate, person, 0.7, slice), slice.range(0.4, 1))
    filter(out, 'lowpass', distance, rate)
    addAtLevel(out, filter(pinkNoise(length, slice), 'lowpass', distance, rate), 0.4 * rms(out))
    return out
  }
}

/** A hum of the mains in room noise. */
const hum: Recipe = (recording) => {
  const mains = recording.pick([50, 60])
  const amplitudes = Array.from({ length: 10 }, (_, k) => recording.next() / (k + 1) ** 0.8)
  const noise = recording.range(0.3, 1.5)
  return (length, rate, slice) => {
    const out = normalise(harmonicTone(length, rate, mains, amplitudes, slice.next()))
    addAtLevel(out, pinkNoise(length, slice), noise)
    return out
  }
}

/** Rain or leaves: bright noise with a slow shimmer. */
const rain: Recipe = (recording) => {
  const tone = recording.log(900, 3500)
  return (length, rate, slice) => {
    const drops = filter(whiteNoise(length, slice), 'highpass', tone, rate, 0.5)
    return multiply(drops, drift(length, rate, 5, slice, 1, 0.3))
  }
}

/** What is heard behind the labelled sound of a recording: one place, often with a second one under it. At any level. */
export const bed: Recipe = (recording) => {
  const places = [traffic, traffic, wind, crowd, hum, rain] as const
  const first = recording.pick(places)(recording)
  const second = recording.pick(places)(recording)
  const share = recording.chance(0.4) ? recording.range(0.2, 0.8) : 0
  return (length, rate, slice) => {
    const out = first(length, rate, slice)
    if (share > 0) addAtLevel(out, second(length, rate, slice), share * rms(out))
    return out
  }
}
