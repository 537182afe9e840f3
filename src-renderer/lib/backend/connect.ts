import { SoundfoldError } from '../../../src-main/contract/errors.ts'
import type { EventName, EventPayload } from '../../../src-main/contract/events.ts'
import { type Client, createClient } from './client.ts'
import { messagePortWire, webSocketWire } from './wires.ts'

export type ConnectionState = 'connecting' | 'open' | 'lost'

/** A client that outlives its wire: subscriptions stay over a reconnection, calls in between are refused. */
export type Backend = Client

export interface ConnectOptions {
  /** Told of each change. After `lost` a browser keeps trying; in the desktop app the window is opened anew. */
  onState?: (state: ConnectionState) => void
  /** In the desktop app: the port to its shell. */
  onShell?: (port: MessagePort) => void
}

const FIRST_RETRY_MILLISECONDS = 250
const LAST_RETRY_MILLISECONDS = 5000

/** Connects the page to the core: by the port that the preload hands over, or by a WebSocket to the local server. */
export function connect({ onState, onShell }: ConnectOptions = {}): Backend {
  return /\bElectron\//.test(navigator.userAgent) ? connectByPort(onState, onShell) : connectBySocket(onState)
}

type OnState = ConnectOptions['onState']

function connectByPort(onState: OnState, onShell: ConnectOptions['onShell']): Backend {
  const link = new Link(onState)
  const take = (event: MessageEvent) => {
    const [port, shell] = event.ports
    const ours = event.source === window && event.origin === location.origin
    if (!ours || !port || event.data?.type !== 'soundfold-port') return
    // One port serves the page for its whole life; after a restart of the core the shell reloads the page.
    window.removeEventListener('message', take)
    // A port has one owner.
    event.stopImmediatePropagation()
    const wire = messagePortWire(port)
    wire.onClose(() => link.down())
    link.up(createClient(wire))
    if (shell) onShell?.(shell)
  }
  window.addEventListener('message', take)
  // The preload may have been ready long before this page listens.
  window.postMessage({ type: 'soundfold-ready' }, location.origin)
  return link.backend(() => window.removeEventListener('message', take))
}

function connectBySocket(onState: OnState): Backend {
  const link = new Link(onState)
  const address = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`
  let stopped = false
  let delay = FIRST_RETRY_MILLISECONDS
  let timer: ReturnType<typeof setTimeout> | undefined
  const open = () => {
    const socket = new WebSocket(address)
    const wire = webSocketWire(socket)
    socket.addEventListener('open', () => {
      delay = FIRST_RETRY_MILLISECONDS
      link.up(createClient(wire))
    })
    socket.addEventListener('close', () => {
      link.down()
      if (stopped) return
      timer = setTimeout(open, delay)
      delay = Math.min(delay * 2, LAST_RETRY_MILLISECONDS)
    })
  }
  open()
  return link.backend(() => {
    stopped = true
    clearTimeout(timer)
  })
}

/** The present client, or none, and the subscriptions that each new one takes over. */
class Link {
  readonly #onState: OnState
  readonly #subscriptions = new Set<(client: Client) => () => void>()
  readonly #undo = new Map<(client: Client) => () => void, () => void>()
  /** Calls that wait for the first connection. */
  #first = Promise.withResolvers<Client>()
  #client: Client | undefined

  constructor(onState: OnState) {
    this.#onState = onState
    onState?.('connecting')
  }

  up(client: Client): void {
    this.#client = client
    for (const subscribe of this.#subscriptions) this.#undo.set(subscribe, subscribe(client))
    this.#first.resolve(client)
    this.#onState?.('open')
  }

  down(): void {
    if (!this.#client) return
    this.#client = undefined
    this.#undo.clear()
    this.#onState?.('lost')
  }

  backend(stop: () => void): Backend {
    let waiting: Promise<Client> | undefined = this.#first.promise
    void this.#first.promise.then(() => {
      waiting = undefined
    })
    return {
      call: async (method, input, signal) => {
        const client = this.#client ?? (await waiting)
        if (!client) throw noConnection()
        return client.call(method, input, signal)
      },
      on: <E extends EventName>(event: E, listener: (payload: EventPayload<E>) => void) => {
        const subscribe = (client: Client) => client.on(event, listener)
        this.#subscriptions.add(subscribe)
        if (this.#client) this.#undo.set(subscribe, subscribe(this.#client))
        return () => {
          this.#subscriptions.delete(subscribe)
          this.#undo.get(subscribe)?.()
          this.#undo.delete(subscribe)
        }
      },
      close: () => {
        stop()
        this.#client?.close()
      },
    }
  }
}

const noConnection = () =>
  new SoundfoldError('internal', 'There is no connection to the core.', {
    hint: 'If the server was stopped, start it again and open the address that it prints.',
  })
