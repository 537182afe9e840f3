import { isOver, type Job } from '../../../src-main/contract/job.ts'

/** Jobs by id, newest first. Fed by events; a job's end is told to whoever asked for it. */
class Jobs {
  list = $state.raw<readonly Job[]>([])
  readonly active = $derived(this.list.filter((job) => !isOver(job)))
  /** In the order in which they will run. */
  readonly waiting = $derived(
    this.list
      .filter(({ status }) => status === 'queued')
      .toSorted((a, b) => (a.queuePlace ?? 0) - (b.queuePlace ?? 0)),
  )
  /** What runs, what waits for it in its order, what is over, newest first. */
  readonly inOrder: readonly Job[] = $derived([
    ...this.list.filter(({ status }) => status === 'running'),
    ...this.waiting,
    ...this.list.filter(isOver),
  ])
  /** Jobs whose end a screen shows by itself. */
  readonly followed = new Set<number>()
  readonly #onEnd = new Set<(job: Job) => void>()

  get(id: number | null | undefined): Job | undefined {
    return this.list.find((job) => job.id === id)
  }

  /** What a queued job waits for. */
  waitingWords({ id }: Job): string {
    const place = this.inOrder.findIndex((job) => job.id === id)
    const before = place < 0 ? [] : this.inOrder.slice(0, place)
    const [next] = before
    if (!next) return 'Begins in a moment'
    return before.length === 1
      ? `Waits for: ${next.title}`
      : `Waits for ${before.length} jobs, now: ${next.title}`
  }

  /** Calls the listener once for each job whose end was seen. @returns the way out */
  onEnd(listener: (job: Job) => void): () => void {
    this.#onEnd.add(listener)
    return () => this.#onEnd.delete(listener)
  }

  replaceAll(jobs: readonly Job[]): void {
    this.list = jobs.toSorted((a, b) => b.id - a.id)
  }

  apply(job: Job): void {
    const before = this.get(job.id)
    this.list = [job, ...this.list.filter(({ id }) => id !== job.id)].toSorted((a, b) => b.id - a.id)
    if (isOver(job) && !(before && isOver(before))) for (const listener of this.#onEnd) listener(job)
  }
}

export const jobs = new Jobs()
