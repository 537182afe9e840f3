import { settings } from './settings.svelte.ts'

interface Command {
  group: string
  title: string
  /** As `keyOf` writes them; a person may choose others. */
  keys: readonly string[]
}

/** What is there on every screen. */
export const EVERYWHERE = 'Everywhere'

/** What the window does on a key. The palette, the help and the key map list it from here, in this order. */
const list = {
  palette: { group: EVERYWHERE, title: 'Find an action, screen, dataset or run', keys: ['Ctrl+k'] },
  'go.library': { group: EVERYWHERE, title: 'Go to the library', keys: ['1'] },
  'go.train': { group: EVERYWHERE, title: 'Go to training', keys: ['2'] },
  'go.runs': { group: EVERYWHERE, title: 'Go to the runs', keys: ['3'] },
  'go.audit': { group: EVERYWHERE, title: 'Go to the audit of labels', keys: ['4'] },
  'go.recipes': { group: EVERYWHERE, title: 'Go to the recipes', keys: ['5'] },
  'go.settings': { group: EVERYWHERE, title: 'Go to the settings', keys: ['6'] },
  'go.issues': { group: EVERYWHERE, title: 'Go to the issues of the dataset', keys: ['i'] },
  undo: { group: EVERYWHERE, title: 'Undo', keys: ['Ctrl+z'] },
  redo: { group: EVERYWHERE, title: 'Redo', keys: ['Ctrl+Shift+z', 'Ctrl+y'] },
  'go.predict': { group: EVERYWHERE, title: 'Predict files and folders by a run', keys: [] },
  'go.map': { group: EVERYWHERE, title: 'Go to the map of all clips', keys: ['Shift+m'] },
  'go.history': { group: EVERYWHERE, title: 'Go to the history of changes', keys: ['h'] },
  'dataset.add': { group: EVERYWHERE, title: 'Add a dataset', keys: ['Ctrl+o'] },
  'theme.switch': { group: EVERYWHERE, title: 'Switch between dark and light', keys: ['Ctrl+Shift+l'] },
  help: { group: EVERYWHERE, title: 'Show the keys', keys: ['?'] },
  guide: { group: EVERYWHERE, title: 'Show the first steps', keys: [] },
  search: { group: 'Lists', title: 'Search', keys: ['/'] },
  previous: { group: 'Lists', title: 'Previous clip', keys: ['ArrowUp', 'k'] },
  next: { group: 'Lists', title: 'Next clip', keys: ['ArrowDown', 'j'] },
  leave: { group: 'Lists', title: 'Choose none, close the panel or the large view', keys: ['Escape'] },
  predict: { group: 'Lists', title: 'Predict the chosen clips by a run', keys: ['Shift+p'] },
  tag: { group: 'Lists', title: 'Tag the chosen clips', keys: ['t'] },
  compare: { group: 'Lists', title: 'Compare the chosen clips', keys: ['c'] },
  'clips.exclude': { group: 'Lists', title: 'Exclude the chosen clips', keys: ['Shift+x'] },
  'clips.relabel': { group: 'Lists', title: 'Relabel the chosen clips', keys: ['Shift+r'] },
  'clips.reveal': { group: 'Lists', title: 'Show the clip’s file in its folder', keys: [] },
  'clips.export': { group: 'Lists', title: 'Export features of the chosen clips', keys: [] },
  'clips.extract': { group: 'Lists', title: 'Extract features of the chosen clips', keys: [] },
  'clip.play': { group: 'Clip', title: 'Play or pause', keys: [' '] },
  'clip.back': { group: 'Clip', title: 'Back by a twentieth', keys: ['ArrowLeft'] },
  'clip.forward': { group: 'Clip', title: 'Forward by a twentieth', keys: ['ArrowRight'] },
  'clip.inTurn': { group: 'Clip', title: 'Hear the next of compared clips', keys: ['n'] },
  'clip.loop': { group: 'Clip', title: 'Loop', keys: ['l'] },
  'clip.zoomIn': { group: 'Clip', title: 'Zoom in', keys: ['+', '='] },
  'clip.zoomOut': { group: 'Clip', title: 'Zoom out', keys: ['-'] },
  'clip.whole': { group: 'Clip', title: 'Show the whole clip', keys: ['0'] },
  'clip.earlier': { group: 'Clip', title: 'Look earlier, when zoomed in', keys: ['Shift+ArrowLeft'] },
  'clip.later': { group: 'Clip', title: 'Look later, when zoomed in', keys: ['Shift+ArrowRight'] },
  'clip.large': { group: 'Clip', title: 'Large view', keys: ['f'] },
  'clip.playSelection': { group: 'Clip', title: 'Play the selection', keys: ['p'] },
  'clip.slower': { group: 'Clip', title: 'Slower', keys: ['q'] },
  'clip.faster': { group: 'Clip', title: 'Faster', keys: ['w'] },
  'clip.quieter': { group: 'Clip', title: 'Quieter', keys: ['Shift+q'] },
  'clip.louder': { group: 'Clip', title: 'Louder', keys: ['Shift+w'] },
  'clip.band': { group: 'Clip', title: 'Hear the selected band only, or all', keys: ['Shift+b'] },
  'clip.channel': { group: 'Clip', title: 'Next choice of channels', keys: ['c'] },
  'clip.autoplay': { group: 'Clip', title: 'Play clips when they are chosen, or not', keys: ['e'] },
  'clip.playNext': { group: 'Clip', title: 'Go on to the next clip at the end, or not', keys: ['Shift+e'] },
  'why.overlay': {
    group: 'Clip',
    title: 'Lay over the picture what the network looked at, or not',
    keys: ['o'],
  },
  'why.fainter': { group: 'Clip', title: 'What lies over the picture fainter', keys: ['{'] },
  'why.stronger': { group: 'Clip', title: 'What lies over the picture stronger', keys: ['}'] },
  'select.start': { group: 'Selection of a clip', title: 'Begin at the playhead', keys: ['['] },
  'select.end': { group: 'Selection of a clip', title: 'End at the playhead', keys: [']'] },
  'select.startEarlier': { group: 'Selection of a clip', title: 'Begin earlier', keys: [','] },
  'select.startLater': { group: 'Selection of a clip', title: 'Begin later', keys: ['.'] },
  'select.endEarlier': { group: 'Selection of a clip', title: 'End earlier', keys: ['<'] },
  'select.endLater': { group: 'Selection of a clip', title: 'End later', keys: ['>'] },
  'select.topUp': { group: 'Selection of a clip', title: 'Upper frequency up', keys: ['Alt+ArrowUp'] },
  'select.topDown': { group: 'Selection of a clip', title: 'Upper frequency down', keys: ['Alt+ArrowDown'] },
  'select.bottomUp': {
    group: 'Selection of a clip',
    title: 'Lower frequency up',
    keys: ['Alt+Shift+ArrowUp'],
  },
  'select.bottomDown': {
    group: 'Selection of a clip',
    title: 'Lower frequency down',
    keys: ['Alt+Shift+ArrowDown'],
  },
  'select.fit': { group: 'Selection of a clip', title: 'Zoom to the selection', keys: ['z'] },
  'select.tool': { group: 'Selection of a clip', title: 'Next tool for dragging', keys: ['d'] },
  'annotate.add': { group: 'Annotations of a clip', title: 'Annotate the selection', keys: ['Enter'] },
  'annotate.next': { group: 'Annotations of a clip', title: 'Next annotation', keys: ['a'] },
  'annotate.previous': { group: 'Annotations of a clip', title: 'Previous annotation', keys: ['Shift+a'] },
  'annotate.more': {
    group: 'Annotations of a clip',
    title: 'Choose the next annotation as well',
    keys: ['Alt+a'],
  },
  'annotate.all': { group: 'Annotations of a clip', title: 'Choose all annotations', keys: ['Ctrl+a'] },
  'annotate.within': {
    group: 'Annotations of a clip',
    title: 'Choose the annotations within the selection',
    keys: ['Shift+Enter'],
  },
  'annotate.earlier': {
    group: 'Annotations of a clip',
    title: 'Move the chosen annotations earlier',
    keys: ['Ctrl+ArrowLeft'],
  },
  'annotate.later': {
    group: 'Annotations of a clip',
    title: 'Move the chosen annotations later',
    keys: ['Ctrl+ArrowRight'],
  },
  'annotate.split': {
    group: 'Annotations of a clip',
    title: 'Split the annotation at the playhead',
    keys: ['s'],
  },
  'annotate.merge': {
    group: 'Annotations of a clip',
    title: 'Merge the chosen annotations, one with the next',
    keys: ['m'],
  },
  'annotate.copy': { group: 'Annotations of a clip', title: 'Copy the chosen annotations', keys: ['Ctrl+c'] },
  'annotate.paste': {
    group: 'Annotations of a clip',
    title: 'Paste what was copied at the playhead',
    keys: ['Ctrl+v'],
  },
  'annotate.remove': {
    group: 'Annotations of a clip',
    title: 'Delete the chosen annotations',
    keys: ['Delete', 'Backspace'],
  },
  'annotate.class1': {
    group: 'Annotations of a clip',
    title: 'Label the selection with the first class',
    keys: ['1'],
  },
  'annotate.class2': {
    group: 'Annotations of a clip',
    title: 'Label the selection with the second class',
    keys: ['2'],
  },
  'annotate.class3': {
    group: 'Annotations of a clip',
    title: 'Label the selection with the third class',
    keys: ['3'],
  },
  'annotate.class4': {
    group: 'Annotations of a clip',
    title: 'Label the selection with the fourth class',
    keys: ['4'],
  },
  'annotate.class5': {
    group: 'Annotations of a clip',
    title: 'Label the selection with the fifth class',
    keys: ['5'],
  },
  'annotate.class6': {
    group: 'Annotations of a clip',
    title: 'Label the selection with the sixth class',
    keys: ['6'],
  },
  'annotate.class7': {
    group: 'Annotations of a clip',
    title: 'Label the selection with the seventh class',
    keys: ['7'],
  },
  'annotate.class8': {
    group: 'Annotations of a clip',
    title: 'Label the selection with the eighth class',
    keys: ['8'],
  },
  'annotate.class9': {
    group: 'Annotations of a clip',
    title: 'Label the selection with the ninth class',
    keys: ['9'],
  },
  'annotate.class10': {
    group: 'Annotations of a clip',
    title: 'Label the selection with the tenth class',
    keys: ['0'],
  },
  'audit.keep': { group: 'Audit', title: 'Keep the label', keys: ['y'] },
  'audit.class1': { group: 'Audit', title: 'Relabel as class 1', keys: ['1'] },
  'audit.class2': { group: 'Audit', title: 'Relabel as class 2', keys: ['2'] },
  'audit.class3': { group: 'Audit', title: 'Relabel as class 3', keys: ['3'] },
  'audit.class4': { group: 'Audit', title: 'Relabel as class 4', keys: ['4'] },
  'audit.class5': { group: 'Audit', title: 'Relabel as class 5', keys: ['5'] },
  'audit.class6': { group: 'Audit', title: 'Relabel as class 6', keys: ['6'] },
  'audit.class7': { group: 'Audit', title: 'Relabel as class 7', keys: ['7'] },
  'audit.class8': { group: 'Audit', title: 'Relabel as class 8', keys: ['8'] },
  'audit.class9': { group: 'Audit', title: 'Relabel as class 9', keys: ['9'] },
  'audit.class10': { group: 'Audit', title: 'Relabel as class 10', keys: ['0'] },
  'audit.relabel': { group: 'Audit', title: 'Relabel: find a class by its name', keys: ['r'] },
  'audit.predicted': { group: 'Audit', title: 'Relabel as predicted', keys: ['p'] },
  'audit.exclude': { group: 'Audit', title: 'Exclude the clip', keys: ['x'] },
  'audit.unsure': { group: 'Audit', title: 'Not sure', keys: ['u'] },
  'audit.note': { group: 'Audit', title: 'Write a note', keys: ['n'] },
  'audit.whole': { group: 'Audit', title: 'Decide on the whole recording, or this clip alone', keys: ['w'] },
  'audit.skip': { group: 'Audit', title: 'Skip the clip', keys: ['s'] },
} as const satisfies Record<string, Command>

