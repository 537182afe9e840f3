import { SoundfoldError, toErrorShape } from '../../contract/errors.ts'
import type { Job } from '../../contract/job.ts'

/** Where jobs are kept; `core/db/jobs.ts` in the program. */
export interface JobStore {
  insert(job: Omit<Job, 'id'>): Job
  update(job: Job): void
  get(id: number): Job | undefined
  list(limit: number): Job[]
}

export interface JobContext {
  readonly jobId: number
  readonly signal: AbortSignal
  /** Says what the job does now and how far it is; `total` 0 while unknown. Cheap enough to call for every clip. */
  progress(step: string, done: number, total: number): void
  /** True when an abort means that the program is closing and not that the person cancelled. */
  closing(): boolean
}

export interface JobRequest {
  kind: Job['kind']
  title: string
  runId?: string
  work: (context: JobContext) => Promise<unknown>
  /** Told instead of `work` when the job ends before its turn. */
  dropped?: (status: 'cancelled' | 'interrupted') => void
}

/** Progress events per job: at most ten a second. */
const PROGRESS_INTERVAL_MS = 100

interface ActiveJob {
  job: Job
  readonly abort: AbortController
  lastToldMs: number
  readonly ended: Promise<void>
  readonly dropped: JobRequest['dropped']
}

/**
 * Runs jobs one after another in the order they came: each of them can use the whole machine by itself. State and
 * every step's end are in the store, so that a crash leaves a truthful row.
 */
export class JobQueue {
  readonly #store: JobStore
  readonly #tell: (job: Job) => void
  readonly #active = new Map<number, ActiveJob>()
  #tail: Promise<void> = Promise.resolve()
  #closing = false

  constructor(store: JobStore, tell: (job: Job) => void) {
    this.#store = store
    this.#tell = tell
  }

  /** Queues work and returns its row at once. */
  start(request: JobRequest): Job {
    if (this.#closing) throw new SoundfoldError('conflict', 'Soundfold is closing and takes no new work.')
    const job = this.#store.insert({
      kind: request.kind,
      title: request.title,
      status: 'queued',
      step: 'Waiting',
      done: 0,
      total: 0,
      createdAt: new Date().toISOString(),
      startedAt: null,
      finishedAt: null,
      error: null,
      result: null,
      runId: request.runId ?? null,
    })
    const abort = new AbortController()
    const ended = this.#tail.then(() => this.#run(job.id, request.work))
    this.#tail = ended
    this.#active.set(job.id, { job, abort, lastToldMs: 0, ended, dropped: request.dropped })
    this.#tell(job)
    return job
  }

  get(id: number): Job {
    const job = this.#active.get(id)?.job ?? this.#store.get(id)
    if (!job) throw new SoundfoldError('not-found', `There is no job ${id}.`)
    return job
  }

  list(limit: number): Job[] {
    return this.#store.list(limit).map((job) => this.#active.get(job.id)?.job ?? job)
  }

  /** Resolves when the job has stopped; a job that had ended before is returned as it was. */
  async cancel(id: number): Promise<Job> {
    const active = this.#active.get(id)
    if (!active) return this.get(id)
    active.abort.abort()
    if (active.job.status === 'queued') this.#drop(active, 'cancelled')
    else await active.ended
    return this.get(id)
  }

  get busy(): boolean {
    return this.#active.size > 0
  }

  /** Stops everything; what was queued or running is left as `interrupted`. */
  async close(): Promise<void> {
    this.#closing = true
    for (const active of this.#active.values()) active.abort.abort()
    await this.#tail
  }

  async #run(id: number, work: JobRequest['work']): Promise<void> {
    const active = this.#active.get(id)
    if (!active) return // cancelled while it waited
    if (active.abort.signal.aborted) return this.#drop(active, 'interrupted')
    this.#change(active, { status: 'running', startedAt: new Date().toISOString() }, true)
    const stopped = () => (this.#closing ? 'interrupted' : 'cancelled')
    try {
      const result = await work({
        jobId: id,
        signal: active.abort.signal,
        closing: () => this.#closing,
        progress: (step, done, total) => {
          const newStep = step !== active.job.step
          this.#change(active, { step, done, total }, newStep)
        },
      })
      this.#finish(active, { status: 'succeeded', result, done: active.job.total })
    } catch (error) {
      const shape = toErrorShape(error)
      if (active.abort.signal.aborted || shape.code === 'cancelled')
        this.#finish(active, { status: stopped() })
      else {
        // The whole error is for the log; the row carries what a person reads.
        if (shape.code === 'internal') console.error(error)
        this.#finish(active, { status: 'failed', error: shape })
      }
    }
  }

  #change(active: ActiveJob, change: Partial<Job>, persist: boolean): void {
    active.job = { ...active.job, ...change }
    if (persist) this.#store.update(active.job)
    const now = performance.now()
    if (!persist && now - active.lastToldMs < PROGRESS_INTERVAL_MS) return
    active.lastToldMs = now
    this.#tell(active.job)
  }

  #drop(active: ActiveJob, status: 'cancelled' | 'interrupted'): void {
    active.dropped?.(status)
    this.#finish(active, { status })
  }

  #finish(active: ActiveJob, change: Partial<Job>): void {
    this.#active.delete(active.job.id)
    this.#change(active, { ...change, finishedAt: new Date().toISOString() }, true)
  }
}
