import type { Measurements } from '../../contract/recording.ts'
import type { Core } from '../../core/create-core.ts'
import { clipNamed } from '../clips-named.ts'
import { table } from '../output.ts'
import { type GlobalOptions, pickDataset, withSession } from '../session.ts'

export interface MeasureOptions extends GlobalOptions {
  dataset?: string
  from?: number
  to?: number
  low?: number
  high?: number
  channel?: number
}

/** @param wanted - file name within a dataset, or the clip's number */
export function measure(wanted: string, options: MeasureOptions): Promise<void> {
  return withSession(options, async ({ core, output }) => {
    const clip = await core.call('clips.get', { clipId: await findClip(core, wanted, options.dataset) })
    const optional = (key: string, value: number | undefined) => (value === undefined ? {} : { [key]: value })
    const measured = await core.call('clips.measure', {
      clipId: clip.id,
      fromSeconds: options.from ?? 0,
      toSeconds: options.to ?? Math.max(clip.durationSeconds ?? 0, (options.from ?? 0) + 1e-6),
      ...optional('lowHz', options.low),
      ...optional('highHz', options.high),
      ...optional('channel', options.channel),
    })
    output.result({ clipId: clip.id, fileName: clip.fileName, ...measured }, () =>
      describe(clip.fileName, measured),
    )
  })
}

/** A number names a clip of any dataset. */
const findClip = async (core: Core, wanted: string, dataset: string | undefined) =>
  /^\d+$/.test(wanted) && dataset === undefined
    ? Number(wanted)
    : clipNamed(core, await pickDataset(core, dataset), wanted)

const decibels = (value: number | null, unit: string) =>
  value === null ? '–' : `${value.toFixed(1)} ${unit}`
const hertz = (value: number | null) => (value === null ? '–' : `${value.toFixed(1)} Hz`)
const range = (value: { lowHz: number; highHz: number } | null) =>
  value === null
    ? '–'
    : `${(value.highHz - value.lowHz).toFixed(1)} Hz (${value.lowHz.toFixed(1)} to ${value.highHz.toFixed(1)})`

function describe(fileName: string, measured: Measurements): string {
  const { fromSeconds, toSeconds, lowHz, highHz } = measured
  return [
    `${fileName}, ${fromSeconds.toFixed(3)} to ${toSeconds.toFixed(3)} s, ${lowHz.toFixed(0)} to ${highHz.toFixed(0)} Hz`,
    table(
      ['measure', 'value'],
      [
        ['duration', `${measured.durationSeconds.toFixed(3)} s`],
        ['peak level', decibels(measured.peakDbfs, 'dBFS')],
        ['RMS level', decibels(measured.rmsDbfs, 'dBFS')],
        ['band level', decibels(measured.bandDbfs, 'dBFS')],
        ['peak frequency', hertz(measured.peakHz)],
        ['centroid', hertz(measured.centroidHz)],
        ['bandwidth -3 dB', range(measured.halfPower)],
        ['bandwidth -10 dB', range(measured.tenthPower)],
        ['bandwidth 90 %', range(measured.ninety)],
        ['SNR estimate', decibels(measured.snrDb, 'dB')],
        ['resolution', hertz(measured.resolutionHz)],
      ],
    ),
  ].join('\n')
}