export type CommandId = keyof typeof list
const isCommandId = (id: string): id is CommandId => Object.hasOwn(list, id)
export const COMMANDS: readonly (Command & { id: CommandId })[] = Object.keys(list)
  .filter(isCommandId)
  .map((id) => ({ id, ...list[id] }))

/** Keys that belong to a table or picture while it has the focus, the same everywhere; they can't be changed. */
export const FIXED_KEYS = [
  { group: 'In a table', keys: ['Shift+ArrowUp', 'Shift+ArrowDown'], title: 'Choose several clips' },
  { group: 'In a table', keys: ['Ctrl+ ', 'Ctrl+a'], title: 'Add or remove a clip, choose all' },
  {
    group: 'In a table',
    keys: ['PageUp', 'PageDown', 'Home', 'End'],
    title: 'A page, to the start, to the end',
  },
  {
    group: 'In a spectrogram',
    keys: ['ArrowLeft', 'ArrowUp', 'ArrowDown', 'ArrowRight'],
    title: 'Read values',
  },
  { group: 'In a spectrogram', keys: ['Enter'], title: 'Go to the value’s time' },
  {
    group: 'In a confusion matrix',
    keys: ['ArrowLeft', 'ArrowUp', 'ArrowDown', 'ArrowRight'],
    title: 'Move between cells',
  },
  { group: 'In a confusion matrix', keys: ['Enter'], title: 'List the clips of the cell' },
] as const

