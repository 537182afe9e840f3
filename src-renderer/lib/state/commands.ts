/** Every key of the window; the help and the settings list it from here. */
export const KEY_LIST = [
  { group: 'Everywhere', keys: ['1', '2', '3', '4', '5'], title: 'Library, Train, Runs, Recipes, Settings' },
  { group: 'Everywhere', keys: ['?'], title: 'Show the keys' },
  { group: 'Everywhere', keys: ['Esc'], title: 'Close what is open on top' },
  { group: 'Library', keys: ['/'], title: 'Search' },
  { group: 'Library', keys: ['↑', '↓'], title: 'Previous or next clip' },
  { group: 'Library', keys: ['Shift ↑', 'Shift ↓'], title: 'Choose several clips (in the table)' },
  {
    group: 'Library',
    keys: ['Ctrl Space', 'Ctrl A'],
    title: 'Add or remove a clip, choose all (in the table)',
  },
  {
    group: 'Library',
    keys: ['Page ↑', 'Page ↓', 'Home', 'End'],
    title: 'A page, to the start, to the end (in the table)',
  },
  { group: 'Clip', keys: ['Space'], title: 'Play or pause' },
  { group: 'Clip', keys: ['←', '→'], title: 'Back or forward by a twentieth' },
  { group: 'Clip', keys: ['L'], title: 'Loop' },
  { group: 'Clip', keys: ['+', '−', '0'], title: 'Zoom in or out, show the whole clip' },
  { group: 'Clip', keys: ['Shift ←', 'Shift →'], title: 'Earlier or later, when zoomed in' },
  { group: 'Clip', keys: ['F'], title: 'Large view' },
  { group: 'Clip', keys: ['←', '↑', '↓', '→'], title: 'Read values (in the spectrogram)' },
  { group: 'Clip', keys: ['Enter'], title: 'Go to the value’s time (in the spectrogram)' },
  { group: 'Confusion matrix', keys: ['←', '↑', '↓', '→'], title: 'Move between cells' },
  { group: 'Confusion matrix', keys: ['Enter'], title: 'List the clips of the cell' },
] as const

type Handler = (event: KeyboardEvent) => void
/** By `KeyboardEvent.key`, letters in lower case. */
export type KeyBindings = Readonly<Record<string, Handler>>

/** The one bound last is asked first: a panel's keys go before the screen's. */
const stack: KeyBindings[] = []

/** @returns the way out, to be returned from an `$effect` */
export function bindKeys(bindings: KeyBindings): () => void {
  stack.push(bindings)
  return () => {
    const index = stack.indexOf(bindings)
    if (index >= 0) stack.splice(index, 1)
  }
}

/** For the window's `keydown`. Leaves alone what the focused control does with the key itself. */
export function handleKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
  if (event.target instanceof Element && ownsKey(event.target, key)) return
  if (document.querySelector('dialog[open]')) return
  const handler = stack.findLast((bindings) => Object.hasOwn(bindings, key))?.[key]
  if (!handler) return
  event.preventDefault()
  handler(event)
}

function ownsKey(target: Element, key: string): boolean {
  if (target.closest('select, textarea, [contenteditable]')) return true
  const input = target.closest('input')
  if (input) return !['checkbox', 'radio'].includes(input.type) || key === ' ' || key.startsWith('Arrow')
  return key === ' ' && target.closest('button, a, summary, [role="gridcell"]') !== null
}
