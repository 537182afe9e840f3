import type { HostMessage } from '../contract/envelope.ts'
import type { Wire } from '../contract/wire.ts'

/** What the ports of `node:worker_threads` and of Electron's other processes have in common. */
export interface PortLike {
  on(event: 'message', listener: (message: unknown) => void): unknown
  once(event: 'close', listener: () => void): unknown
  postMessage(message: unknown): void
  start(): void
  close(): void
}

/** The host's end of a port. */
export function messagePortWire(port: PortLike): Wire<HostMessage> {
  let listener: ((message: unknown) => void) | undefined
  port.on('message', (message) => listener?.(unwrap(message)))
  return {
    send: (message) => port.postMessage(message),
    onMessage(next) {
      listener = next
      // A port keeps what came before its start.
      port.start()
    },
    onClose: (onClose) => port.once('close', onClose),
    close: () => port.close(),
  }
}

/** Electron's ports give an event with `data` and `ports`, Node's give the message itself. */
function unwrap(message: unknown): unknown {
  const isEvent = typeof message === 'object' && message !== null && 'data' in message && 'ports' in message
  return isEvent ? message.data : message
}
