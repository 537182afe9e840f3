import type { LabelScore } from '../../contract/audit-issues.ts'
import { type LabelledProbabilities, TOLERANCE } from './label-noise.ts'

/**
 * How well each label goes with the clip's probabilities: low is doubtful. The definitions are cleanlab's (`rank.py`):
 * the label's probability; that less the highest other, from −1 … 1 moved to 0 … 1; and ln(1 + r) / r of r, the entropy of the
 * probabilities (to the base of the number of classes) by the label's probability.
 * @returns length clips, 0 … 1
 */
export function labelScores(data: LabelledProbabilities, score: LabelScore): Float64Array {
  const { labels } = data
  const scoreOf = SCORES[score]
  const scores = new Float64Array(labels.length)
  for (let row = 0; row < labels.length; row++) scores[row] = scoreOf(data, row)
  return scores
}

type RowScore = (data: LabelledProbabilities, row: number) => number

export const selfConfidence: RowScore = ({ classes, labels, probabilities }, row) =>
  probabilities[row * classes + (labels[row] ?? 0)] ?? 0

export const normalizedMargin: RowScore = (data, row) => {
  const { classes, labels, probabilities } = data
  let highest = Number.NEGATIVE_INFINITY
  for (let place = 0; place < classes; place++)
    if (place !== labels[row]) highest = Math.max(highest, probabilities[row * classes + place] ?? 0)
  return (selfConfidence(data, row) - highest + 1) / 2
}

export const confidenceWeightedEntropy: RowScore = (data, row) => {
  const { classes, probabilities } = data
  let entropy = 0
  for (let place = 0; place < classes; place++) {
    const probability = probabilities[row * classes + place] ?? 0
    if (probability > 0) entropy -= probability * Math.log(probability)
  }
  const ratio = entropy / Math.log(classes) / Math.max(TOLERANCE, selfConfidence(data, row))
  return Math.log(ratio + 1) / Math.max(TOLERANCE, ratio)
}

const SCORES: Record<LabelScore, RowScore> = {
  'self-confidence': selfConfidence,
  'normalized-margin': normalizedMargin,
  'confidence-weighted-entropy': confidenceWeightedEntropy,
}
