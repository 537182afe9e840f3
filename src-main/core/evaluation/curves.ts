import type { Predictions } from './predictions.ts'

/** Points of a curve in two columns of shares, 0 … 1. */
export interface Points {
  x: number[]
  y: number[]
}

export interface ClassCurves {
  classId: number
  positives: number
  /** False-positive rate, true-positive rate, from (0, 0). Null where all clips or none are of the class. */
  roc: (Points & { auc: number }) | null
  /** Recall, precision, from (0, 1). Null where no clip is of the class. */
  precisionRecall: (Points & { averagePrecision: number }) | null
}

/**
 * Each class against the rest by its probability. The area under the ROC is by trapezoids, average precision is
 * Σ (Rₙ − Rₙ₋₁) Pₙ without interpolation, as scikit-learn's; clips of one probability are one step.
 * @param leastMove - a point nearer to the one before (in x and y together) is left out: it could not be seen. Areas are exact
 */
export function classCurves(
  { classes, truth, probabilities }: Predictions,
  leastMove = 1 / 500,
): ClassCurves[] {
  const bits = new Uint32Array(probabilities.buffer, probabilities.byteOffset, probabilities.length)
  const keys = new Uint32Array(truth.length)
  return classes.map(({ id }, place) => {
    // Bits of floats from 0 up rise as the floats do, so that probability and label fit one number, and numbers sort fast.
    let positives = 0
    for (let row = 0; row < truth.length; row++) {
      const isPositive = truth[row] === place ? 1 : 0
      positives += isPositive
      keys[row] = ((bits[row * classes.length + place] ?? 0) << 1) | isPositive
    }
    return { classId: id, positives, ...curvesOf(keys.sort(), positives, leastMove) }
  })
}

/** @param keys - ascending; the lowest bit says whether a clip is of the class */
function curvesOf(
  keys: Uint32Array,
  positives: number,
  leastMove: number,
): Pick<ClassCurves, 'roc' | 'precisionRecall'> {
  const negatives = keys.length - positives
  const roc = drawing(0, 0, leastMove)
  const precisionRecall = drawing(0, 1, leastMove)
  let [hits, falseAlarms, area, averagePrecision] = [0, 0, 0, 0]
  for (let place = keys.length - 1; place >= 0; ) {
    const score = (keys[place] ?? 0) >>> 1
    const [hitsBefore, falseBefore] = [hits, falseAlarms]
    for (; place >= 0 && (keys[place] ?? 0) >>> 1 === score; place--) {
      if ((keys[place] ?? 0) & 1) hits += 1
      else falseAlarms += 1
    }
    area += ((falseAlarms - falseBefore) * (hits + hitsBefore)) / 2
    const precision = hits / (hits + falseAlarms)
    averagePrecision += ((hits - hitsBefore) / positives) * precision
    roc.to(falseAlarms / negatives, hits / positives, place < 0)
    precisionRecall.to(hits / positives, precision, hits === positives && hitsBefore < hits)
  }
  return {
    roc: positives && negatives ? { ...roc.points, auc: area / (positives * negatives) } : null,
    precisionRecall: positives ? { ...precisionRecall.points, averagePrecision } : null,
  }
}

function drawing(x: number, y: number, leastMove: number) {
  const points: Points = { x: [x], y: [y] }
  let [lastX, lastY] = [x, y]
  return {
    points,
    to(nextX: number, nextY: number, always: boolean) {
      if (!always && Math.abs(nextX - lastX) + Math.abs(nextY - lastY) < leastMove) return
      points.x.push(nextX)
      points.y.push(nextY)
      lastX = nextX
      lastY = nextY
    },
  }
}
