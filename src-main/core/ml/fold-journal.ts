import { appendFileSync, mkdirSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { toErrorShape } from '../../contract/errors.ts'
import type { FoldState } from '../../contract/run.ts'
import type { FoldMessage } from './fold-task.ts'

/** The end of a log that is read at once. */
const READ_BYTES = 2 ** 18

/** What a fold has said: its state as a person sees it, and each message as a line of its log. */
export class FoldJournal {
  readonly #path: string
  #state: FoldState
  #loggable = true

  constructor(runFolder: string, fold: number) {
    this.#path = logPath(runFolder, fold)
    this.#state = {
      fold,
      clips: null,
      resumedAfterEpoch: 0,
      microBatchSize: null,
      expectedMemoryBytes: null,
      peakMemoryBytes: null,
      notes: [],
      confusion: null,
      resultEpoch: null,
      progress: null,
    }
  }

  get state(): FoldState {
    return this.#state
  }

  hear(message: FoldMessage): void {
    const line = lineOf(message)
    if (line !== undefined) this.log(line)
    this.#state = { ...this.#state, ...changeBy(message) }
  }

  /** Of a fold that ended otherwise than by its own word, too. */
  failed(error: unknown, stopped: boolean): void {
    const { code, message } = toErrorShape(error)
    this.log(stopped ? 'stopped' : `failed, ${code}: ${message}`)
  }

  log(line: string): void {
    if (!this.#loggable) return
    try {
      mkdirSync(dirname(this.#path), { recursive: true })
      appendFileSync(this.#path, `${new Date().toISOString()} ${line}\n`)
    } catch (error) {
      // A full disk ends the run by its checkpoint, which says so.
      this.#loggable = false
      console.warn(`The log ${this.#path} can't be written:`, error)
    }
  }
}

const logPath = (runFolder: string, fold: number) => join(runFolder, `fold-${fold}.log`)

/** The last lines of a fold's log; empty where it has none. */
export async function readFoldLog(runFolder: string, fold: number): Promise<string> {
  const file = await open(logPath(runFolder, fold)).catch(() => undefined)
  if (!file) return ''
  try {
    const { size } = await file.stat()
    const from = Math.max(0, size - READ_BYTES)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from)
    const text = buffer.toString('utf8', 0, bytesRead)
    return from === 0 ? text : text.slice(text.indexOf('\n') + 1)
  } finally {
    await file.close()
  }
}

function changeBy(message: FoldMessage): Partial<FoldState> {
  switch (message.type) {
    case 'prepared': {
      const { clips, resumedAfterEpoch, microBatchSize, expectedMemoryBytes, notes } = message
      return { clips, resumedAfterEpoch, microBatchSize, expectedMemoryBytes, notes }
    }
    case 'progress': {
      const { epoch, examplesDone, examples, memoryBytes } = message
      return { progress: { epoch, examplesDone, examples, memoryBytes } }
    }
    case 'epoch':
      return message.confusion ? { confusion: message.confusion } : {}
    case 'done':
      return { resultEpoch: message.resultEpoch, peakMemoryBytes: message.peakMemoryBytes, progress: null }
    default:
      return {}
  }
}

function lineOf(message: FoldMessage): string | undefined {
  switch (message.type) {
    case 'started':
      return `started on ${message.engine}`
    case 'prepared': {
      const { clips, resumedAfterEpoch, microBatchSize, expectedMemoryBytes, notes } = message
      const parts = [
        `${clips.training} clips train, ${clips.inner} are the inner fold, ${clips.test} are held out`,
        `parts of ${microBatchSize} examples, at most ${megabytes(expectedMemoryBytes)} expected`,
        ...(resumedAfterEpoch > 0 ? [`resumed after epoch ${resumedAfterEpoch}`] : []),
        ...notes,
      ]
      return parts.join('; ')
    }
    case 'epoch': {
      const { epoch, trainLoss, trainAccuracy, innerLoss, innerAccuracy, testLoss, testAccuracy } =
        message.epoch
      if (message.confusion === null) return undefined
      const inner = innerLoss === null ? '' : `, inner ${figures(innerLoss, innerAccuracy)}`
      const { learningRate, seconds } = message.epoch
      return (
        `epoch ${epoch}: training ${figures(trainLoss, trainAccuracy)}${inner}, held out ` +
        `${figures(testLoss, testAccuracy)}; rate ${learningRate.toPrecision(3)}, ${seconds.toFixed(1)} s`
      )
    }
    case 'done':
      return `done: the network of epoch ${message.resultEpoch}, at most ${megabytes(message.peakMemoryBytes)}`
    default:
      return undefined
  }
}

const figures = (loss: number, accuracy: number | null) =>
  `${loss.toFixed(4)} (${((accuracy ?? 0) * 100).toFixed(1)} %)`
const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`
