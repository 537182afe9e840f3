import type { LabelMethod } from '../../contract/audit-issues.ts'
import {
  calibratedJoint,
  confidentJoint,
  confidentThresholds,
  type LabelledProbabilities,
  labelCounts,
  TOLERANCE,
} from './label-noise.ts'

/** Every class keeps so many clips. */
const KEPT_PER_CLASS = 1

export interface FoundLabels {
  /** Per clip 1 where its label is taken for wrong. */
  issues: Record<LabelMethod, Uint8Array>
  /** Calibrated, [given][true]. */
  joint: number[][]
  thresholds: (number | null)[]
}

/**
 * Labels that are probably wrong, by every method (Northcutt et al. 2021, section 3.2): off the confident joint's diagonal; as
 * many of each class, least probable first, as the joint says are wrong; as many of each class and true class, by the margin
 * between the two; or both of these. A label that is the most probable class is never taken for wrong. As cleanlab's
 * `find_label_issues`; of clips that tie where a class's count ends, the first are taken.
 */
export function findLabelIssues(data: LabelledProbabilities): FoundLabels {
  const thresholds = confidentThresholds(data)
  const counts = labelCounts(data)
  const { counts: confident, offDiagonal } = confidentJoint(data, thresholds)
  const joint = calibratedJoint(confident, counts)
  const rows = rowsByLabel(data, counts)
  const pruned = pruneCounts(joint)
  const byClass = new Uint8Array(data.labels.length)
  const byNoise = new Uint8Array(data.labels.length)
  rows.forEach((own, given) => {
    if (own.length <= KEPT_PER_CLASS) return
    const keep = pruned[given]?.[given] ?? 0
    mark(byClass, own, own.length - keep, (row) => probabilityOf(data, row, given))
    pruned[given]?.forEach((wrong, truth) => {
      if (truth === given || wrong <= 0) return
      mark(byNoise, own, wrong, (row) => probabilityOf(data, row, given) - probabilityOf(data, row, truth))
    })
  })
  const doubted = (mask: Uint8Array) => mask.map((flag, row) => (flag && !isMostProbable(data, row) ? 1 : 0))
  return {
    issues: {
      'prune-by-noise-rate': doubted(byNoise),
      'prune-by-class': doubted(byClass),
      both: doubted(byNoise.map((flag, row) => flag & (byClass[row] ?? 0))),
      'confident-learning': doubted(offDiagonal),
    },
    joint,
    thresholds,
  }
}

const probabilityOf = ({ classes, probabilities }: LabelledProbabilities, row: number, place: number) =>
  probabilities[row * classes + place] ?? 0

function rowsByLabel({ labels }: LabelledProbabilities, counts: readonly number[]): Uint32Array[] {
  const rows = counts.map((count) => new Uint32Array(count))
  const next = new Uint32Array(counts.length)
  labels.forEach((label, row) => {
    const place = next[label] ?? 0
    next[label] = place + 1
    const own = rows[label]
    if (own) own[place] = row
  })
  return rows
}

/** Marks so many of the rows, those with the lowest key first. */
function mark(mask: Uint8Array, rows: Uint32Array, count: number, keyOf: (row: number) => number): void {
  if (count <= 0) return
  const keys = Float64Array.from(rows, keyOf)
  const order = Uint32Array.from(rows, (_, place) => place)
  order.sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0) || a - b)
  for (const place of order.subarray(0, count)) mask[rows[place] ?? 0] = 1
}

/** That the label is the most probable class, or as good as it. */
function isMostProbable(data: LabelledProbabilities, row: number): boolean {
  const label = data.labels[row] ?? 0
  const own = probabilityOf(data, row, label) + TOLERANCE
  for (let place = 0; place < data.classes; place++) {
    if (place === label) continue
    const other = probabilityOf(data, row, place)
    // The first of equals counts.
    if (other > own || (other === own && place < label)) return false
  }
  return true
}

/**
 * How many clips to prune of each label and true class: the joint, with every class keeping a clip; what that adds to the
 * diagonal is taken evenly from the class's other entries.
 * @returns [given][true]
 */
function pruneCounts(joint: readonly (readonly number[])[]): number[][] {
  return joint.map((row, given) => {
    const keep = Math.max(row[given] ?? 0, KEPT_PER_CLASS)
    const others = Math.max(1, row.filter((count) => count !== 0).length - 1)
    const taken = (keep - (row[given] ?? 0)) / others
    return row.map((count, truth) => (truth === given ? keep : Math.trunc(Math.max(0, count - taken))))
  })
}
