import { styleText } from 'node:util'
import { type ErrorShape, SoundfoldError, toErrorShape } from '../contract/errors.ts'
import type { Job } from '../contract/job.ts'

/** Exit codes of every command. */
export const EXIT = { done: 0, failed: 1, usage: 2, cancelled: 130 } as const

/**
 * Where a command's words go: results to stdout (one JSON document with `--json`, else text), progress and errors to
 * stderr.
 */
export class Output {
  readonly json: boolean
  readonly #bar = new ProgressBar(process.stderr)

  constructor(json: boolean) {
    this.json = json
  }

  /** The result of the command; called once. */
  result(document: unknown, text: () => string): void {
    this.#bar.end()
    process.stdout.write(this.json ? `${JSON.stringify(document, null, 2)}\n` : `${text()}\n`)
  }

  note(line: string): void {
    this.#bar.end()
    process.stderr.write(`${line}\n`)
  }

  progress(job: Job): void {
    this.#bar.show(job)
  }

  /** Says what went wrong and returns the exit code. */
  fail(error: unknown): number {
    this.#bar.end()
    const shape = toErrorShape(error)
    if (this.json) process.stdout.write(`${JSON.stringify({ error: shape }, null, 2)}\n`)
    process.stderr.write(`${describeError(shape)}\n`)
    if (shape.code === 'internal' && error instanceof Error && process.env.SOUNDFOLD_DEBUG)
      process.stderr.write(`${error.stack}\n`)
    return shape.code === 'cancelled' ? EXIT.cancelled : EXIT.failed
  }
}

function describeError(shape: ErrorShape): string {
  const head = shape.code === 'cancelled' ? shape.message : `${styleText('red', 'Error:')} ${shape.message}`
  return shape.hint ? `${head}\n${shape.hint}` : head
}

/** The error of a job that did not succeed. */
export function jobFailure(job: Job): SoundfoldError {
  if (job.status === 'cancelled')
    return new SoundfoldError(
      'cancelled',
      `Cancelled: ${job.title}.`,
      job.runId === null ? {} : { hint: `To go on with it: soundfold train --resume ${job.runId}` },
    )
  if (job.error)
    return new SoundfoldError(
      job.error.code,
      job.error.message,
      job.error.hint === undefined ? {} : { hint: job.error.hint },
    )
  return new SoundfoldError('internal', `${job.title} ended as ${job.status}.`)
}

const BAR_WIDTH = 28
/** Without a terminal, a line each time this share is passed. */
const PLAIN_STEP = 0.25
const LEAST_TO_TELL_MS = 2000

/** One bar a step: redrawn in place on a terminal, a few plain lines elsewhere. */
class ProgressBar {
  readonly #stream: NodeJS.WriteStream
  #step = ''
  #stepBegan = { ms: 0, done: 0 }
  #lastShare = -1
  #open = false

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream
  }

  show(job: Job): void {
    if (job.status !== 'running') return
    const share = job.total > 0 ? Math.min(1, job.done / job.total) : 0
    const newStep = job.step !== this.#step
    if (newStep) {
      this.end()
      this.#step = job.step
      this.#stepBegan = { ms: performance.now(), done: job.done }
      this.#lastShare = -1
    }
    const counts = job.total > 0 ? `${job.done}/${job.total}${this.#left(job)}` : ''
    if (this.#stream.isTTY) {
      const filled = Math.round(share * BAR_WIDTH)
      const bar = `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)}`
      this.#stream.write(
        `\r\x1b[2K${bar} ${String(Math.round(share * 100)).padStart(3)} %  ${job.step} ${counts}`,
      )
      this.#open = true
    } else if (newStep || share - this.#lastShare >= PLAIN_STEP) {
      this.#lastShare = share
      this.#stream.write(`${job.step} ${counts}\n`)
    }
  }

  /** What is left of the step, if it goes on as it went; silent while that says little. */
  #left({ done, total }: Job): string {
    const took = performance.now() - this.#stepBegan.ms
    const made = done - this.#stepBegan.done
    if (made <= 0 || took < LEAST_TO_TELL_MS || done >= total) return ''
    const seconds = Math.round((took / made) * (total - done)) / 1000
    return seconds < 90
      ? `, about ${Math.round(seconds)} s left`
      : `, about ${Math.round(seconds / 60)} min left`
  }

  end(): void {
    if (this.#open) this.#stream.write('\n')
    this.#open = false
  }
}

/** Columns padded to their widest cell; numbers are the caller's to format. */
export function table(header: string[], rows: string[][], rightAligned: number[] = []): string {
  const widths = header.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => (row[column] ?? '').length)),
  )
  const line = (cells: string[]) =>
    cells
      .map((cell, column) =>
        rightAligned.includes(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd()
  return [line(header), line(widths.map((width) => '─'.repeat(width))), ...rows.map(line)].join('\n')
}

export const percent = (share: number): string => `${(share * 100).toFixed(2)} %`
