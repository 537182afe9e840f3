import { type Floats, Scratch } from '../audio/simd.ts'
import { PowerSpectrum } from './power-spectrum.ts'

export type WindowKind = 'hann' | 'hamming' | 'blackman' | 'rectangular'
/** What lies beyond both ends of the signal where frames are centred: NumPy's modes of these names. */
export type PadMode = 'constant' | 'reflect' | 'edge'

export interface StftSettings {
  /** See `isTransformLength`. */
  nFft: number
  /** Samples from frame to frame. */
  hopLength: number
  /** Samples of the window, centred in the frame; `nFft` unless given or null. */
  winLength?: number | null
  /** `hann` unless given. */
  window?: WindowKind
  /** Frame t is centred at sample t · hop (the default); else it begins there. */
  centred?: boolean
  /** `constant` (zeros) unless given, librosa's default since 0.10. */
  padMode?: PadMode
}

/** Cosine terms of each window: w[n] = Σ (−1)^k · a_k · cos(2πkn / N). */
const COSINES: Record<WindowKind, readonly number[]> = {
  hann: [0.5, 0.5],
  hamming: [0.54, 0.46],
  blackman: [0.42, 0.5, 0.08],
  rectangular: [1],
}

/** Periodic window, as `scipy.signal.get_window(kind, length)`. */
export function windowOf(kind: WindowKind, length: number): Float64Array {
  return Float64Array.from({ length }, (_, n) =>
    COSINES[kind].reduce(
      (sum, weight, k) => sum + (k % 2 === 0 ? weight : -weight) * Math.cos((2 * Math.PI * k * n) / length),
      0,
    ),
  )
}

/** @returns 1 + ⌊n / hop⌋ where frames are centred, else 1 + ⌊(n − nFft) / hop⌋ and at least 0; as librosa */
export function frameCount(samples: number, { nFft, hopLength, centred = true }: StftSettings): number {
  return Math.max(0, 1 + Math.floor((centred ? samples : samples - nFft) / hopLength))
}

const plans = new Map<string, PowerSpectrum>()
const chunk = new Scratch()

/** Frames whose samples are on the shared memory at once. */
const CHUNK_FRAMES = 64

function planFor({ nFft, winLength, window = 'hann' }: StftSettings): PowerSpectrum {
  const length = winLength ?? nFft
  const key = [nFft, length, window].join()
  let plan = plans.get(key)
  if (!plan) {
    const centred = new Float64Array(nFft)
    centred.set(windowOf(window, length), Math.floor((nFft - length) / 2))
    plan = new PowerSpectrum(centred)
    plans.set(key, plan)
  }
  return plan
}

/**
 * Short-time Fourier transform, as `librosa.stft`: calls `take` for each frame in turn with the power |X|² of its nFft/2 + 1
 * bins. The array is reused; it lies on the memory of the kernels.
 * @returns the number of frames
 */
export function forEachFrame(
  samples: Float32Array,
  settings: StftSettings,
  take: (power: Floats, frame: number) => void,
): number {
  const { nFft, hopLength, centred = true, padMode = 'constant' } = settings
  const plan = planFor(settings)
  const frames = frameCount(samples.length, settings)
  const lead = centred ? nFft / 2 : 0
  // Frames far apart share nothing, and then there is no use in a long stretch.
  const perChunk = Math.max(1, Math.min(CHUNK_FRAMES, Math.floor((CHUNK_FRAMES * nFft) / hopLength)))
  const stretch = chunk.ofLength((perChunk - 1) * hopLength + nFft)
  for (let first = 0; first < frames; first += perChunk) {
    const count = Math.min(perChunk, frames - first)
    const wanted = stretch.view.subarray(0, (count - 1) * hopLength + nFft)
    copyPadded(samples, first * hopLength - lead, wanted, padMode)
    for (let index = 0; index < count; index++) {
      plan.compute(stretch.pointer + index * hopLength * 4)
      take(plan.power, first + index)
    }
  }
  return frames
}

/** Fills `target` with the signal from sample `from` on, which may be negative. */
function copyPadded(samples: Float32Array, from: number, target: Float32Array, mode: PadMode): void {
  const before = Math.min(target.length, Math.max(0, -from))
  const inside = samples.subarray(from + before, Math.max(from + before, from + target.length))
  target.set(inside, before)
  const after = before + inside.length
  if (mode === 'constant' || samples.length === 0) {
    target.fill(0, 0, before)
    target.fill(0, after)
    return
  }
  const place = mode === 'edge' ? edge : reflected
  for (let index = 0; index < before; index++)
    target[index] = samples[place(from + index, samples.length)] ?? 0
  for (let index = after; index < target.length; index++)
    target[index] = samples[place(from + index, samples.length)] ?? 0
}

const edge = (index: number, length: number) => Math.min(length - 1, Math.max(0, index))

/** Mirrored at the first and the last sample, which are not repeated; again and again where the signal is short. */
function reflected(index: number, length: number): number {
  const period = Math.max(1, 2 * (length - 1))
  const within = ((index % period) + period) % period
  return Math.min(within, period - within)
}
