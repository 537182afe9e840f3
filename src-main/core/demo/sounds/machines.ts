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
  pinkNoise,
  ring,
  type Signal,
  strike,
  whiteNoise,
} from '../dsp.ts'
import type { Rng } from '../rng.ts'
import type { Recipe } from './recipe.ts'

/** Fan: filtered noise, a hum of mains harmonics, the tone of the blades, a slow beat; some rattle. */
export const airConditioner: Recipe = (recording) => {
  const mains = recording.pick([100, 120])
  const hum = Array.from({ length: 8 }, (_, k) => recording.next() / (1 + 0.6 * k))
  const humLevel = recording.log(0.06, 0.7)
  const blade = recording.log(110, 420)
  const bladeTones = [1, recording.range(0.1, 0.7), recording.range(0, 0.4), recording.range(0, 0.2)]
  const bladeLevel = recording.log(0.04, 0.4)
  const brightness = recording.log(900, 5000)
  const beat = recording.log(0.3, 9)
  const beatDepth = recording.range(0, 0.25)
  const rattle = recording.chance(0.25) ? recording.range(0.1, 0.4) : 0
  const rattleRate = recording.log(6, 28)
  const rattleTone = recording.log(500, 2600)
  return (length, rate, slice) => {
    const out = normalise(filter(pinkNoise(length, slice), 'lowpass', brightness, rate))
    addAtLevel(out, harmonicTone(length, rate, mains, hum, slice.next()), humLevel)
    const wander = drift(length, rate, 2, slice, blade, 0.01 * blade)
    addAtLevel(out, harmonicTone(length, rate, wander, bladeTones), bladeLevel)
    const swing = mapCurve(harmonicTone(length, rate, beat, [1], slice.next()), (x) => 1 + beatDepth * x)
    if (rattle > 0) addInto(out, knocks(length, rate, rattleRate, 0.25, [rattleTone], 0.03, slice), rattle)
    return multiply(out, swing)
  }
}

/** Electric drill: a buzz rich in high harmonics, whining gears, grinding noise, wobble; some with a hammer stage. */
export const drilling: Recipe = (recording) => {
  const pitch = recording.log(110, 340)
  const slope = recording.range(0.15, 0.9)
  const buzz = Array.from({ length: 40 }, (_, k) => recording.range(0.3, 1) / (k + 1) ** slope)
  const gear = recording.log(1800, 4500)
  const gearLevel = recording.range(0, 0.35)
  const grind = recording.log(0.15, 1.3)
  const grindTone = recording.log(900, 4500)
  const wobbleRate = recording.log(1.5, 9)
  const wobble = recording.range(0.1, 0.5)
  const sag = recording.range(0.01, 0.12)
  const hammer = recording.chance(0.25) ? recording.range(0.3, 0.8) : 0
  const hammerRate = recording.log(14, 48)
  return (length, rate, slice) => {
    const load = drift(length, rate, wobbleRate, slice)
    const out = normalise(
      harmonicTone(
        length,
        rate,
        mapCurve(load, (x) => pitch * (1 - sag * x)),
        buzz,
      ),
    )
    const whine = mapCurve(load, (x) => gear * (1 - sag * x))
    addInto(out, harmonicTone(length, rate, whine, [1, 0.4]), gearLevel)
    addAtLevel(out, filter(whiteNoise(length, slice), 'bandpass', grindTone, rate, 0.6), grind)
    const strokes = harmonicTone(length, rate, hammerRate, [0.7, 0.3, 0.15], slice.next())
    return multiply(
      out,
      mapCurve(load, (x, i) => (1 + wobble * x) * (1 + hammer * (strokes[i] ?? 0))),
    )
  }
}

/** Engine at idle: a train of low firing pulses, never quite regular, with exhaust noise and valve or diesel clatter. */
export const engineIdling: Recipe = (recording) => {
  const firing = recording.log(12, 30)
  const unevenness = recording.range(0.02, 0.12)
  const tones = [recording.log(45, 90), recording.log(90, 180), recording.log(180, 420)]
  const decay = recording.log(0.06, 0.2)
  const exhaust = recording.log(0.15, 0.55)
  const exhaustTone = recording.log(150, 900)
  const clatter = recording.chance(0.35) ? recording.log(0.1, 0.32) : 0.03
  const clatterTones = [recording.log(700, 1500), recording.log(1500, 3600)]
  const fan = recording.log(0.05, 0.28)
  const fanTone = recording.log(600, 3500)
  return (length, rate, slice) => {
    const out = normalise(knocks(length, rate, firing, unevenness, tones, decay, slice))
    addAtLevel(out, filter(pinkNoise(length, slice), 'lowpass', exhaustTone, rate), exhaust)
    addAtLevel(out, knocks(length, rate, firing, unevenness * 1.5, clatterTones, 0.025, slice), clatter)
    addAtLevel(out, filter(pinkNoise(length, slice), 'bandpass', fanTone, rate, 0.5), fan)
    return out
  }
}

/** Jackhammer: 10 to 20 impacts a second, each a burst of noise with a metal ring and a thump, over a compressor's drone. */
export const jackhammer: Recipe = (recording) => {
  const impacts = recording.log(9, 22)
  const metal = Array.from({ length: 4 }, () => recording.log(600, 5200))
  const metalDecay = recording.log(0.03, 0.16)
  const thump = recording.log(60, 170)
  const thumpLevel = recording.log(0.2, 1)
  const burst = recording.log(0.3, 1.1)
  const burstTone = recording.log(700, 4000)
  const drone = recording.log(0.06, 0.45)
  const compressor = engineIdling(recording)
  const room = recording.range(0.1, 0.6)
  return (length, rate, slice) => {
    const out = normalise(knocks(length, rate, impacts, 0.04, metal, metalDecay, slice))
    addAtLevel(out, knocks(length, rate, impacts, 0.04, [thump], 0.12, slice), thumpLevel)
    const dust = filter(whiteNoise(length, slice), 'bandpass', burstTone, rate, 0.6)
    const strokes = harmonicTone(length, rate, impacts, [0.6, 0.3, 0.2], slice.next())
    const gate = mapCurve(strokes, (x) => Math.max(0, x + 0.2))
    addAtLevel(out, multiply(dust, gate), burst)
    addRoom(out, rate, 0.35, room)
    addAtLevel(out, compressor(length, rate, slice), drone)
    return out
  }
}

/**
 * A train of struck sounds, `perSecond` of them a second with times and strengths off by the share `unevenness`.
 * Each is a sum of damped sines at `tones` Hz, which fall by 60 dB in `decay` seconds.
 */
function knocks(
  length: number,
  rate: number,
  perSecond: number,
  unevenness: number,
  tones: readonly number[],
  decay: number,
  rng: Rng,
): Signal {
  const out = new Float32Array(length)
  const size = Math.round(rate * Math.min(decay, 0.25))
  const knock = new Float32Array(size)
  for (const tone of tones) addInto(knock, ring(size, rate, Math.min(tone, 0.4 * rate), decay))
  addInto(knock, strike(whiteNoise(size, rng), rate, 0, Math.min(decay, 0.012)), 0.5)
  for (let time = -rng.next() / perSecond; time < length / rate; ) {
    addInto(out, knock, 1 + rng.range(-2, 2) * unevenness, Math.round(time * rate))
    time += Math.max(0.2, 1 + rng.range(-1.7, 1.7) * unevenness) / perSecond
  }
  return out
}
