import { isMethodName, type MethodInput, type MethodName } from '../contract/api.ts'
import { clientMessageSchema, type HostMessage } from '../contract/envelope.ts'
import { type ErrorShape, SoundfoldError, toErrorShape } from '../contract/errors.ts'
import { parseInput } from '../contract/parse.ts'
import type { Wire } from '../contract/wire.ts'
import type { Core } from '../core/create-core.ts'
import { type Log, logToStderr } from './log.ts'

/**
 * Serves one page over one wire until it closes: calls, cancellations, and every event of the core. Each request is
 * answered exactly once. What was still open when the wire closes is aborted.
 */
export function serveConnection(
  core: Pick<Core, 'call' | 'on'>,
  wire: Wire<HostMessage>,
  log: Log = logToStderr,
): void {
  const open = new Map<number, AbortController>()
  let closed = false

  const send = (message: HostMessage) => {
    if (!closed) wire.send(message)
  }
  const sendError = (id: number, about: string, error: unknown) =>
    send({ type: 'error', id, error: shownError(about, error, log) })

  const answer = async (id: number, method: string, params: unknown) => {
    const abort = new AbortController()
    open.set(id, abort)
    try {
      if (!isMethodName(method))
        throw new SoundfoldError('invalid-input', `There is no method "${method.slice(0, 100)}".`)
      const result: unknown = await callUntyped(core, method, params, abort.signal)
      try {
        send({ type: 'reply', id, result })
      } catch (error) {
        throw new SoundfoldError('internal', `The answer to ${method} can’t be sent.`, { cause: error })
      }
    } catch (error) {
      sendError(id, method, error)
    } finally {
      open.delete(id)
    }
  }

  const offEvents = core.on(({ name, payload }) => {
    try {
      send({ type: 'event', name, payload })
    } catch (error) {
      log(`event ${name}`, error)
    }
  })
  wire.onClose(() => {
    closed = true
    offEvents()
    for (const abort of open.values()) abort.abort()
  })
  wire.onMessage((raw) => {
    try {
      const message = parseInput(clientMessageSchema, raw, 'message')
      if (message.type === 'cancel') return open.get(message.id)?.abort()
      if (open.has(message.id))
        throw new SoundfoldError('invalid-input', `Request ${message.id} is open already.`)
      void answer(message.id, message.method, message.params)
    } catch (error) {
      const id = idOf(raw)
      if (id !== undefined) return sendError(id, 'message', error)
      // Nobody can be told which request failed, so all of them are ended.
      log('Connection closed for a message without an id', error)
      wire.close()
    }
  })
}

/** The core parses the input itself, so what a wire brought may be handed on as it is. */
function callUntyped(core: Pick<Core, 'call'>, method: MethodName, params: unknown, signal: AbortSignal) {
  return core.call(method, params as MethodInput<MethodName>, signal)
}

/** Expected errors as they are; an unexpected one is logged whole and shown by its message. */
function shownError(about: string, error: unknown, log: Log): ErrorShape {
  const shape = toErrorShape(error)
  if (shape.code === 'internal') log(about, error)
  return shape
}

function idOf(raw: unknown): number | undefined {
  if (typeof raw !== 'object' || raw === null || !('id' in raw)) return undefined
  return typeof raw.id === 'number' && Number.isSafeInteger(raw.id) && raw.id >= 0 ? raw.id : undefined
}
