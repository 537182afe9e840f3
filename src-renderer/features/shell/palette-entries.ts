import type { Dataset } from '../../../src-main/contract/model.ts'
import type { Run } from '../../../src-main/contract/run.ts'
import { folderName } from '../../lib/format.ts'
import { libraryRoute } from '../../lib/route.ts'
import { boundCommands, boundOffers, keyLabel, keysOf } from '../../lib/state/commands.ts'
import { desktop } from '../../lib/state/desktop.svelte.ts'
import { router } from '../../lib/state/router.svelte.ts'

/** A line of the palette: where it belongs, what it says, and what it does. */
export interface PaletteEntry {
  group: 'Actions' | 'On this screen' | 'Datasets' | 'Runs' | 'Workspaces'
  title: string
  /** Shown at the end of the line, and found by the search as well. */
  note?: string
  keys: readonly string[]
  run: () => void
}

export function commandEntries(): PaletteEntry[] {
  return boundCommands()
    .filter(({ id }) => id !== 'palette')
    .map(({ id, title, run }) => ({ group: 'Actions', title, keys: keysOf(id).map(keyLabel), run }))
}

export function offerEntries(): PaletteEntry[] {
  return boundOffers().map((offer) => ({ group: 'On this screen', keys: [], ...offer }))
}

/** Rows of lists are many, and have their own search. */
const ELSEWHERE = '[role="grid"], [role="row"], table, nav[aria-label="Screens"], dialog, [role="tooltip"]'

/** Every button, link and field that can be reached now, by the name that a screen reader says. */
export function screenEntries(root: ParentNode): PaletteEntry[] {
  const seen = new Set<string>()
  const controls = root.querySelectorAll<HTMLElement>(
    'button:enabled, a[href], summary, input:enabled, select:enabled',
  )
  return [...controls].flatMap((control) => {
    const title = nameOf(control)
    if (
      !title ||
      control.matches('[aria-keyshortcuts]') ||
      seen.has(title) ||
      control.closest(ELSEWHERE) ||
      !control.checkVisibility()
    )
      return []
    seen.add(title)
    const run = () => {
      control.focus()
      if (!control.matches('select, input:not([type="checkbox"], [type="radio"])')) control.click()
    }
    return [{ group: 'On this screen', title, keys: [], run }]
  })
}

function nameOf(control: HTMLElement): string {
  const label = control instanceof HTMLInputElement ? control.labels?.[0]?.textContent : undefined
  const name = control.getAttribute('aria-label') || label || control.textContent || control.title
  return name.replaceAll(/\s+/g, ' ').trim().slice(0, 120)
}

export function datasetEntries(datasets: readonly Dataset[]): PaletteEntry[] {
  return datasets.map(({ id, name, clips }) => ({
    group: 'Datasets',
    title: name,
    note: `${clips} clips`,
    keys: [],
    run: () => router.go(libraryRoute({ datasetId: id })),
  }))
}

export function runEntries(runs: readonly Run[]): PaletteEntry[] {
  return runs.map((run) => ({
    group: 'Runs',
    title: run.id,
    note: `${run.settings.preset}, ${run.datasetName}`,
    keys: [],
    run: () => router.go({ screen: 'runs', runId: run.id }),
  }))
}

/** Of the desktop app; a browser's window has the workspace of its server. */
export function workspaceEntries(): PaletteEntry[] {
  if (!desktop.present) return []
  const entry = (title: string, note: string, folder?: string): PaletteEntry => ({
    group: 'Workspaces',
    title,
    note,
    keys: [],
    run: () => desktop.openWorkspace(folder),
  })
  return [
    entry('Open another workspace…', ''),
    ...desktop.recent.map((folder) => entry(`Open workspace ${folderName(folder)}`, folder, folder)),
  ]
}

/** Entries that have every word of the text, those first whose title begins with it. */
export function search(entries: readonly PaletteEntry[], text: string): PaletteEntry[] {
  const words = text.toLocaleLowerCase('en').split(/\s+/).filter(Boolean)
  const [first = ''] = words
  const fits = entries.filter(({ title, note = '', group }) => {
    const all = `${title} ${note} ${group}`.toLocaleLowerCase('en')
    return words.every((word) => all.includes(word))
  })
  const rank = ({ title }: PaletteEntry) => {
    const at = title.toLocaleLowerCase('en').indexOf(first)
    return at === 0 ? 0 : at > 0 && /\W/.test(title[at - 1] ?? '') ? 1 : 2
  }
  return words.length === 0 ? fits : fits.toSorted((a, b) => rank(a) - rank(b))
}
