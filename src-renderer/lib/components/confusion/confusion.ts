import { contrast, oklchToRgb, type Rgb } from '../colour/oklab.ts'

export interface CellColours {
  readonly background: Rgb
  readonly text: Rgb
}

export interface CellPosition {
  readonly row: number
  readonly column: number
}

/** Of pure white and black, one always reaches 4.58 against any colour. */
const LIGHT_TEXT: Rgb = [255, 255, 255]
const DARK_TEXT: Rgb = [0, 0, 0]
/** Hues in degrees of OKLCH: agreement as the accent, confusion as the warning. */
const AGREEMENT_HUE = 210
const CONFUSION_HUE = 48

/** @returns each row divided by its sum; a row of zeros stays zeros */
export function rowShares(matrix: readonly (readonly number[])[]): number[][] {
  return matrix.map((row) => {
    const sum = row.reduce((total, value) => total + value, 0)
    return row.map((value) => (sum > 0 ? value / sum : 0))
  })
}

/** @returns each column divided by its sum; a column of zeros stays zeros */
export function columnShares(matrix: readonly (readonly number[])[]): number[][] {
  const sums = matrix.map((_, column) => matrix.reduce((total, row) => total + (row[column] ?? 0), 0))
  return matrix.map((row) => row.map((value, column) => (sums[column] ? value / sums[column] : 0)))
}

/**
 * Colour of a cell by its share of the row; the text is whichever of light and dark reads better on it. The square root
 * keeps rare confusions visible beside a full diagonal.
 * @param share - 0..1
 */
export function cellColours(share: number, onDiagonal: boolean, dark: boolean): CellColours {
  const strength = Math.sqrt(Math.min(1, Math.max(0, share)))
  const [from, to] = dark ? [0.24, 0.74] : [0.975, 0.5]
  const chroma = onDiagonal ? 0.1 : 0.14
  const background = oklchToRgb(
    from + (to - from) * strength,
    chroma * strength,
    onDiagonal ? AGREEMENT_HUE : CONFUSION_HUE,
  )
  const text = contrast(background, LIGHT_TEXT) >= contrast(background, DARK_TEXT) ? LIGHT_TEXT : DARK_TEXT
  return { background, text }
}

/** Where a key leads in a square grid; null for keys that do not move. */
export function moveCell(
  { row, column }: CellPosition,
  key: string,
  size: number,
  wide: boolean,
): CellPosition | null {
  const clamp = (value: number) => Math.min(size - 1, Math.max(0, value))
  switch (key) {
    case 'ArrowUp':
      return { row: clamp(row - 1), column }
    case 'ArrowDown':
      return { row: clamp(row + 1), column }
    case 'ArrowLeft':
      return { row, column: clamp(column - 1) }
    case 'ArrowRight':
      return { row, column: clamp(column + 1) }
    case 'Home':
      return { row: wide ? 0 : row, column: 0 }
    case 'End':
      return { row: wide ? size - 1 : row, column: size - 1 }
    default:
      return null
  }
}
