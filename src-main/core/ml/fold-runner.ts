import { SoundfoldError } from '../../contract/errors.ts'
import { runChildTask } from './child-task.ts'
import { type FoldMessage, type FoldTask, foldMessageSchema } from './fold-task.ts'

export type FoldOutcome = Extract<FoldMessage, { type: 'done' }>

/** Where a fold is trained: a process of this machine here, another machine perhaps later. */
export interface FoldRunner {
  /** @throws SoundfoldError the fold's own error, training-failed when it died, or the signal's reason */
  run(task: FoldTask, onMessage: (message: FoldMessage) => void, signal: AbortSignal): Promise<FoldOutcome>
}

/** A process a fold. */
export class LocalFoldRunner implements FoldRunner {
  readonly #entry: URL

  constructor(entry: URL) {
    this.#entry = entry
  }

  run(task: FoldTask, onMessage: (message: FoldMessage) => void, signal: AbortSignal): Promise<FoldOutcome> {
    let started = false
    return runChildTask<FoldMessage>({
      entry: this.#entry,
      task,
      message: foldMessageSchema,
      onMessage(message) {
        if (message.type === 'started') started = true
        onMessage(message)
      },
      signal,
      died: (how, reason) =>
        new SoundfoldError(
          'training-failed',
          `The process of fold ${task.fold} died (${how})${reason ? `: ${reason}` : ''}.`,
          {
            hint: started
              ? 'It may have run out of memory: try a smaller batch or fewer processes at once.'
              : 'The engine did not start: run soundfold engine, or choose the engine wasm.',
          },
        ),
    })
  }
}
