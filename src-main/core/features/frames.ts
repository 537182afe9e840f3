/** Features of the signal itself in frames of 2048 samples, 512 apart, centred, as librosa's by default. */
const FRAME_LENGTH = 2048
const HOP_LENGTH = 512
const HALF = FRAME_LENGTH / 2

/** Frames of a signal: 1 + ⌊n / 512⌋. */
const frameCountOf = (samples: Float32Array) => 1 + Math.floor(samples.length / HOP_LENGTH)

/** Root mean square level of each frame, zeros beyond both ends, as `librosa.feature.rms(y=samples)`. */
export function rms(samples: Float32Array): Float32Array {
  const squares = new Float64Array(samples.length + 1)
  for (let index = 0; index < samples.length; index++)
    squares[index + 1] = (squares[index] ?? 0) + (samples[index] ?? 0) ** 2
  return Float32Array.from({ length: frameCountOf(samples) }, (_, frame) => {
    const first = Math.max(0, frame * HOP_LENGTH - HALF)
    const last = Math.min(samples.length, frame * HOP_LENGTH + HALF)
    const energy = (squares[Math.max(first, last)] ?? 0) - (squares[first] ?? 0)
    return Math.sqrt(Math.max(0, energy) / FRAME_LENGTH)
  })
}

/** Values this small count as zero, librosa's threshold; zero counts as positive. */
const SILENT = 1e-10

/**
 * Share of each frame's samples whose sign differs from the one before, as
 * `librosa.feature.zero_crossing_rate(y=samples)`: the first and last sample are repeated beyond the ends.
 */
export function zeroCrossingRate(samples: Float32Array): Float32Array {
  const crossings = new Uint32Array(samples.length + 1)
  const isNegative = (index: number) => (samples[index] ?? 0) < -SILENT
  for (let index = 0; index < samples.length; index++) {
    const crosses = index > 0 && isNegative(index) !== isNegative(index - 1)
    crossings[index + 1] = (crossings[index] ?? 0) + (crosses ? 1 : 0)
  }
  return Float32Array.from({ length: frameCountOf(samples) }, (_, frame) => {
    // A frame's own first sample has none before it.
    const first = Math.min(samples.length, Math.max(0, frame * HOP_LENGTH - HALF + 1))
    const last = Math.min(samples.length, Math.max(first, frame * HOP_LENGTH + HALF))
    return ((crossings[last] ?? 0) - (crossings[first] ?? 0)) / FRAME_LENGTH
  })
}

/** librosa's `amin` for amplitudes. */
const LEAST_AMPLITUDE = 1e-5

/**
 * Cuts silence off both ends, as `librosa.effects.trim(samples, top_db=topDb)`: from the first to the last frame that is less
 * than `topDb` below the loudest. All of a signal that is silent throughout is kept, as there.
 */
export function trimSilence(samples: Float32Array, topDb: number): Float32Array {
  const levels = rms(samples)
  const loudest = levels.reduce((high, level) => Math.max(high, level), LEAST_AMPLITUDE)
  const heard = (level: number) => 20 * Math.log10(Math.max(LEAST_AMPLITUDE, level) / loudest) > -topDb
  const first = levels.findIndex(heard)
  const last = levels.findLastIndex(heard)
  return samples.subarray(first * HOP_LENGTH, Math.min(samples.length, (last + 1) * HOP_LENGTH))
}
