import type { SpectrogramScale } from './spectrogram-data.ts'

/** Frequencies that people read off an axis, in Hz. */
const AXIS_HZ = [50, 100, 200, 500, 1000, 2000, 3000, 5000, 8000, 11_000, 16_000, 20_000]

export interface AxisTick {
  /** Share of the axis from its start, 0..1: from the left, or from the bottom. */
  readonly position: number
  readonly label: string
}

/**
 * Where a frequency lies among the bands: 0 is the centre of the lowest band, n − 1 that of the highest, linear in Hz
 * between two centres; NaN outside them.
 */
export function bandAtHz(melCentresHz: readonly number[], hz: number): number {
  const upper = melCentresHz.findIndex((centre) => centre >= hz)
  const above = melCentresHz[upper]
  if (above === undefined) return Number.NaN
  if (above === hz) return upper
  const below = melCentresHz[upper - 1]
  return below === undefined ? Number.NaN : upper - 1 + (hz - below) / (above - below)
}

/** The inverse of `bandAtHz`; clamped to the lowest and highest centre. */
export function hzAtBand(melCentresHz: readonly number[], band: number): number {
  const last = melCentresHz.length - 1
  const clamped = Math.min(last, Math.max(0, band))
  const below = melCentresHz[Math.floor(clamped)] ?? Number.NaN
  const above = melCentresHz[Math.ceil(clamped)] ?? Number.NaN
  return below + (above - below) * (clamped - Math.floor(clamped))
}

/**
 * Ticks of the frequency axis; a band is one row, its centre half-way up.
 * @param minimumGap - share of the axis that two labels need between them
 */
export function frequencyTicks(melCentresHz: readonly number[], minimumGap: number): AxisTick[] {
  const ticks: AxisTick[] = []
  for (const hz of AXIS_HZ) {
    const position = (bandAtHz(melCentresHz, hz) + 0.5) / melCentresHz.length
    const previous = ticks.at(-1)
    if (!Number.isFinite(position) || (previous && position - previous.position < minimumGap)) continue
    ticks.push({ position, label: hz < 1000 ? String(hz) : `${hz / 1000}k` })
  }
  return ticks
}

/** Ticks from 0 to a duration at a round step of seconds: about `wanted` of them. */
export function timeTicks(durationSeconds: number, wanted: number): AxisTick[] {
  if (!(durationSeconds > 0)) return []
  const step = roundStep(durationSeconds / wanted)
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9))
  // Not by adding: 0.1 + 0.2 would label a tick 0.30000000000000004.
  const ticks: AxisTick[] = []
  for (let n = 0; n * step <= durationSeconds * (1 + 1e-9); n++)
    ticks.push({ position: (n * step) / durationSeconds, label: (n * step).toFixed(digits) })
  return ticks
}

/**
 * Which part of the picture lies over a clip, in pixels of `frames` per width. A frame is centred on its sample
 * (librosa's `center=True`), so the picture starts half a frame before the clip.
 * @returns source columns, and the share of the clip's width they cover from the left
 */
export function visibleFrames(
  scale: SpectrogramScale,
  frames: number,
  durationSeconds: number,
): { from: number; to: number; coverage: number } {
  const frameSeconds = scale.hopLength / scale.sampleRateHz
  const to = Math.min(frames, durationSeconds / frameSeconds + 0.5)
  const coverage = durationSeconds > 0 ? Math.min(1, ((to - 0.5) * frameSeconds) / durationSeconds) : 1
  return { from: 0.5, to: Math.max(1, to), coverage }
}

/** Time, frequency and level below a point; shares of the picture from the left and from the top. */
export function readPoint(
  scale: SpectrogramScale,
  durationSeconds: number,
  x: number,
  y: number,
): { seconds: number; hz: number; band: number; frame: number } {
  const seconds = Math.min(1, Math.max(0, x)) * durationSeconds
  const rows = scale.melCentresHz.length
  const row = (1 - Math.min(1, Math.max(0, y))) * rows
  return {
    seconds,
    hz: hzAtBand(scale.melCentresHz, row - 0.5),
    band: Math.min(rows - 1, Math.floor(row)),
    frame: Math.round((seconds * scale.sampleRateHz) / scale.hopLength),
  }
}

/** The smallest of 1, 2, 5 times a power of ten that is at least `step`. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step))
  const factor = [1, 2, 5].find((candidate) => candidate * power >= step * (1 - 1e-9)) ?? 10
  return factor * power
}
