import type { RunColumns } from './predictions.ts'
import { isWhole, type RunTable } from './run-table.ts'

/**
 * What was said of whole runs, or is being found out, for as long as the columns are kept that it is made of: those that are read
 * anew are others.
 */
export class Answers<T> {
  readonly #answers = new WeakMap<RunColumns, { of: readonly unknown[]; answer: Promise<T> }>()

  async of(table: RunTable, ask: () => Promise<T>): Promise<T> {
    const { run, recordings, known } = table
    if (!isWhole(table)) return ask()
    const before = this.#answers.get(run)
    const of = [recordings, known?.facts, known?.tags]
    if (before?.of.every((columns, place) => columns === of[place])) {
      // Who asked first may have gone.
      const answered = await before.answer.then((answer) => ({ answer })).catch(() => null)
      if (answered) return answered.answer
    }
    const answer = ask()
    this.#answers.set(run, { of, answer })
    return answer
  }
}
