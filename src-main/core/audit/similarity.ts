import type { Recipe } from '../../contract/embedding.ts'
import type { AudioClip, FeatureStore } from '../features/feature-store.ts'
import { isOneClipsError } from '../features/feature-store.ts'
import { forEachLimited } from '../features/worker-pool.ts'
import type { UnitVectors } from './nearest.ts'

/** Clips at once: enough to keep the threads busy. */
const AT_ONCE = 8
/** What a change of level alone changes. */
const LEVEL_ALONE = /^(mfcc_0_mean|rms_(mean|std))$/
/** Standard deviations beyond which a value counts as this many. */
const MOST_DEVIATIONS = 5

/** A clip that could not be measured. */
export interface Failure {
  clipId: number
  message: string
}

/** Something of each clip; clips whose audio is at fault are named and left out. */
export async function ofEachClip<C extends AudioClip, T>(
  clips: readonly C[],
  ask: (clip: C) => Promise<T>,
  signal: AbortSignal,
  onProgress: (done: number) => void,
): Promise<{ measured: { clip: C; value: T }[]; failed: Failure[] }> {
  const values = new Map<number, T>()
  const failed: Failure[] = []
  let done = 0
  await forEachLimited(clips, AT_ONCE, signal, async (clip) => {
    try {
      values.set(clip.clipId, await ask(clip))
    } catch (error) {
      if (signal.aborted || !isOneClipsError(error)) throw error
      failed.push({ clipId: clip.clipId, message: error.message })
    }
    done += 1
    onProgress(done)
  })
  const measured = clips.flatMap((clip) => {
    const value = values.get(clip.clipId)
    return value === undefined ? [] : [{ clip, value }]
  })
  return { measured, failed }
}

/**
 * A clip in numbers, by which clips are alike: its clip-level numbers but those that the level alone changes; by a recipe,
 * mean and standard deviation of each row over its frames (of an embedding, the embedding).
 */
export async function vectorOf(
  features: Pick<FeatureStore, 'summary' | 'read'>,
  clip: AudioClip,
  recipe: Recipe | null,
  signal: AbortSignal,
): Promise<Float64Array> {
  if (recipe === null) {
    const summary = await features.summary(clip, signal)
    return Float64Array.from(summary.filter(([name]) => !LEVEL_ALONE.test(name)).map(([, value]) => value))
  }
  const { data, rows, frames } = await features.read(clip, recipe, signal)
  const vector = new Float64Array(2 * rows)
  for (let row = 0; row < rows; row++) {
    let [sum, squares] = [0, 0]
    for (let frame = 0; frame < frames; frame++) {
      const value = data[row * frames + frame] ?? 0
      sum += value
      squares += value * value
    }
    vector[2 * row] = sum / frames
    vector[2 * row + 1] = Math.sqrt(Math.max(0, squares / frames - (sum / frames) ** 2))
  }
  return vector
}

/** Each number less its mean over all clips, by its standard deviation; those that are the same everywhere are left out. */
export function standardised(
  vectors: readonly Float64Array[],
): Pick<UnitVectors, 'rows' | 'width' | 'values'> {
  const length = vectors[0]?.length ?? 0
  const columns = Array.from({ length }, (_, column) => {
    const mean = vectors.reduce((sum, vector) => sum + (vector[column] ?? 0), 0) / vectors.length
    const variance =
      vectors.reduce((sum, vector) => sum + ((vector[column] ?? 0) - mean) ** 2, 0) / vectors.length
    return { column, mean, deviation: Math.sqrt(variance) }
  }).filter(({ mean, deviation }) => deviation > 1e-9 * Math.max(1, Math.abs(mean)))
  const values = new Float32Array(vectors.length * columns.length)
  vectors.forEach((vector, row) => {
    columns.forEach(({ column, mean, deviation }, place) => {
      const value = ((vector[column] ?? 0) - mean) / deviation
      values[row * columns.length + place] = Math.max(-MOST_DEVIATIONS, Math.min(MOST_DEVIATIONS, value))
    })
  })
  return { rows: vectors.length, width: columns.length, values }
}

/** The same directions at length 1; a row of zeros stays one. */
export function unit({ rows, width, values }: UnitVectors): UnitVectors {
  const scaled = new Float32Array(values.length)
  for (let row = 0; row < rows; row++) {
    let sum = 0
    for (let column = 0; column < width; column++) sum += (values[row * width + column] ?? 0) ** 2
    const factor = sum > 0 ? 1 / Math.sqrt(sum) : 0
    for (let column = 0; column < width; column++)
      scaled[row * width + column] = (values[row * width + column] ?? 0) * factor
  }
  return { rows, width, values: scaled }
}
