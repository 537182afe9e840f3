import { Menu, type MenuItemConstructorOptions } from 'electron'

/** The system's own items; what the program does has its place in the window. */
export function setMenu(openWorkspace: () => void): void {
  const isMac = process.platform === 'darwin'
  const template: MenuItemConstructorOptions[] = [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    {
      label: '&File',
      submenu: [
        { label: 'Open &Workspace…', accelerator: 'CmdOrCtrl+Shift+O', click: openWorkspace },
        { type: 'separator' },
        { role: isMac ? 'close' : 'quit' },
      ],
    },
    { role: 'editMenu' },
    { role: 'viewMenu' },
    { role: 'windowMenu' },
  ]
  Menu.setApplicationMenu(Menu.buildFromTemplate(template))
}
