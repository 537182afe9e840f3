import type { Rng } from './rng.ts'

/** Mono samples, nominally within ±1, at a rate that the caller knows. */
export type Signal = Float32Array

/** White noise, uniform in ±1. */
export function whiteNoise(length: number, rng: Rng): Signal {
  const out = new Float32Array(length)
  rng.noise(out)
  return out
}

/** Noise that falls by about 3 dB an octave (Paul Kellet's economy filter), roughly within ±1. */
export function pinkNoise(length: number, rng: Rng): Signal {
  const out = whiteNoise(length, rng)
  let slow = 0
  let middle = 0
  let fast = 0
  for (let i = 0; i < length; i++) {
    const white = out[i] ?? 0
    slow = 0.99765 * slow + white * 0.099046
    middle = 0.963 * middle + white * 0.2965164
    fast = 0.57 * fast + white * 1.0526913
    out[i] = (slow + middle + fast + white * 0.1848) * 0.25
  }
  return out
}

/** A slow random curve within `centre` ± `depth` that takes a new direction about `perSecond` times a second. */
export function drift(
  length: number,
  rate: number,
  perSecond: number,
  rng: Rng,
  centre = 0,
  depth = 1,
): Signal {
  const out = new Float32Array(length)
  const step = Math.max(1, Math.round(rate / perSecond))
  let from = centre + depth * rng.range(-1, 1)
  for (let start = 0; start < length; start += step) {
    const to = centre + depth * rng.range(-1, 1)
    const end = Math.min(length, start + step)
    for (let i = start; i < end; i++) {
      const t = (i - start) / step
      out[i] = from + (to - from) * t * t * (3 - 2 * t)
    }
    from = to
  }
  return out
}

/** A curve that moves geometrically from one positive value to another. */
export function glide(length: number, from: number, to: number): Signal {
  const out = new Float32Array(length)
  const factor = (to / from) ** (1 / Math.max(1, length - 1))
  let value = from
  for (let i = 0; i < length; i++) {
    out[i] = value
    value *= factor
  }
  return out
}

const TABLE_SIZE = 2048

/**
 * A sum of harmonics: `amplitudes[k - 1]` belongs to k times the fundamental. Harmonics that would rise above 0.45 of
 * the rate are left out; the fundamental stays below the rate. One period is computed and then read with linear interpolation.
 * @param frequency fundamental in Hz, one value for all or one per sample.
 * @param phase start in turns, 0 to 1.
 */
export function harmonicTone(
  length: number,
  rate: number,
  frequency: number | Signal,
  amplitudes: readonly number[],
  phase = 0,
): Signal {
  let highest = 1
  if (typeof frequency === 'number') highest = frequency
  else for (let i = 0; i < length; i++) highest = Math.max(highest, frequency[i] ?? 0)
  const period = onePeriod(amplitudes.slice(0, Math.floor((0.45 * rate) / highest)))

  const out = new Float32Array(length)
  const perHertz = TABLE_SIZE / rate
  const steady = typeof frequency === 'number' ? frequency * perHertz : 0
  const curve = typeof frequency === 'number' ? undefined : frequency
  let place = (phase % 1) * TABLE_SIZE
  for (let i = 0; i < length; i++) {
    place += curve === undefined ? steady : (curve[i] ?? 0) * perHertz
    if (place >= TABLE_SIZE) place -= TABLE_SIZE
    const whole = place | 0
    const left = period[whole] ?? 0
    out[i] = left + ((period[whole + 1] ?? 0) - left) * (place - whole)
  }
  return out
}

/** One period of a sum of harmonics: `TABLE_SIZE` samples, and the first once more at the end. */
function onePeriod(amplitudes: readonly number[]): Float64Array {
  const period = new Float64Array(TABLE_SIZE + 1)
  for (let i = 0; i <= TABLE_SIZE; i++) {
    // sin(kx) = 2 cos(x) sin((k - 1)x) - sin((k - 2)x)
    const angle = (2 * Math.PI * i) / TABLE_SIZE
    const twiceCos = 2 * Math.cos(angle)
    let before = 0
    let current = Math.sin(angle)
    let sum = 0
    for (let k = 0; k < amplitudes.length; k++) {
      sum += current * (amplitudes[k] ?? 0)
      const after = twiceCos * current - before
      before = current
      current = after
    }
    period[i] = sum
  }
  return period
}

export type FilterKind = 'lowpass' | 'highpass' | 'bandpass'

/**
 * Filters in place with a second-order section (R. Bristow-Johnson's Audio EQ Cookbook; the band-pass peaks at 0 dB).
 * @param hertz corner or centre; kept within 5 Hz and 0.45 of the rate.
 */
export function filter(
  signal: Signal,
  kind: FilterKind,
  hertz: number,
  rate: number,
  q = Math.SQRT1_2,
): Signal {
  const w = (2 * Math.PI * Math.min(Math.max(hertz, 5), 0.45 * rate)) / rate
  const cos = Math.cos(w)
  const alpha = Math.sin(w) / (2 * q)
  const a0 = 1 + alpha
  const edge = kind === 'lowpass' ? (1 - cos) / 2 : kind === 'highpass' ? (1 + cos) / 2 : alpha
  const b0 = edge / a0
  const b1 = (kind === 'lowpass' ? 2 * edge : kind === 'highpass' ? -2 * edge : 0) / a0
  const b2 = kind === 'bandpass' ? -b0 : b0
  const a1 = (-2 * cos) / a0
  const a2 = (1 - alpha) / a0
  let s1 = 0
  let s2 = 0
  for (let i = 0; i < signal.length; i++) {
    const x = signal[i] ?? 0
    const y = b0 * x + s1
    s1 = b1 * x - a1 * y + s2
    s2 = b2 * x - a2 * y
    signal[i] = y
  }
  return signal
}

