import { type ErrorShape, toErrorShape } from '../../contract/errors.ts'

/** An error's code doesn't survive the crossing from a thread, so a task answers with its outcome. By itself, since threads start sooner without the pool. */
export type Outcome<R> = { value: R } | { error: ErrorShape }

export function outcomeOf<T, R>(work: (task: T) => Promise<R>): (task: T) => Promise<Outcome<R>> {
  return (task) =>
    work(task).then(
      (value) => ({ value }),
      (error: unknown) => ({ error: toErrorShape(error) }),
    )
}
