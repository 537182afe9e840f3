import { BrowserWindow, nativeTheme, screen } from 'electron'
import { PAGE_URL, PRELOAD_PATH } from './addresses.ts'
import { readSettings, rememberSettings } from './settings.ts'
import { MINIMUM_SIZE, windowPlace, zoomed } from './window-place.ts'

/** The page's own background colours, shown until it has painted. */
const BACKGROUND = { dark: '#0e1115', light: '#eef0f3' }

/**
 * Opens the window where it was last, if that place is still on a screen.
 * @param route - the page's fragment, as `#/runs/ID`
 */
export function openWindow(route: string): BrowserWindow {
  const { window: last, zoom = 1 } = readSettings()
  const areas = screen.getAllDisplays().map(({ workArea }) => workArea)
  const window = new BrowserWindow({
    ...windowPlace(last, areas),
    minWidth: MINIMUM_SIZE.width,
    minHeight: MINIMUM_SIZE.height,
    title: 'Soundfold',
    show: false,
    backgroundColor: nativeTheme.shouldUseDarkColors ? BACKGROUND.dark : BACKGROUND.light,
    webPreferences: {
      preload: PRELOAD_PATH,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
      zoomFactor: zoom,
    },
  })
  if (last?.maximized) window.maximize()
  window.once('ready-to-show', () => window.show())
  // Chromium remembers zoom by origin on its own terms; ours is the one that counts.
  window.webContents.on('did-finish-load', () => window.webContents.setZoomFactor(readSettings().zoom ?? 1))
  window.on('close', () => {
    rememberSettings({ window: { ...window.getNormalBounds(), maximized: window.isMaximized() } })
  })
  void window.loadURL(PAGE_URL + route)
  return window
}

export function zoomWindow({ webContents }: BrowserWindow, change: 'in' | 'out' | 'reset'): void {
  const zoom = zoomed(webContents.getZoomFactor(), change)
  webContents.setZoomFactor(zoom)
  rememberSettings({ zoom })
}

/** Brings it to the front, from wherever it is. */
export function showWindow(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore()
  window.show()
  window.focus()
}