/** Adds `source` times `gain` to `target`, starting at sample `at` (which may be negative); what sticks out is cut. */
export function addInto(target: Signal, source: Signal, gain = 1, at = 0): void {
  const end = Math.min(source.length, target.length - at)
  for (let i = Math.max(0, -at); i < end; i++)
    target[at + i] = (target[at + i] ?? 0) + (source[i] ?? 0) * gain
}

export function scale(signal: Signal, gain: number): Signal {
  for (let i = 0; i < signal.length; i++) signal[i] = (signal[i] ?? 0) * gain
  return signal
}

/** A new curve of the values that `change` makes; several times faster than `Float32Array.map`. */
export function mapCurve(curve: Signal, change: (value: number, index: number) => number): Signal {
  const out = new Float32Array(curve.length)
  for (let i = 0; i < out.length; i++) out[i] = change(curve[i] ?? 0, i)
  return out
}

/** Multiplies in place with a curve of the same length. */
export function multiply(signal: Signal, curve: Signal): Signal {
  for (let i = 0; i < signal.length; i++) signal[i] = (signal[i] ?? 0) * (curve[i] ?? 0)
  return signal
}

/** Shapes in place: linear rise over `attack` seconds, then a fall by 60 dB over `decay` seconds. */
export function strike(signal: Signal, rate: number, attack: number, decay: number): Signal {
  const rise = Math.max(1, Math.round(attack * rate))
  const factor = 10 ** (-3 / Math.max(1, decay * rate))
  let level = 1
  for (let i = 0; i < signal.length; i++) {
    if (i < rise) signal[i] = ((signal[i] ?? 0) * i) / rise
    else {
      signal[i] = (signal[i] ?? 0) * level
      level *= factor
    }
  }
  return signal
}

/** Fades in place, linearly, both times in seconds. */
export function fade(signal: Signal, rate: number, fadeIn: number, fadeOut: number): Signal {
  const rise = Math.min(signal.length, Math.round(fadeIn * rate))
  const fall = Math.min(signal.length, Math.round(fadeOut * rate))
  for (let i = 0; i < rise; i++) signal[i] = ((signal[i] ?? 0) * i) / rise
  for (let i = 0; i < fall; i++) {
    const at = signal.length - 1 - i
    signal[at] = ((signal[at] ?? 0) * i) / fall
  }
  return signal
}

/** A damped sine: the sound of a struck bar. `decay` is the time in seconds to fall by 60 dB. */
export function ring(length: number, rate: number, hertz: number, decay: number): Signal {
  return strike(harmonicTone(length, rate, hertz, [1]), rate, 0, decay)
}

/**
 * Adds a room in place: four feedback combs of slightly different lengths (after Schroeder 1962).
 * @param seconds time to fall by 60 dB. @param mix amplitude of the room relative to the direct sound.
 */
export function addRoom(signal: Signal, rate: number, seconds: number, mix: number): Signal {
  const dry = signal.slice()
  const comb = new Float32Array(dry.length)
  for (const delay of [0.0297, 0.0371, 0.0411, 0.0437]) {
    const samples = Math.round(delay * rate)
    const feedback = 10 ** ((-3 * delay) / seconds)
    for (let i = samples; i < comb.length; i++) {
      const echo = (dry[i - samples] ?? 0) + (i < 2 * samples ? 0 : (comb[i - samples] ?? 0)) * feedback
      comb[i] = echo
      signal[i] = (signal[i] ?? 0) + echo * (mix / 4)
    }
  }
  return signal
}

export function rms(signal: Signal): number {
  let sum = 0
  for (let i = 0; i < signal.length; i++) {
    const x = signal[i] ?? 0
    sum += x * x
  }
  return Math.sqrt(sum / Math.max(1, signal.length))
}

export function peak(signal: Signal): number {
  let top = 0
  for (let i = 0; i < signal.length; i++) top = Math.max(top, Math.abs(signal[i] ?? 0))
  return top
}

/** RMS over the 20 ms frames that lie within 20 dB of the loudest one: the level of a sound while it sounds. */
export function activeRms(signal: Signal, rate: number): number {
  const size = Math.max(1, Math.round(rate * 0.02))
  const levels: number[] = []
  for (let start = 0; start < signal.length; start += size)
    levels.push(rms(signal.subarray(start, start + size)))
  const loudest = Math.max(0, ...levels)
  const active = levels.filter((level) => level >= loudest * 0.1)
  return Math.sqrt(active.reduce((sum, level) => sum + level * level, 0) / Math.max(1, active.length))
}

/** Adds `source`, scaled to an RMS of `level`, to `target`. */
export function addAtLevel(target: Signal, source: Signal, level: number): void {
  const now = rms(source)
  if (now > 0) addInto(target, source, level / now)
}

/** Scales in place to an RMS of 1 (silence stays silence). */
export function normalise(signal: Signal): Signal {
  const level = rms(signal)
  return level > 0 ? scale(signal, 1 / level) : signal
}
