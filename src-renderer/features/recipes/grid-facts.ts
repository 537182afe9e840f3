import type { SpectralRecipeInfo } from '../../../src-main/contract/model.ts'
import { bytes, count } from '../../lib/format.ts'

export interface GridFact {
  readonly title: string
  readonly value: string
}

type Grid = Pick<SpectralRecipeInfo, 'settings' | 'rows' | 'frames' | 'melCentresHz'>

/** What the recipe's grid is like in time and frequency, and how much it makes of a clip. */
export function gridFacts({ settings, rows, frames, melCentresHz }: Grid): GridFact[] {
  const { sampleRateHz, hopLength, nFft, winLength } = settings
  const milliseconds = (samples: number) => `${significant((samples / sampleRateHz) * 1000)} ms`
  const spacing = bandSpacingHz(melCentresHz, 1000)
  const values = rows * frames
  return [
    { title: 'A frame every', value: milliseconds(hopLength) },
    { title: 'Window', value: milliseconds(winLength ?? nFft) },
    { title: 'Bin width', value: `${significant(sampleRateHz / nFft)} Hz` },
    ...(spacing === null ? [] : [{ title: 'Band spacing at 1 kHz', value: `${significant(spacing)} Hz` }]),
    { title: 'Rows × frames', value: `${count(rows)} × ${count(frames)}` },
    {
      title: 'Per clip',
      value: `${count(values)} values, ${bytes(values * Float32Array.BYTES_PER_ELEMENT)}`,
    },
  ]
}

/** From one band's centre to the next, around a frequency; null where the bands do not reach it. */
export function bandSpacingHz(melCentresHz: readonly number[], hz: number): number | null {
  const above = melCentresHz.findIndex((centre) => centre > hz)
  const [low, high] = [melCentresHz[above - 1], melCentresHz[above]]
  return low === undefined || high === undefined ? null : high - low
}

/** Three digits, where the number has as many behind the point: 23.2, 0.125, 1388. */
function significant(value: number): string {
  return value >= 100 ? count(Math.round(value)) : String(Number(value.toPrecision(3)))
}
