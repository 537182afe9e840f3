import type { ClientMessage, HostMessage } from '../contract/envelope.ts'
import type { Wire } from '../contract/wire.ts'

/** Two ends in one process. Messages are copied as a port would copy them, and arrive later, never inside `send`. */
export function directWires(): { client: Wire<ClientMessage>; host: Wire<HostMessage> } {
  const client = new End<ClientMessage>()
  const host = new End<HostMessage>()
  client.other = host
  host.other = client
  return { client, host }
}

class End<Sent> implements Wire<Sent> {
  other: { receive(message: unknown): void; end(): void } | undefined
  #listener: ((message: unknown) => void) | undefined
  #early: unknown[] = []
  #onClose: (() => void)[] = []
  #closed = false

  send(message: Sent): void {
    const copy: unknown = structuredClone(message)
    queueMicrotask(() => this.other?.receive(copy))
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#listener = listener
    for (const message of this.#early.splice(0)) this.receive(message)
  }

  onClose(listener: () => void): void {
    this.#onClose.push(listener)
  }

  close(): void {
    this.end()
    this.other?.end()
  }

  receive(message: unknown): void {
    if (this.#closed) return
    if (this.#listener) this.#listener(message)
    else this.#early.push(message)
  }

  end(): void {
    if (this.#closed) return
    this.#closed = true
    for (const listener of this.#onClose.splice(0)) queueMicrotask(listener)
  }
}
