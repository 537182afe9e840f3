import type { Selection } from '../../lib/components/spectrogram/selection.ts'

/** "1.250 to 2.000 s (0.750 s), 400 to 3000 Hz" */
export function selectionWords({ from, to, band }: Selection): string {
  const time = `${from.toFixed(3)} to ${to.toFixed(3)} s (${(to - from).toFixed(3)} s)`
  return band ? `${time}, ${Math.round(band.lowHz)} to ${Math.round(band.highHz)} Hz` : time
}
