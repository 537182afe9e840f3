import { BrowserWindow, nativeTheme, type Rectangle, screen } from 'electron'
import { PAGE_URL, PRELOAD_PATH } from './addresses.ts'
import { readSettings, rememberSettings } from './settings.ts'

const DEFAULT_SIZE = { width: 1280, height: 800 }
const MINIMUM_SIZE = { minWidth: 960, minHeight: 640 }
/** The page's own background colours, shown until it has painted. */
const BACKGROUND = { dark: '#0e1115', light: '#eef0f3' }

/**
 * Opens the window where it was last, if that place is still on a screen.
 * @param route - the page's fragment, as `#/runs/ID`
 */
export function openWindow(route: string): BrowserWindow {
  const last = readSettings().window
  const window = new BrowserWindow({
    ...DEFAULT_SIZE,
    ...(last && isOnScreen(last) ? { x: last.x, y: last.y, width: last.width, height: last.height } : {}),
    ...MINIMUM_SIZE,
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
    },
  })
  if (last?.maximized) window.maximize()
  window.once('ready-to-show', () => window.show())
  window.on('close', () => {
    rememberSettings({ window: { ...window.getNormalBounds(), maximized: window.isMaximized() } })
  })
  void window.loadURL(PAGE_URL + route)
  return window
}

function isOnScreen(bounds: Rectangle): boolean {
  return screen.getAllDisplays().some(({ workArea }) => {
    const inWidth = bounds.x < workArea.x + workArea.width - 80 && bounds.x + bounds.width > workArea.x + 80
    return inWidth && bounds.y >= workArea.y - 10 && bounds.y < workArea.y + workArea.height - 80
  })
}
