import { app, type Session, session, type WebContents } from 'electron'
import { PAGE_ORIGIN } from './addresses.ts'

/** Denies every window what no page of ours needs, whatever the page may have become. To be called before any window. */
export function lockDown(): void {
  app.on('web-contents-created', (_event, contents) => lockContents(contents))
  app.once('ready', () => lockSession(session.defaultSession))
}

function lockContents(contents: WebContents): void {
  contents.on('will-navigate', (event) => event.preventDefault())
  contents.on('will-frame-navigate', (event) => event.preventDefault())
  contents.on('will-redirect', (event) => event.preventDefault())
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
}

function lockSession(target: Session): void {
  target.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
  target.setPermissionCheckHandler(() => false)
  target.setDevicePermissionHandler(() => false)
  target.on('will-download', (event, item) => {
    // What the page made itself, as a picture to save; Electron asks where to. Nothing is fetched from anywhere.
    if (!item.getURL().startsWith(`blob:${PAGE_ORIGIN}/`)) event.preventDefault()
  })
}
