import { api, type MethodInput, type MethodName, type MethodOutput } from '../../../src-main/contract/api.ts'
import { type ClientMessage, hostMessageSchema } from '../../../src-main/contract/envelope.ts'
import { fromErrorShape, SoundfoldError } from '../../../src-main/contract/errors.ts'
import { type EventName, type EventPayload, events, isEventName } from '../../../src-main/contract/events.ts'
import type { Wire } from '../../../src-main/contract/wire.ts'

export interface Client {
  /**
   * Runs a method of the core. Aborting the signal rejects at once and tells the core to stop.
   * @throws SoundfoldError with the core's own code; `cancelled`; `internal` when the connection is lost
   */
  call<M extends MethodName>(method: M, input: MethodInput<M>, signal?: AbortSignal): Promise<MethodOutput<M>>
  /** Subscribes to an event; returns the way out, after which nothing arrives. */
  on<E extends EventName>(event: E, listener: (payload: EventPayload<E>) => void): () => void
  /** Rejects the open calls and closes the wire. */
  close(): void
}

interface OpenCall {
  settle(result: unknown): void
  fail(error: unknown): void
}

type Listeners = { [E in EventName]: Set<(payload: EventPayload<E>) => void> }

/** The contract's client over any wire: it types what goes out and parses what comes in. */
export function createClient(wire: Wire<ClientMessage>): Client {
  const open = new Map<number, OpenCall>()
  const listeners: Listeners = { job: new Set(), epoch: new Set(), fold: new Set(), changed: new Set() }
  let nextId = 0
  let closed = false

  const tell = <E extends EventName>(name: E, payload: unknown) => {
    // TypeScript does not see that an event's own schema gives that event's payload.
    const parsed = events[name].parse(payload) as EventPayload<E>
    for (const listener of [...listeners[name]]) listener(parsed)
  }

  wire.onMessage((raw) => {
    const message = hostMessageSchema.parse(raw)
    if (message.type === 'event') {
      if (isEventName(message.name)) tell(message.name, message.payload)
      return
    }
    // An answer to a call that was cancelled meanwhile has nobody waiting for it.
    const call = open.get(message.id)
    if (message.type === 'error') call?.fail(fromErrorShape(message.error))
    else call?.settle(message.result)
  })
  wire.onClose(() => {
    closed = true
    for (const call of [...open.values()]) call.fail(lost())
  })

  return {
    call(method, input, signal) {
      if (closed) return Promise.reject(lost())
      if (signal?.aborted) return Promise.reject(cancelled())
      const id = nextId++
      const { promise, resolve, reject } = Promise.withResolvers<MethodOutput<typeof method>>()
      const onAbort = () => {
        wire.send({ type: 'cancel', id })
        call.fail(cancelled())
      }
      const done = () => {
        open.delete(id)
        signal?.removeEventListener('abort', onAbort)
      }
      const call: OpenCall = {
        settle(result) {
          done()
          const parsed = api[method].output.safeParse(result)
          if (parsed.success) resolve(parsed.data as MethodOutput<typeof method>)
          else reject(new SoundfoldError('internal', `The answer to ${method} has another form than agreed.`))
        },
        fail(error) {
          done()
          reject(error)
        },
      }
      open.set(id, call)
      signal?.addEventListener('abort', onAbort, { once: true })
      try {
        wire.send({ type: 'call', id, method, params: input })
      } catch (error) {
        call.fail(
          new SoundfoldError('invalid-input', `The request ${method} can’t be sent.`, { cause: error }),
        )
      }
      return promise
    },
    on(event, listener) {
      listeners[event].add(listener)
      return () => listeners[event].delete(listener)
    },
    close: () => wire.close(),
  }
}

const cancelled = () => new SoundfoldError('cancelled', 'Cancelled.')
const lost = () =>
  new SoundfoldError('internal', 'The connection to the core was lost.', {
    hint: 'What was running there may have stopped; the list of jobs tells.',
  })
