import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { fromErrorShape, SoundfoldError } from '../../contract/errors.ts'
import { type FoldMessage, type FoldTask, foldMessageSchema } from './fold-task.ts'

export type FoldOutcome = Extract<FoldMessage, { type: 'done' }>

/** Where a fold is trained: a process of this machine here, another machine perhaps later. */
export interface FoldRunner {
  /** @throws SoundfoldError the fold's own error, training-failed when it died, or the signal's reason */
  run(task: FoldTask, onMessage: (message: FoldMessage) => void, signal: AbortSignal): Promise<FoldOutcome>
}

/** A process a fold: memory goes back to the system, and a crash or a cancel ends one fold and nothing else. */
export class LocalFoldRunner implements FoldRunner {
  readonly #entry: string

  constructor(entry: URL) {
    this.#entry = fileURLToPath(entry)
  }

  run(task: FoldTask, onMessage: (message: FoldMessage) => void, signal: AbortSignal): Promise<FoldOutcome> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted()
      const child = fork(this.#entry, [], {
        serialization: 'advanced',
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
        env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' },
      })
      let errors = ''
      let outcome: FoldOutcome | undefined
      let failure: unknown
      let started = false
      const stop = () => child.kill('SIGKILL')
      signal.addEventListener('abort', stop, { once: true })
      child.stderr?.on('data', (chunk) => {
        errors = (errors + chunk).slice(-4000)
      })
      child.on('message', (raw) => {
        if (failure) return
        try {
          const message = foldMessageSchema.parse(raw)
          if (message.type === 'started') started = true
          else if (message.type === 'done') outcome = message
          else if (message.type === 'error') failure = fromErrorShape(message.error)
          onMessage(message)
        } catch (error) {
          // A throw in an event listener would end this process and all folds with it.
          failure = error
          stop()
        }
      })
      child.on('error', (error) => {
        failure = new SoundfoldError(
          'training-failed',
          `Fold ${task.fold} could not be started: ${error.message}`,
        )
      })
      child.on('close', (code, killed) => {
        signal.removeEventListener('abort', stop)
        if (signal.aborted) reject(signal.reason)
        else if (failure) reject(failure)
        else if (outcome) resolve(outcome)
        else reject(died(task.fold, killed ?? `exit code ${code}`, errors, started))
      })
      child.send(task)
    })
  }
}

function died(fold: number, how: string, errors: string, started: boolean): SoundfoldError {
  const lines = errors.trim().split('\n')
  // Node and the native library print stack and version below the line that says what happened.
  const reason = lines.findLast((line) => /^\S* ?\S*error\b/i.test(line)) ?? lines.at(-1)
  return new SoundfoldError(
    'training-failed',
    `The process of fold ${fold} died (${how})${reason ? `: ${reason}` : ''}.`,
    {
      hint: started
        ? 'It may have run out of memory: try a smaller batch or fewer processes at once.'
        : 'The engine did not start: run soundfold engine, or choose the engine wasm.',
    },
  )
}