type Handlers = Readonly<Partial<Record<CommandId, () => void>>>

/** The one bound last is asked first: a panel's commands go before the screen's. */
const stack: Handlers[] = []
const onBound = new Set<() => void>()

/** @returns the way out, to be returned from an `$effect` */
export function bindCommands(handlers: Handlers): () => void {
  stack.push(handlers)
  for (const tell of onBound) tell()
  return () => {
    const index = stack.indexOf(handlers)
    if (index >= 0) stack.splice(index, 1)
    for (const tell of onBound) tell()
  }
}

/** What a screen can do besides, which the palette alone lists: an order of its list, by the words for it. */
export interface Offer {
  title: string
  run: () => void
}
const offers: (readonly Offer[])[] = []

/** @returns the way out, to be returned from an `$effect` */
export function bindOffers(some: readonly Offer[]): () => void {
  offers.push(some)
  return () => {
    const index = offers.indexOf(some)
    if (index >= 0) offers.splice(index, 1)
  }
}
export const boundOffers = (): readonly Offer[] => offers.flat()

/** Calls the listener whenever what can be done may have changed. @returns the way out */
export function watchCommands(listener: () => void): () => void {
  onBound.add(listener)
  return () => onBound.delete(listener)
}

/** Does what the key of a command would; nothing where it can't be done now, as below an open dialog. */
export function runCommand(id: string): void {
  if (!document.querySelector('dialog[open]'))
    boundCommands()
      .find((command) => command.id === id)
      ?.run()
}

