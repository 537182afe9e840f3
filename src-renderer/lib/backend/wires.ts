import type { ClientMessage } from '../../../src-main/contract/envelope.ts'
import type { Wire } from '../../../src-main/contract/wire.ts'

/** The page's end of a port. A port of another process tells its end by a `close` event. */
export function messagePortWire(port: MessagePort): Wire<ClientMessage> {
  return {
    send: (message) => port.postMessage(message),
    onMessage(listener) {
      // Setting `onmessage` starts the port, which keeps what came before.
      port.onmessage = ({ data }) => listener(data)
    },
    onClose: (listener) => port.addEventListener('close', () => listener(), { once: true }),
    close: () => port.close(),
  }
}

/** The page's end of a WebSocket that is open or about to be; messages travel as JSON. */
export function webSocketWire(socket: WebSocket): Wire<ClientMessage> {
  return {
    send: (message) => socket.send(JSON.stringify(message)),
    onMessage(listener) {
      socket.onmessage = ({ data }) => listener(JSON.parse(data))
    },
    onClose: (listener) => socket.addEventListener('close', () => listener(), { once: true }),
    close: () => socket.close(),
  }
}
