import {
  type FromShell,
  fromShellSchema,
  type MenuCommand,
  type ToShell,
} from '../../../src-main/contract/shell.ts'
import { windowLanguage } from '../language.ts'

/** The desktop app around the page; absent in a browser. */
class Desktop {
  /** Whether there is one. */
  present = $state(false)
  /** Folders of the workspaces opened last, newest first, without the present one. */
  recent = $state.raw<readonly string[]>([])
  onMessage: ((message: FromShell) => void) | undefined
  #port: MessagePort | undefined
  #menu = ''

  connect(port: MessagePort): void {
    this.#port = port
    this.#menu = ''
    port.onmessage = ({ data }) => {
      const message = fromShellSchema.parse(data)
      if (message.type === 'recent') this.recent = message.folders
      else this.onMessage?.(message)
    }
    this.#tell({ type: 'language', language: windowLanguage() })
    this.present = true
  }

  /** What the system's menu is to show. */
  showMenu(commands: MenuCommand[]): void {
    const menu = JSON.stringify(commands)
    if (menu === this.#menu || !this.#port) return
    this.#menu = menu
    this.#tell({ type: 'commands', commands })
  }

  /** One opened before, or by the system's dialog. Jobs that run are asked about first. */
  openWorkspace(folder?: string): void {
    this.#tell(folder === undefined ? { type: 'choose-workspace' } : { type: 'open-recent', folder })
  }

  /** Loads the window anew. In the desktop app a page may go nowhere by itself. */
  reload(): void {
    if (this.#port) this.#tell({ type: 'reload' })
    else location.reload()
  }

  #tell(message: ToShell): void {
    this.#port?.postMessage(message)
  }
}

export const desktop = new Desktop()
