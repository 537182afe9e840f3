import type { Measurements } from '../../../src-main/contract/recording.ts'

const MISSING = '–'
const minus = (text: string) => text.replace('-', '−')
const decibels = (value: number | null, unit: string) =>
  value === null ? MISSING : minus(`${value.toFixed(1)} ${unit}`)
const hertz = (value: number | null) => (value === null ? MISSING : `${Math.round(value)} Hz`)
/** A line may not end within the brackets. */
const width = (range: { lowHz: number; highHz: number } | null) =>
  range === null
    ? MISSING
    : `${Math.round(range.highHz - range.lowHz)} Hz (${Math.round(range.lowHz)}\u2060–\u2060${Math.round(range.highHz)})`

export interface MeasurementRow {
  readonly title: string
  readonly value: string
  /** How it is meant, for a tooltip. */
  readonly meaning: string
}

/** As people read them; formulas are in the guide. */
export function measurementRows(measured: Measurements): MeasurementRow[] {
  return [
    { title: 'Duration', value: `${measured.durationSeconds.toFixed(3)} s`, meaning: 'From edge to edge' },
    {
      title: 'Peak level',
      value: decibels(measured.peakDbfs, 'dBFS'),
      meaning: 'Largest sample, of all frequencies',
    },
    {
      title: 'RMS level',
      value: decibels(measured.rmsDbfs, 'dBFS'),
      meaning: 'Of all frequencies; a sine at full scale has −3.0',
    },
    {
      title: 'Band level',
      value: decibels(measured.bandDbfs, 'dBFS'),
      meaning: 'RMS level of the band alone',
    },
    { title: 'Peak frequency', value: hertz(measured.peakHz), meaning: 'Of the strongest bin of the band' },
    { title: 'Centroid', value: hertz(measured.centroidHz), meaning: 'Mean frequency, weighted by power' },
    {
      title: 'Bandwidth −3 dB',
      value: width(measured.halfPower),
      meaning: 'Around the peak, above half its power',
    },
    {
      title: 'Bandwidth −10 dB',
      value: width(measured.tenthPower),
      meaning: 'Around the peak, above a tenth of its power',
    },
    {
      title: 'Bandwidth 90 %',
      value: width(measured.ninety),
      meaning: 'From 5 % to 95 % of the band’s energy',
    },
    {
      title: 'SNR estimate',
      value: decibels(measured.snrDb, 'dB'),
      meaning: 'Over the quietest tenth of the band’s moments, here and 5 s around',
    },
    {
      title: 'Resolution',
      value: measured.resolutionHz === null ? MISSING : `${measured.resolutionHz.toFixed(1)} Hz`,
      meaning: 'From bin to bin of the spectrum that frequencies are read from',
    },
  ]
}
