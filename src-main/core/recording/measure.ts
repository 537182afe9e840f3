import { SoundfoldError } from '../../contract/errors.ts'
import type { MeasureInput, Measurements } from '../../contract/recording.ts'
import { forEachFrame } from '../features/stft.ts'
import { readMono, type SampleSource } from './sample-source.ts'

export type MeasureRequest = Omit<MeasureInput, 'clipId'>

/** Of the transforms: 11 Hz a bin at 44.1 kHz. Shorter selections take shorter ones. */
const LONGEST_WINDOW = 4096
const SHORTEST_WINDOW = 64
const BLOCK_SAMPLES = 2 ** 20
const BLOCK_FRAMES = 256
/** Of the time around a selection, on each side, where its noise is looked for. */
const NOISE_SECONDS = 5
const NOISE_PERCENTILE = 10
/** Less above the noise is nothing that stands out of it: −20 dB. */
const LEAST_EXCESS = 0.01
/** Mean squares below that of a float's least step are digital silence. */
const SILENT_POWER = 1e-14

/**
 * Measures a selection, and its band where there is one; channels are averaged unless one is named.
 *
 * - **Peak and RMS level**: 20 · log10 of the largest absolute sample, 10 · log10 of the mean square; 0 dBFS is a sample of 1.
 * - **Spectrum** P(f): Welch's mean over Hann windows of 4096 samples (or the largest power of two in the selection), half over each
 *   other, one-sided density, as `scipy.signal.welch(x, rate, nperseg=N, detrend=False)`. All further numbers are of its bins in the
 *   band, both ends included.
 * - **Band level**: 10 · log10(ΣP · Δf), Raven's in-band power. **Peak frequency**: of the largest bin, Raven's.
 * - **−3 dB and −10 dB bandwidth**: how far P stays above a half and a tenth of its largest on both sides of the peak, linear between
 *   bins, as `scipy.signal.peak_widths` measured from 0.
 * - **90 % bandwidth**: from the first bin where the running sum of P reaches 5 % of its total to that where it reaches 95 %, Raven's
 *   frequency 5 %, 95 % and bandwidth 90 % (Raven Pro user's manual, "Robust signal measurements").
 * - **Centroid**: Σ(f · P) / ΣP, as `librosa.feature.spectral_centroid(S=P, freq=f)`.
 * - **SNR**, an estimate: the band's power in each frame (windows as above) of the selection and 5 s around it; noise N is the tenth
 *   percentile of all of them, S the mean of those of the selection, and SNR = 10 · log10((S − N) / N). It tells by how much an event
 *   stands out of the quiet parts around it, and nothing where there are none: a steady sound has less than 0 dB, or null below −20 dB.
 *
 * @throws SoundfoldError invalid-input for a selection without samples, or a band without frequencies
 */
export function measureSource(source: SampleSource, request: MeasureRequest): Measurements {
  const { sampleRateHz, frames } = source
  const { channel } = request
  if (channel !== undefined && channel >= source.channels)
    throw new SoundfoldError(
      'invalid-input',
      `There is no channel ${channel}: the clip has ${source.channels}.`,
    )
  const from = Math.min(frames, Math.round(request.fromSeconds * sampleRateHz))
  const to = Math.min(frames, Math.round(request.toSeconds * sampleRateHz))
  if (to <= from) throw new SoundfoldError('invalid-input', 'There is no sound in what is to be measured.')
  const lowHz = request.lowHz ?? 0
  const highHz = Math.min(sampleRateHz / 2, request.highHz ?? sampleRateHz / 2)
  if (highHz <= lowHz)
    throw new SoundfoldError('invalid-input', `There are no frequencies from ${lowHz} Hz up.`)
  const read = (start: number, count: number) =>
    channel === undefined
      ? readMono(source, start, count)
      : (source.read(start, count)[channel] ?? new Float32Array(count))

  const { peak, meanSquare } = levels(read, from, to)
  const window = Math.min(LONGEST_WINDOW, 2 ** Math.floor(Math.log2(to - from)))
  const spectrum =
    window < SHORTEST_WINDOW || meanSquare < SILENT_POWER
      ? undefined
      : spectrumOf(read, { from, to, frames, window, sampleRateHz, lowHz, highHz })
  return {
    fromSeconds: from / sampleRateHz,
    toSeconds: to / sampleRateHz,
    lowHz,
    highHz,
    durationSeconds: (to - from) / sampleRateHz,
    peakDbfs: peak > 0 ? 20 * Math.log10(peak) : null,
    rmsDbfs: decibels(meanSquare),
    ...NOTHING,
    ...spectrum,
  }
}

type Read = (start: number, count: number) => Float32Array
type Spectral = Pick<
  Measurements,
  'bandDbfs' | 'peakHz' | 'resolutionHz' | 'halfPower' | 'tenthPower' | 'ninety' | 'centroidHz' | 'snrDb'
>

const NOTHING: Spectral = {
  bandDbfs: null,
  peakHz: null,
  resolutionHz: null,
  halfPower: null,
  tenthPower: null,
  ninety: null,
  centroidHz: null,
  snrDb: null,
}

const decibels = (power: number) => (power > 0 ? 10 * Math.log10(power) : null)

