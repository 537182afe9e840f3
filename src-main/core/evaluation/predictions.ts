/** Classes in the order of a model's outputs. */
export type ClassList = { id: number; name: string }[]

/**
 * Out-of-fold predictions of one run in columns, an entry for each clip, clip ids ascending. A million of them are read and
 * scored at once, so none is an object of its own.
 */
export interface Predictions {
  readonly classes: ClassList
  readonly clipIds: Int32Array
  /** That were held out. */
  readonly folds: Int32Array
  /** Places in `classes`: the label that the run was scored against, and what was predicted. */
  readonly truth: Uint16Array
  readonly predicted: Uint16Array
  /** clips × classes, row by row. */
  readonly probabilities: Float32Array
  /** The recording that each clip was cut from, numbered from 0; a clip without one is a recording by itself. */
  readonly recordings: Int32Array
  readonly recordingCount: number
}

/** Those at some places, in the order given; recordings are numbered anew. */
export function pick(predictions: Predictions, places: Int32Array): Predictions {
  const width = predictions.classes.length
  const probabilities = new Float32Array(places.length * width)
  places.forEach((place, row) => {
    probabilities.set(predictions.probabilities.subarray(place * width, (place + 1) * width), row * width)
  })
  const of = <T extends Int32Array | Uint16Array>(column: T, into: T): T => {
    places.forEach((place, row) => {
      into[row] = column[place] ?? 0
    })
    return into
  }
  const numbers = new Map<number, number>()
  const recordings = places.map((place) => {
    const before = predictions.recordings[place] ?? 0
    const number = numbers.get(before) ?? numbers.size
    numbers.set(before, number)
    return number
  })
  return {
    classes: predictions.classes,
    clipIds: of(predictions.clipIds, new Int32Array(places.length)),
    folds: of(predictions.folds, new Int32Array(places.length)),
    truth: of(predictions.truth, new Uint16Array(places.length)),
    predicted: of(predictions.predicted, new Uint16Array(places.length)),
    probabilities,
    recordings,
    recordingCount: numbers.size,
  }
}
