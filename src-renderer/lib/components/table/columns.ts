/** A column of a table. `S` names the sort keys that the source of the rows understands. */
export interface Column<T, S extends string = string> {
  readonly key: string
  readonly title: string
  /** Said instead of a title too short to be heard, such as "Ch". */
  readonly longTitle?: string
  /** A CSS grid track: `minmax(120px, 2fr)`, `64px`. */
  readonly track: string
  readonly align?: 'end'
  readonly sortKey?: S
  /** Left out while the table is narrower than this; pixels. */
  readonly fromWidth?: number
  readonly text: (row: T) => string
}

export interface Sort<S extends string> {
  readonly key: S
  readonly direction: 'asc' | 'desc'
}

/** What a click or a key does with the rows that are chosen: takes one alone, adds or removes one, or all up to it. */
export type SelectMode = 'one' | 'toggle' | 'range'
export function selectMode(event: { shiftKey: boolean; ctrlKey: boolean; metaKey: boolean }): SelectMode {
  return event.shiftKey ? 'range' : event.ctrlKey || event.metaKey ? 'toggle' : 'one'
}

/** A second click on a header turns the order round. */
export function nextSort<S extends string>(current: Sort<S>, key: S): Sort<S> {
  return { key, direction: current.key === key && current.direction === 'asc' ? 'desc' : 'asc' }
}

/** What a header says of the order; undefined for one by which rows can't be sorted. */
export function ariaSort<S extends string>(
  key: S | undefined,
  sort: Sort<S> | undefined,
): 'ascending' | 'descending' | 'none' | undefined {
  if (key === undefined) return undefined
  if (sort?.key !== key) return 'none'
  return sort.direction === 'asc' ? 'ascending' : 'descending'
}

/** Where a key leads in a list, or null for keys that do not move. */
export function moveIndex(index: number, key: string, total: number, pageRows: number): number | null {
  const steps: Record<string, number> = {
    ArrowUp: index - 1,
    ArrowDown: index + 1,
    PageUp: index - pageRows,
    PageDown: index + pageRows,
    Home: 0,
    End: total - 1,
  }
  const target = steps[key]
  return target === undefined || total === 0 ? null : Math.min(total - 1, Math.max(0, target))
}
