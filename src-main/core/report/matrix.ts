import { className, count } from '../../contract/words.ts'
import { type Html, html } from './html.ts'

type Classes = readonly { name: string }[]
type Matrix = readonly (readonly number[])[]

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
const strongest = 55

/** Rows are labels, columns predictions; colour is the share of the row. */
export function confusionTable(classes: Classes, matrix: Matrix, values: 'counts' | 'rows'): Html {
  return grid(classes, {
    caption:
      values === 'counts'
        ? 'Confusion matrix in clips: rows are labels, columns predictions'
        : 'Confusion matrix in percent of the row: where clips of a label went',
    total: (row) => count(sum(matrix[row] ?? [])),
    cell: (row, column) => {
      const clips = matrix[row]?.[column] ?? 0
      const share = clips === 0 ? 0 : clips / sum(matrix[row] ?? [])
      const text = clips === 0 ? '' : values === 'counts' ? String(clips) : String(Math.round(100 * share))
      return { text, colour: row === column ? 'var(--accent)' : 'var(--danger)', strength: Math.sqrt(share) }
    },
  })
}

/** Clips gained and lost by the second of two runs: accent is better than the first, red is worse. */
export function differenceTable(classes: Classes, matrix: Matrix): Html {
  const largest = Math.max(1, ...matrix.flat().map(Math.abs))
  return grid(classes, {
    caption: 'Clips of the second run less the first’s: rows are labels, columns predictions',
    cell: (row, column) => {
      const value = matrix[row]?.[column] ?? 0
      const text = value === 0 ? '' : value > 0 ? `+${value}` : `−${-value}`
      const isBetter = value > 0 === (row === column)
      return {
        text,
        colour: isBetter ? 'var(--accent)' : 'var(--danger)',
        strength: Math.sqrt(Math.abs(value) / largest),
      }
    },
  })
}

function grid(
  classes: Classes,
  {
    caption,
    cell,
    total,
  }: {
    caption: string
    cell: (row: number, column: number) => { text: string; colour: string; strength: number }
    total?: (row: number) => string
  },
): Html {
  const tint = (colour: string, strength: number) =>
    strength > 0
      ? html` style="background: color-mix(in srgb, ${colour} ${Math.round(8 + (strongest - 8) * strength)}%, transparent)"`
      : null
  return html`<div class="table" role="group" tabindex="0" aria-label="${caption}"><table class="matrix" style="--classes: ${classes.length}">
<caption>${caption}</caption>
<thead><tr><th scope="col" class="corner text">label ↓ predicted →</th>${classes.map(({ name }) => html`<th scope="col" title="${className(name)}"><span>${className(name)}</span></th>`)}${total ? html`<th scope="col" class="total">clips</th>` : null}</tr></thead>
<tbody>
${classes.map(
  ({ name }, row) => html`<tr><th scope="row" title="${className(name)}">${className(name)}</th>${classes.map(
    (_, column) => {
      const { text, colour, strength } = cell(row, column)
      return html`<td${tint(colour, strength)}>${text}</td>`
    },
  )}${total ? html`<td class="muted">${total(row)}</td>` : null}</tr>
`,
)}</tbody></table></div>
`
}
