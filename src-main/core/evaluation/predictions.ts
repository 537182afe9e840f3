/** Classes in the order of a model's outputs. */
export type ClassList = { id: number; name: string }[]

/** What a run predicted, as it is stored: an entry for each clip, clip ids ascending. */
export interface RunColumns {
  readonly classes: ClassList
  readonly clipIds: Int32Array
  /** That were held out. */
  readonly folds: Int32Array
  /** Places in `classes`: the label that the run was scored against, and what was predicted. */
  readonly truth: Uint16Array
  readonly predicted: Uint16Array
  /** clips × classes, row by row. */
  readonly probabilities: Float32Array
}

/**
 * Out-of-fold predictions of one run in columns. A million of them are read and scored at once, so none is an object of its own, and
 * threads share their memory.
 */
export interface Predictions extends RunColumns {
  /** The recording that each clip was cut from, numbered from 0; a clip without one is a recording by itself. */
  readonly recordings: Int32Array
  readonly recordingCount: number
}

/** Arrays that threads share. */
export const shared = {
  bytes: (length: number) => new Uint8Array(new SharedArrayBuffer(length)),
  whole16: (length: number) => new Uint16Array(new SharedArrayBuffer(2 * length)),
  whole32: (length: number) => new Int32Array(new SharedArrayBuffer(4 * length)),
  floats: (length: number) => new Float32Array(new SharedArrayBuffer(4 * length)),
  doubles: (length: number) => new Float64Array(new SharedArrayBuffer(8 * length)),
}

/** Those at some places, in the order given. */
export function pickColumns(columns: RunColumns, places: Int32Array): RunColumns {
  const width = columns.classes.length
  const probabilities = shared.floats(places.length * width)
  for (let row = 0; row < places.length; row++) {
    const from = (places[row] ?? 0) * width
    for (let of = 0; of < width; of++) probabilities[row * width + of] = columns.probabilities[from + of] ?? 0
  }
  const of = <T extends Int32Array | Uint16Array>(column: T, into: T): T => {
    for (let row = 0; row < places.length; row++) into[row] = column[places[row] ?? 0] ?? 0
    return into
  }
  return {
    classes: columns.classes,
    clipIds: of(columns.clipIds, shared.whole32(places.length)),
    folds: of(columns.folds, shared.whole32(places.length)),
    truth: of(columns.truth, shared.whole16(places.length)),
    predicted: of(columns.predicted, shared.whole16(places.length)),
    probabilities,
  }
}

/** Those at some places, in the order given; recordings are numbered anew. */
export function pick(predictions: Predictions, places: Int32Array): Predictions {
  const { recordings, recordingCount } = predictions
  const numbers = numberAnew(places, recordingCount, (place) => recordings[place] ?? 0)
  return { ...pickColumns(predictions, places), ...numbers }
}

/**
 * Numbers recordings from 0 in the order in which they come.
 * @param most - above every number before. @param before - the recording of an entry; −1 where a clip has none
 */
export function numberAnew(
  entries: ArrayLike<number>,
  most: number,
  before: (entry: number) => number,
): Pick<Predictions, 'recordings' | 'recordingCount'> {
  const numbers = new Int32Array(most).fill(-1)
  const recordings = shared.whole32(entries.length)
  let recordingCount = 0
  for (let row = 0; row < entries.length; row++) {
    const old = before(entries[row] ?? 0)
    let number = old < 0 ? -1 : (numbers[old] ?? -1)
    if (number < 0) {
      number = recordingCount++
      if (old >= 0) numbers[old] = number
    }
    recordings[row] = number
  }
  return { recordings, recordingCount }
}
