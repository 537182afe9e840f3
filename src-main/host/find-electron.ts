import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface ElectronCommand {
  readonly executable: string
  /** Come before the program's own arguments. */
  readonly args: readonly string[]
}

/** True where a window can be shown: always, but on Linux without X or Wayland. */
export function hasDisplay(env: NodeJS.ProcessEnv = process.env): boolean {
  return process.platform !== 'linux' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY)
}

/**
 * How to start the window, or undefined where Electron's binary or a display is missing. It looks at files only: the
 * package's own lookup would start a download.
 */
export function findElectron(): ElectronCommand | undefined {
  if (!hasDisplay()) return undefined
  const executable = electronBinary()
  if (!executable) return undefined
  const args = [fileURLToPath(projectFolder())]
  // Chromium refuses to run its sandbox as root, as in a container.
  if (process.platform === 'linux' && process.getuid?.() === 0) args.unshift('--no-sandbox')
  return { executable, args }
}

/** Electron's fetched binary: its package writes `path.txt` when the download is whole. */
export function electronBinary(): string | undefined {
  try {
    const folder = dirname(createRequire(import.meta.url).resolve('electron/package.json'))
    const dist = process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(folder, 'dist')
    const executable = join(dist, readFileSync(join(folder, 'path.txt'), 'utf8'))
    return existsSync(executable) ? executable : undefined
  } catch {
    return undefined
  }
}

const projectFolder = () => new URL('../../', import.meta.url)
