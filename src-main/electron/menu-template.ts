import type { MenuItemConstructorOptions } from 'electron'
import { translated } from '../contract/said.ts'
import type { MenuCommand } from '../contract/shell.ts'

export interface MenuParts {
  readonly platform: NodeJS.Platform
  /** The window's; none before it has told them. */
  readonly commands: readonly MenuCommand[]
  /** Folders of workspaces, newest first. */
  readonly recent: readonly string[]
  readonly run: (commandId: string) => void
  readonly chooseWorkspace: () => void
  readonly openRecent: (folder: string) => void
  readonly zoom: (change: 'in' | 'out' | 'reset') => void
}

/** Those that belong into the menu Edit. A Mac has its own there, for text; the window hears the keys before it does. */
const EDITING = ['undo', 'redo']

/** The system's own items, and the commands of the window as its palette has them, a menu for each of their groups. */
export function menuTemplate(parts: MenuParts): MenuItemConstructorOptions[] {
  const isMac = parts.platform === 'darwin'
  const groups = [...Map.groupBy(parts.commands, ({ group }) => group)]
  const everywhere = parts.commands.filter(({ group }) => group === null)
  const go = everywhere.filter(({ id }) => !EDITING.includes(id))
  const others = groups.flatMap(([group, commands]) => (group === null ? [] : [{ group, commands }]))
  const item = (command: MenuCommand) => commandItem(command, parts)
  return [
    ...(isMac ? [appMenu()] : []),
    {
      label: translated('&File'),
      submenu: [
        {
          label: translated('Open &Workspace…'),
          accelerator: 'CmdOrCtrl+Shift+O',
          click: parts.chooseWorkspace,
        },
        {
          label: translated('Open &Recent Workspace'),
          enabled: parts.recent.length > 0,
          submenu: parts.recent.map((folder) => ({
            // A menu takes an ampersand for the mark of a key.
            label: folder.replaceAll('&', '&&'),
            click: () => parts.openRecent(folder),
          })),
        },
        { type: 'separator' },
        isMac ? named('close', 'Close Window') : named('quit', 'Quit'),
      ],
    },
    editMenu(
      isMac
        ? [named('undo', 'Undo'), named('redo', 'Redo')]
        : everywhere.filter(({ id }) => EDITING.includes(id)).map(item),
    ),
    ...(go.length > 0 ? [{ label: translated('&Go'), submenu: go.map(item) }] : []),
    ...others.map(({ group, commands }) => ({
      label: group.replaceAll('&', '&&'),
      submenu: commands.map(item),
    })),
    {
      label: translated('&View'),
      submenu: [
        {
          label: translated('Zoom In'),
          accelerator: 'CmdOrCtrl+Plus',
          click: () => parts.zoom('in'),
        },
        // The same key without Shift.
        {
          label: translated('Zoom In'),
          accelerator: 'CmdOrCtrl+=',
          visible: false,
          click: () => parts.zoom('in'),
        },
        { label: translated('Zoom Out'), accelerator: 'CmdOrCtrl+-', click: () => parts.zoom('out') },
        { label: translated('Actual Size'), accelerator: 'CmdOrCtrl+0', click: () => parts.zoom('reset') },
        { type: 'separator' },
        named('togglefullscreen', 'Toggle Full Screen'),
        named('reload', 'Reload'),
        named('toggleDevTools', 'Toggle Developer Tools'),
      ],
    },
    {
      label: translated('&Window'),
      role: 'window',
      submenu: [
        named('minimize', 'Minimise'),
        named('zoom', 'Zoom'),
        isMac ? named('front', 'Bring All to Front') : named('close', 'Close'),
      ],
    },
  ]
}

type Role = NonNullable<MenuItemConstructorOptions['role']>
/** What the system does by itself, under a name in the window's language: Electron's own are English. */
const named = (role: Role, name: string): MenuItemConstructorOptions => ({ role, label: translated(name) })

/** Of a Mac, which gives the first menu the program's name. */
function appMenu(): MenuItemConstructorOptions {
  return {
    label: 'Soundfold',
    submenu: [
      named('about', 'About Soundfold'),
      { type: 'separator' },
      named('services', 'Services'),
      { type: 'separator' },
      named('hide', 'Hide Soundfold'),
      named('hideOthers', 'Hide Others'),
      named('unhide', 'Show All'),
      { type: 'separator' },
      named('quit', 'Quit Soundfold'),
    ],
  }
}

function editMenu(undo: MenuItemConstructorOptions[]): MenuItemConstructorOptions {
  return {
    label: translated('&Edit'),
    submenu: [
      ...undo,
      { type: 'separator' },
      named('cut', 'Cut'),
      named('copy', 'Copy'),
      named('paste', 'Paste'),
      named('selectAll', 'Select All'),
    ],
  }
}

function commandItem({ id, title, key, enabled }: MenuCommand, parts: MenuParts): MenuItemConstructorOptions {
  // A Mac's menu takes every key that it shows, so keys without Command would be lost to text fields.
  const shown = key && (parts.platform !== 'darwin' || key.startsWith('Ctrl+')) ? accelerator(key) : undefined
  return {
    label: title.replaceAll('&', '&&'),
    enabled,
    ...(shown === undefined ? {} : { accelerator: shown }),
    // Elsewhere it shows them, and the window itself listens, which knows what has the focus.
    registerAccelerator: parts.platform === 'darwin',
    click: () => parts.run(id),
  }
}

/* @wc-ignore */
const NAMES: Record<string, string> = {
  ArrowLeft: 'Left',
  ArrowRight: 'Right',
  ArrowUp: 'Up',
  ArrowDown: 'Down',
  Escape: 'Esc',
  ' ': 'Space',
  '+': 'Plus',
}

/**
 * A key of the window, `Ctrl+Shift+ArrowLeft`, in Electron's words: `CmdOrCtrl+Shift+Left`; undefined for one that those have no
 * word for, which would throw.
 */
export function accelerator(key: string): string | undefined {
  const parts = /^((?:(?:Ctrl|Alt|Shift)\+)*)(.+)$/su.exec(key)
  const name = parts?.[2] ?? ''
  const word = NAMES[name] ?? (name.length === 1 ? name.toUpperCase() : name)
  if (
    !/^([\x21-\x7e]|F\d{1,2}|Plus|Space|Tab|Backspace|Delete|Insert|Enter|Up|Down|Left|Right|Home|End|PageUp|PageDown|Esc)$/.test(
      word,
    )
  )
    return undefined
  return (parts?.[1] ?? '').replace('Ctrl+', 'CmdOrCtrl+') + word
}
