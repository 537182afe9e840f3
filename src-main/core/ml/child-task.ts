import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { z } from 'zod'
import { type ErrorShape, fromErrorShape } from '../../contract/errors.ts'

/** A message of a task's process: what it ends with, or anything on the way. */
type Message = { type: 'done' } | { type: 'error'; error: ErrorShape } | { type: string }

export interface ChildTask<M extends Message> {
  /** Module that takes the task as its first message, says how it goes, and ends. */
  entry: URL
  task: object
  message: z.ZodType<M>
  onMessage: (message: M) => void
  signal: AbortSignal
  /** What is thrown when the process ends without a word. @param reason - the line of its errors that says why */
  died: (how: string, reason: string) => Error
}

/**
 * Does a task in a process of its own: memory goes back to the system, and a crash or a cancel ends it and nothing else.
 * @returns its last message
 * @throws the task's own error; what `died` makes; the signal's reason
 */
export function runChildTask<M extends Message>({
  entry,
  task,
  message: schema,
  onMessage,
  signal,
  died,
}: ChildTask<M>): Promise<Extract<M, { type: 'done' }>> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const child = fork(fileURLToPath(entry), [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' },
    })
    let errors = ''
    let outcome: Extract<M, { type: 'done' }> | undefined
    let failure: unknown
    const stop = () => child.kill('SIGKILL')
    signal.addEventListener('abort', stop, { once: true })
    child.stderr?.on('data', (chunk) => {
      errors = (errors + chunk).slice(-4000)
    })
    child.on('message', (raw) => {
      if (failure) return
      try {
        const message = schema.parse(raw)
        if (isDone(message)) outcome = message
        else if (isError(message)) failure = fromErrorShape(message.error)
        onMessage(message)
      } catch (error) {
        // A throw in an event listener would end this process and all its tasks.
        failure = error
        stop()
      }
    })
    child.on('error', (error) => {
      failure = died('it could not be started', error.message)
    })
    child.on('close', (code, killed) => {
      signal.removeEventListener('abort', stop)
      if (signal.aborted) reject(signal.reason)
      else if (failure) reject(failure)
      else if (outcome) resolve(outcome)
      else reject(died(killed ?? `exit code ${code}`, reasonIn(errors)))
    })
    child.send(task)
  })
}

/** Of a task's process: does the one task that it is sent, and ends; it stops as well when whoever sent it is gone. */
export function answerTask<M extends { type: string }>(
  run: (task: unknown, tell: (message: M) => void, signal: AbortSignal) => Promise<void>,
  errorOf: (error: unknown) => M,
): void {
  const senderGone = new AbortController()
  process.once('disconnect', () => senderGone.abort())
  let sent = Promise.resolve()
  const tell = (message: M) => {
    if (!process.connected) return
    const { promise, resolve } = Promise.withResolvers<void>()
    // What is lost by an error is lost with whoever would have read it.
    process.send?.(message, undefined, undefined, () => resolve())
    sent = promise
  }
  process.once('message', async (task) => {
    try {
      await run(task, tell, senderGone.signal)
    } catch (error) {
      tell(errorOf(error))
    }
    // Large messages are written after the call, and are lost where the channel is closed before.
    await sent
    if (process.connected) process.disconnect()
  })
}

const isDone = <M extends Message>(message: M): message is Extract<M, { type: 'done' }> =>
  message.type === 'done'
const isError = (message: Message): message is { type: 'error'; error: ErrorShape } =>
  message.type === 'error' && 'error' in message

/** Node and the native library print stack and version below the line that says what happened. */
function reasonIn(errors: string): string {
  const lines = errors.trim().split('\n')
  return lines.findLast((line) => /^\S* ?\S*error\b/i.test(line)) ?? lines.at(-1) ?? ''
}