function levels(read: Read, from: number, to: number): { peak: number; meanSquare: number } {
  let peak = 0
  let squares = 0
  for (let start = from; start < to; start += BLOCK_SAMPLES) {
    for (const sample of read(start, Math.min(BLOCK_SAMPLES, to - start))) {
      const size = Math.abs(sample)
      if (size > peak) peak = size
      squares += sample * sample
    }
  }
  return { peak, meanSquare: squares / (to - from) }
}

interface Stretch {
  from: number
  to: number
  /** Of the whole recording. */
  frames: number
  window: number
  sampleRateHz: number
  lowHz: number
  highHz: number
}

function spectrumOf(read: Read, stretch: Stretch): Partial<Spectral> {
  const { from, to, frames, window, sampleRateHz, lowHz, highHz } = stretch
  const binHz = sampleRateHz / window
  const first = Math.ceil(lowHz / binHz - 1e-9)
  const last = Math.min(window / 2, Math.floor(highHz / binHz + 1e-9))
  if (last < first) return { resolutionHz: binHz }
  const bins = last - first + 1
  // Density, one-sided: 2 / (rate · Σ window²), and Σ of a Hann window's squares is 3/8 of its length.
  const scaleOf = (bin: number) => (bin === 0 || bin === window / 2 ? 1 : 2) / (sampleRateHz * 0.375 * window)

  const sums = new Float64Array(bins)
  let count = 0
  const inside: number[] = []
  forFrames(read, from, to, window, (power) => {
    let total = 0
    for (let bin = 0; bin < bins; bin++) {
      const value = (power[first + bin] ?? 0) * scaleOf(first + bin)
      sums[bin] = (sums[bin] ?? 0) + value
      total += value
    }
    inside.push(total)
    count += 1
  })
  const density = sums.map((sum) => sum / count)
  const total = density.reduce((sum, value) => sum + value, 0)
  if (!(total * binHz > SILENT_POWER)) return { resolutionHz: binHz }

  const around: number[] = []
  const margin = Math.round(NOISE_SECONDS * sampleRateHz)
  const powerOf = (power: Float32Array) => {
    let sum = 0
    for (let bin = first; bin <= last; bin++) sum += (power[bin] ?? 0) * scaleOf(bin)
    around.push(sum)
  }
  forFrames(read, Math.max(0, from - margin), from, window, powerOf)
  forFrames(read, to, Math.min(frames, to + margin), window, powerOf)
  const noise = percentile([...inside, ...around], NOISE_PERCENTILE)
  const signal = inside.reduce((sum, value) => sum + value, 0) / inside.length

  const hzOf = (place: number) => (first + place) * binHz
  const peak = density.reduce((best, value, bin) => (value > (density[best] ?? 0) ? bin : best), 0)
  const width = (share: number) => {
    const [left, right] = widthAround(density, peak, share)
    return { lowHz: hzOf(left), highHz: hzOf(right) }
  }
  return {
    bandDbfs: decibels(total * binHz),
    peakHz: hzOf(peak),
    resolutionHz: binHz,
    halfPower: width(0.5),
    tenthPower: width(0.1),
    ninety: { lowHz: hzOf(reached(density, 0.05 * total)), highHz: hzOf(reached(density, 0.95 * total)) },
    centroidHz: density.reduce((sum, value, bin) => sum + value * hzOf(bin), 0) / total,
    snrDb:
      noise > 0 && signal - noise >= LEAST_EXCESS * noise ? 10 * Math.log10((signal - noise) / noise) : null,
  }
}

/** Calls `take` with |X|² of each Hann window that lies wholly between two samples, half over each other. */
function forFrames(
  read: Read,
  from: number,
  to: number,
  window: number,
  take: (power: Float32Array) => void,
) {
  const hop = window / 2
  const count = Math.max(0, 1 + Math.floor((to - from - window) / hop))
  for (let frame = 0; frame < count; frame += BLOCK_FRAMES) {
    const many = Math.min(BLOCK_FRAMES, count - frame)
    const samples = read(from + frame * hop, (many - 1) * hop + window)
    forEachFrame(samples, { nFft: window, hopLength: hop, centred: false }, (power) => take(power.view))
  }
}

/** Where values fall below a share of the one at `peak`, on both sides, linear between places; the ends where they don't. */
function widthAround(values: Float64Array, peak: number, share: number): [number, number] {
  const level = share * (values[peak] ?? 0)
  const crossing = (direction: 1 | -1) => {
    let at = peak
    while (at + direction >= 0 && at + direction < values.length && (values[at] ?? 0) > level) at += direction
    const [outer = 0, inner = 0] = [values[at], values[at - direction]]
    return outer < level && inner > outer ? at - (direction * (level - outer)) / (inner - outer) : at
  }
  return [crossing(-1), crossing(1)]
}

/** The first place where the running sum is at least a value. */
function reached(values: Float64Array, wanted: number): number {
  let sum = 0
  const place = values.findIndex((value) => {
    sum += value
    return sum >= wanted
  })
  return place < 0 ? values.length - 1 : place
}

/** Linear between ranks, as `numpy.percentile`. */
function percentile(values: number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const rank = ((sorted.length - 1) * percent) / 100
  const [below = 0, above = below] = [sorted[Math.floor(rank)], sorted[Math.ceil(rank)]]
  return below + (above - below) * (rank - Math.floor(rank))
}
