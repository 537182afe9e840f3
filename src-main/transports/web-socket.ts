import type { WebSocket } from 'ws'
import type { HostMessage } from '../contract/envelope.ts'
import type { Wire } from '../contract/wire.ts'

/** The server's end of a WebSocket; messages travel as JSON text, and anything else ends the connection. */
export function webSocketWire(socket: WebSocket): Wire<HostMessage> {
  return {
    send: (message) => socket.send(JSON.stringify(message)),
    onMessage(listener) {
      socket.removeAllListeners('message')
      socket.on('message', (data, isBinary) => {
        const message = isBinary ? undefined : parseJson(String(data))
        if (message === undefined) socket.close(1007, 'JSON text expected')
        else listener(message)
      })
    },
    onClose: (listener) => socket.once('close', listener),
    close: () => socket.close(),
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
