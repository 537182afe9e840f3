import type { MenuItemConstructorOptions } from 'electron'
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

/** What the window calls the commands that are there on every screen. */
const EVERYWHERE = 'Everywhere'
/** Those that belong into the menu Edit. A Mac has its own there, for text; the window hears the keys before it does. */
const EDITING = ['undo', 'redo']

/** The system's own items, and the commands of the window as its palette has them, a menu for each of their groups. */
export function menuTemplate(parts: MenuParts): MenuItemConstructorOptions[] {
  const isMac = parts.platform === 'darwin'
  const groups = [...Map.groupBy(parts.commands, ({ group }) => group)]
  const everywhere = groups.filter(([group]) => group === EVERYWHERE).flatMap(([, commands]) => commands)
  const go = everywhere.filter(({ id }) => !EDITING.includes(id))
  const others = groups.filter(([group]) => group !== EVERYWHERE)
  const item = (command: MenuCommand) => commandItem(command, parts)
  return [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    {
      label: '&File',
      submenu: [
        { label: 'Open &Workspace…', accelerator: 'CmdOrCtrl+Shift+O', click: parts.chooseWorkspace },
        {
          label: 'Open &Recent Workspace',
          enabled: parts.recent.length > 0,
          submenu: parts.recent.map((folder) => ({
            // A menu takes an ampersand for the mark of a key.
            label: folder.replaceAll('&', '&&'),
            click: () => parts.openRecent(folder),
          })),
        },
        { type: 'separator' },
        { role: isMac ? 'close' : 'quit' },
      ],
    },
    isMac ? { role: 'editMenu' } : editMenu(everywhere.filter(({ id }) => EDITING.includes(id)).map(item)),
    ...(go.length > 0 ? [{ label: '&Go', submenu: go.map(item) }] : []),
    ...others.map(([group, commands]) => ({ label: group, submenu: commands.map(item) })),
    {
      label: '&View',
      submenu: [
        { label: 'Zoom In', accelerator: 'CmdOrCtrl+Plus', click: () => parts.zoom('in') },
        // The same key without Shift.
        { label: 'Zoom In', accelerator: 'CmdOrCtrl+=', visible: false, click: () => parts.zoom('in') },
        { label: 'Zoom Out', accelerator: 'CmdOrCtrl+-', click: () => parts.zoom('out') },
        { label: 'Actual Size', accelerator: 'CmdOrCtrl+0', click: () => parts.zoom('reset') },
        { type: 'separator' },
        { role: 'togglefullscreen' },
        { role: 'reload' },
        { role: 'toggleDevTools' },
      ],
    },
    { role: 'windowMenu' },
  ]
}

function editMenu(undo: MenuItemConstructorOptions[]): MenuItemConstructorOptions {
  const roles = (['cut', 'copy', 'paste', 'selectAll'] as const).map((role) => ({ role }))
  return { label: '&Edit', submenu: [...undo, { type: 'separator' }, ...roles] }
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
