import type { MessagePortMain } from 'electron'
import { type FromShell, type ToShell, toShellSchema } from '../contract/shell.ts'

/** The shell's ports to its page: one at a time, but for the moment of a reload. */
export class PageLink {
  readonly #ports = new Set<MessagePortMain>()
  readonly #onMessage: (message: ToShell) => void

  constructor(onMessage: (message: ToShell) => void) {
    this.#onMessage = onMessage
  }

  connect(port: MessagePortMain): void {
    this.#ports.add(port)
    port.on('message', ({ data }) => {
      // What a page says that is no longer ours is not even an error.
      const message = toShellSchema.safeParse(data).data
      if (message) this.#onMessage(message)
    })
    port.once('close', () => this.#ports.delete(port))
    port.start()
  }

  tell(message: FromShell): void {
    for (const port of this.#ports) port.postMessage(message)
  }
}
