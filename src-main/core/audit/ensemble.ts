import type { ClassList, Predictions } from '../evaluation/predictions.ts'
import type { LabelledProbabilities } from './label-noise.ts'

/** The mean of several runs, clip by clip. */
export interface Ensemble extends LabelledProbabilities {
  readonly classList: ClassList
  readonly clipIds: Int32Array
  /** The recording of each clip, numbered from 0. */
  readonly recordings: Int32Array
  readonly recordingCount: number
  /** Clips that not every run has predicted. */
  readonly unshared: number
  /** Clips that runs were scored on under different labels. */
  readonly relabelled: number
}

/**
 * Averages the probabilities of the clips that every run has predicted under the same label. One run is itself.
 * @param runs - one at least, of one list of classes, clip ids ascending
 */
export function averageRuns(runs: readonly [Predictions, ...Predictions[]]): Ensemble {
  const [first, ...others] = runs
  const classes = first.classes.length
  const next = others.map(() => 0)
  const rows: number[] = []
  const sums = new Float64Array(first.clipIds.length * classes)
  let [shared, relabelled] = [0, 0]
  first.clipIds.forEach((clipId, row) => {
    const places = others.map((run, which) => {
      let place = next[which] ?? 0
      while (place < run.clipIds.length && (run.clipIds[place] ?? 0) < clipId) place += 1
      next[which] = place
      return run.clipIds[place] === clipId ? place : -1
    })
    if (places.includes(-1)) return
    shared += 1
    if (places.some((place, which) => others[which]?.truth[place] !== first.truth[row])) {
      relabelled += 1
      return
    }
    const into = rows.length * classes
    for (let of = 0; of < classes; of++) {
      let sum = first.probabilities[row * classes + of] ?? 0
      for (const [which, place] of places.entries())
        sum += others[which]?.probabilities[place * classes + of] ?? 0
      sums[into + of] = sum / runs.length
    }
    rows.push(row)
  })
  const numbers = new Map<number, number>()
  const recordings = Int32Array.from(rows, (row) => {
    const before = first.recordings[row] ?? 0
    const number = numbers.get(before) ?? numbers.size
    numbers.set(before, number)
    return number
  })
  const every = runs.reduce((sum, run) => sum + run.clipIds.length, 0)
  return {
    classes,
    classList: first.classes,
    clipIds: Int32Array.from(rows, (row) => first.clipIds[row] ?? 0),
    labels: Uint16Array.from(rows, (row) => first.truth[row] ?? 0),
    // Rounded as cleanlab is given them, and as one run's are.
    probabilities: Float32Array.from(sums.subarray(0, rows.length * classes)),
    recordings,
    recordingCount: numbers.size,
    unshared: every - shared * runs.length,
    relabelled,
  }
}

/** Slices of one recording under one label, taken for one example. */
export interface RecordingPools extends LabelledProbabilities {
  /** Rows of the ensemble that each pool is made of. */
  readonly members: readonly (readonly number[])[]
}

/**
 * A recording's slices under one label as one example with the mean of their probabilities: who labelled the recording wrongly
 * labelled them all so, and what no slice says loudly they may say together.
 */
export function poolRecordings(ensemble: Ensemble): RecordingPools {
  const { classes, labels, probabilities } = ensemble
  const pools = new Map<number, number[]>()
  ensemble.recordings.forEach((recording, row) => {
    const key = recording * classes + (labels[row] ?? 0)
    const rows = pools.get(key)
    if (rows) rows.push(row)
    else pools.set(key, [row])
  })
  const members = [...pools.values()]
  const pooled = new Float32Array(members.length * classes)
  members.forEach((rows, pool) => {
    for (let place = 0; place < classes; place++) {
      let sum = 0
      for (const row of rows) sum += probabilities[row * classes + place] ?? 0
      pooled[pool * classes + place] = sum / rows.length
    }
  })
  return {
    classes,
    labels: Uint16Array.from(members, ([row = 0]) => labels[row] ?? 0),
    probabilities: pooled,
    members,
  }
}
