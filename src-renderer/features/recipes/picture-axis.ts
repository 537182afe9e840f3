import type { SpectralRecipeInfo } from '../../../src-main/contract/model.ts'
import type { FeatureRecipe } from '../../../src-main/contract/recipe.ts'
import { type AxisTick, frequencyTicks } from '../../lib/components/spectrogram/axis-ticks.ts'
import {
  type FrequencyAxis,
  type FrequencyAxisName,
  frequencyAxis,
} from '../../lib/components/spectrogram/frequency-axis.ts'
import { decibelExtent, type Levels, shownLevels } from '../../lib/components/spectrogram/spectrogram-data.ts'

const PITCH_CLASSES = ['C', 'C♯', 'D', 'D♯', 'E', 'F', 'F♯', 'G', 'G♯', 'A', 'A♯', 'B']
const ROW_STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500]
/**
 * Share of the values at each end that may lie beyond the colours, where few are far from the rest: in MFCCs those of the
 * first coefficients, the overall level.
 */
const OUTLIERS = 0.01
const MFCC_OUTLIERS = 0.05
const MAX_SORTED = 200_000

type Rows = Pick<SpectralRecipeInfo, 'settings' | 'rows' | 'melCentresHz'>

/** The upright axis of a picture: Hz for bands, else one row above the other, each of its own colour. */
export function rowAxis({ rows, melCentresHz }: Rows, name: FrequencyAxisName): FrequencyAxis {
  if (melCentresHz.length > 0) return frequencyAxis(melCentresHz, name)
  const place = (share: number) => share * rows - 0.5
  return {
    lowHz: 0,
    highHz: rows,
    hzAt: (share) => share * rows,
    shareOf: (row) => row / rows,
    bandAt: (share) => Math.min(rows - 1, Math.max(0, Math.round(place(share)))),
  }
}

/**
 * Labels of that axis. Rows of coefficients are counted from 0, and anew in each derivative.
 * @param minimumGap - share of the axis that two labels need between them
 */
export function rowTicks(
  { settings, rows, melCentresHz }: Rows,
  axis: FrequencyAxis,
  name: FrequencyAxisName,
  minimumGap: number,
): AxisTick[] {
  if (melCentresHz.length > 0) return frequencyTicks(axis, name, minimumGap)
  const step = ROW_STEPS.find((candidate) => candidate / rows >= minimumGap) ?? rows
  const block = settings.kind === 'mfcc' ? settings.nMfcc : rows
  return Array.from({ length: rows }, (_, row) => row)
    .filter((row) => row % block === 0 || ((row % block) % step === 0 && block - (row % block) >= step))
    .map((row) => ({
      position: (row + 0.5) / rows,
      label: settings.kind === 'chroma' ? (PITCH_CLASSES[row] ?? '') : rowName(row, block),
    }))
}

function rowName(row: number, block: number): string {
  return `${'Δ'.repeat(Math.floor(row / block))}${row % block}`
}

/** Which values the colours span, and how that is said when it is not simply all of them. */
export function pictureLevels(
  values: Float32Array,
  { kind, scaling }: Pick<FeatureRecipe, 'kind' | 'scaling'>,
  rangeDb: number,
): { levels: Levels; note?: string } {
  if (scaling === 'bytes') return { levels: { low: 0, high: 255 } }
  if (kind === 'chroma') return { levels: { low: 0, high: 1 } }
  if (kind === 'log-mel') return { levels: shownLevels(decibelExtent(values), rangeDb, 0) }
  // Of a large picture some tell as well as all, and sorting all would take a second.
  const stride = Math.ceil(values.length / MAX_SORTED)
  const sorted = (stride > 1 ? values.filter((_, index) => index % stride === 0) : values).toSorted()
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? 0
  const beyond = kind === 'mfcc' ? MFCC_OUTLIERS : OUTLIERS
  const [low, high] = [at(beyond), at(1 - beyond)]
  if (!(high > low)) return { levels: widened(decibelExtent(values)) }
  return {
    levels: { low, high },
    note: `Colours leave out the lowest and the highest ${beyond * 100} % of the values.`,
  }
}

/** Where all values are equal there is nothing to span; they then get the lowest colour. */
function widened({ low, high }: Levels): Levels {
  return high > low ? { low, high } : { low, high: low + 1 }
}

/**
 * Where the clip's own time lies in the recipe's picture; null where it can't be said beforehand, after trimming or at another speed.
 * @param clipSeconds - null for unknown
 */
export function clipOffsetSeconds(
  { placement, trimTopDb, durationSeconds, timeStretch }: FeatureRecipe,
  clipSeconds: number | null,
): number | null {
  if (trimTopDb !== null || timeStretch !== 1 || clipSeconds === null) return null
  return placement === 'centre' ? Math.max(0, (durationSeconds - clipSeconds) / 2) : 0
}
