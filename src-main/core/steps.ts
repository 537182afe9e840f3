import { setImmediate } from 'node:timers/promises'

/** Rows of one step: a few milliseconds of work, after which the core answers others. */
export const STEP_ROWS = 65_536

/** Lets others go on. @throws the signal's reason */
export async function pause(signal?: AbortSignal): Promise<void> {
  await setImmediate()
  signal?.throwIfAborted()
}

/** Calls `work` on each range of rows `[first, end)`, with a pause between. */
export async function inSteps(
  rows: number,
  work: (first: number, end: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  for (let first = 0; first < rows; first += STEP_ROWS) {
    if (first > 0) await pause(signal)
    work(first, Math.min(rows, first + STEP_ROWS))
  }
}
