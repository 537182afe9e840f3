/** One vector of numbers for each clip, [rows, columns] row by row. */
export interface Table {
  values: Float32Array
  rows: number
  columns: number
}

export const rowOf = ({ values, columns }: Table, row: number): Float32Array =>
  values.subarray(row * columns, (row + 1) * columns)

/** A copy of some rows, in that order. */
export function rowsOf(table: Table, places: ArrayLike<number>): Table {
  const { columns } = table
  const values = new Float32Array(places.length * columns)
  for (let row = 0; row < places.length; row++) values.set(rowOf(table, places[row] ?? 0), row * columns)
  return { values, rows: places.length, columns }
}

/** What takes a column to mean 0 and standard deviation 1. */
export interface Scaling {
  means: Float64Array
  /** Population deviation; 1 for a column whose values are all equal. */
  deviations: Float64Array
}

/** As scikit-learn's `StandardScaler`. */
export function scalingOf(table: Table): Scaling {
  const { values, rows, columns } = table
  const means = new Float64Array(columns)
  const deviations = new Float64Array(columns)
  for (let column = 0; column < columns; column++) {
    let sum = 0
    for (let at = column; at < values.length; at += columns) sum += values[at] ?? 0
    const mean = sum / rows
    let squares = 0
    for (let at = column; at < values.length; at += columns) squares += ((values[at] ?? 0) - mean) ** 2
    const deviation = Math.sqrt(squares / rows)
    means[column] = mean
    // Equal values can differ from their mean by rounding.
    deviations[column] = deviation > 1e-9 * Math.abs(mean) ? deviation : 1
  }
  return { means, deviations }
}

export function scaled({ values, rows, columns }: Table, { means, deviations }: Scaling): Table {
  const scaledValues = values.map((value, at) => {
    const column = at % columns
    return (value - (means[column] ?? 0)) / (deviations[column] ?? 1)
  })
  return { values: scaledValues, rows, columns }
}
