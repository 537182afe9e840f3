import type { FrequencyAxis } from './frequency-axis.ts'
import { levelAt, type SpectrogramData, type SpectrogramScale } from './spectrogram-data.ts'

/** A place on the pictures of a clip. */
export interface Cursor {
  readonly seconds: number
  /** Share of the frequency axis from the bottom, 0..1; null while the pointer is over the waveform. */
  readonly height: number | null
  /** Keys go from value to value; the pointer reads what is between them, too. */
  readonly by: 'pointer' | 'keys'
}

export interface Readout {
  readonly seconds: number
  readonly hz: number | null
  /** undefined where the picture has no value: beyond what the recipe takes of a clip. */
  readonly decibels: number | undefined
}

/** To the right, and upwards. */
export interface CursorStep {
  readonly byFrames?: number
  readonly byBands?: number
}

/** Time, frequency and level at the cursor: the value of the cell it is in, not a mix of its neighbours. */
export function readCursor(
  cursor: Cursor,
  data: SpectrogramData,
  scale: SpectrogramScale,
  axis: FrequencyAxis,
): Readout {
  const { seconds, height } = cursor
  if (height === null) return { seconds, hz: null, decibels: undefined }
  const frame = Math.round((seconds * scale.sampleRateHz) / scale.hopLength)
  const band = Math.min(data.nMels - 1, Math.max(0, Math.round(axis.bandAt(height))))
  return { seconds, hz: axis.hzAt(height), decibels: levelAt(data, band, frame) }
}

/** "1.250 s · 440 Hz · −12.3 dB" */
export function describeReadout({ seconds, hz, decibels }: Readout): string {
  const parts = [`${seconds.toFixed(3)} s`]
  if (hz !== null) parts.push(`${Math.round(hz)} Hz`)
  if (decibels !== undefined) parts.push(`${decibels.toFixed(1).replace('-', '−')} dB`)
  return parts.join(' · ')
}

/** The middle of the cell next to the cursor's. */
export function stepCursor(
  cursor: Cursor,
  { byFrames = 0, byBands = 0 }: CursorStep,
  scale: SpectrogramScale,
  axis: FrequencyAxis,
  durationSeconds: number,
): Cursor {
  const frameSeconds = scale.hopLength / scale.sampleRateHz
  const lastBand = scale.melCentresHz.length - 1
  const lastFrame = Math.floor(durationSeconds / frameSeconds)
  const frame = Math.round(cursor.seconds / frameSeconds) + byFrames
  const band = Math.round(axis.bandAt(cursor.height ?? 0.5)) + byBands
  const hz = scale.melCentresHz[Math.min(lastBand, Math.max(0, band))] ?? 0
  return {
    seconds: Math.min(lastFrame, Math.max(0, frame)) * frameSeconds,
    height: axis.shareOf(hz),
    by: 'keys',
  }
}
