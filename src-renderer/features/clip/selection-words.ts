import type { Selection } from '../../lib/components/spectrogram/selection.ts'

/** "1.250 to 2.000 s (0.750 s), 400 to 3000 Hz" */
export function selectionWords({ from, to, band }: Selection): string {
  const time = `${from.toFixed(3)} to ${to.toFixed(3)} s (${(to - from).toFixed(3)} s)`
  return band ? `${time}, ${Math.round(band.lowHz)} to ${Math.round(band.highHz)} Hz` : time
}

/** "3.25 s", or "1:02:03.25" where the clip is longer than a minute. */
export function clockTime(seconds: number, durationSeconds: number): string {
  if (durationSeconds < 60) return `${seconds.toFixed(2)} s`
  const hundredths = Math.round(seconds * 100)
  const [hours, minutes] = [Math.floor(hundredths / 360_000), Math.floor(hundredths / 6000) % 60]
  const rest = ((hundredths % 6000) / 100).toFixed(2).padStart(5, '0')
  const twoDigits = String(minutes).padStart(2, '0')
  return durationSeconds < 3600 ? `${twoDigits}:${rest}` : `${hours}:${twoDigits}:${rest}`
}
