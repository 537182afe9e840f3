import type { RunColumns } from './predictions.ts'
import { isWhole, type RunTable } from './run-table.ts'

/** What was said of whole runs, for as long as the columns are kept that it was made of: those that are read anew are others. */
export class Answers<T> {
  readonly #answers = new WeakMap<RunColumns, { of: readonly unknown[]; answer: T }>()

  async of(table: RunTable, ask: () => Promise<T>): Promise<T> {
    const { run, recordings, known } = table
    if (!isWhole(table)) return ask()
    const before = this.#answers.get(run)
    const of = [recordings, known?.facts, known?.tags]
    if (before?.of.every((columns, place) => columns === of[place])) return before.answer
    const answer = await ask()
    this.#answers.set(run, { of, answer })
    return answer
  }
}