/** What can be done now, by the handler that would do it. */
export function boundCommands(): { id: CommandId; title: string; run: () => void }[] {
  return COMMANDS.flatMap(({ id, title }) => {
    const run = stack.findLast((handlers) => handlers[id])?.[id]
    return run ? [{ id, title, run }] : []
  })
}

export const commandTitle = (id: CommandId): string => list[id].title

/** Those the person chose, else the command's own. */
export function keysOf(id: CommandId): readonly string[] {
  return settings.values.keys[id] ?? list[id].keys
}

/** The first key of a command as a tooltip shows it; undefined where it has none. */
export function keyHint(id: CommandId): string | undefined {
  return keysOf(id).map(keyLabel)[0]
}

/** Commands that answer to the key. */
export function commandsOn(key: string): CommandId[] {
  return COMMANDS.filter(({ id }) => keysOf(id).includes(key)).map(({ id }) => id)
}

/** `f`, `?`, `Shift+ArrowLeft`, `Ctrl+k` (Command on a Mac): letters are lower case, other characters as they are typed. */
export function keyOf(event: KeyboardEvent): string {
  const letter = /^\p{L}$/u.test(event.key)
  const shift = event.shiftKey && (letter || event.key.length > 1)
  return [
    event.ctrlKey || event.metaKey ? 'Ctrl+' : '',
    event.altKey ? 'Alt+' : '',
    shift ? 'Shift+' : '',
    letter ? event.key.toLowerCase() : event.key,
  ].join('')
}

const SIGNS: Record<string, string> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Escape: 'Esc',
  PageUp: 'Page ↑',
  PageDown: 'Page ↓',
  ' ': 'Space',
  '-': '−',
}

/** As it is printed on the keyboard. */
export function keyLabel(key: string): string {
  const parts = /^((?:(?:Ctrl|Alt|Shift)\+)*)(.+)$/su.exec(key)
  const name = parts?.[2] ?? key
  const shown = SIGNS[name] ?? (name.length === 1 ? name.toUpperCase() : name)
  return (parts?.[1] ?? '').replaceAll('+', ' ') + shown
}

/** For the window's `keydown`. Leaves alone what the focused control does with the key itself. */
export function handleKey(event: KeyboardEvent): void {
  if (event.defaultPrevented) return
  const key = keyOf(event)
  if (event.target instanceof Element && ownsKey(event.target, key)) return
  if (document.querySelector('dialog[open]')) return
  const ids = commandsOn(key)
  for (const handlers of stack.toReversed())
    for (const id of ids) {
      const run = handlers[id]
      if (!run) continue
      event.preventDefault()
      run()
      return
    }
}

/** What a field does with its text by itself. */
const TEXT_KEYS = new Set(['Ctrl+z', 'Ctrl+Shift+z', 'Ctrl+y', 'Ctrl+a', 'Ctrl+c', 'Ctrl+x', 'Ctrl+v'])

function ownsKey(target: Element, key: string): boolean {
  const field = target.closest(
    'textarea, [contenteditable], input:not([type="checkbox"], [type="radio"], [type="range"])',
  )
  if (field && TEXT_KEYS.has(key)) return true
  if (/^(Ctrl|Alt)\+/.test(key)) return false
  if (target.closest('select, textarea, [contenteditable]')) return true
  const input = target.closest('input')
  if (input?.type === 'checkbox') return key === ' '
  if (input) return input.type !== 'radio' || key === ' ' || key.includes('Arrow')
  return [' ', 'Enter'].includes(key) && target.closest('button, a, summary, [role="gridcell"]') !== null
}
