import { notThere, SoundfoldError, toErrorShape } from '../../contract/errors.ts'
import type { Job, StoppedStatus } from '../../contract/job.ts'

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
  /** What an abort makes of the job. */
  stopped(): StoppedStatus
}

export interface JobRequest {
  kind: Job['kind']
  title: string
  runId?: string
  work: (context: JobContext) => Promise<unknown>
  /** Told instead of `work` when the job ends before its turn. */
  dropped?: (status: StoppedStatus) => void
}

/** Progress events per job: at most ten a second. */
const PROGRESS_INTERVAL_MS = 100

interface ActiveJob {
  job: Job
  readonly request: JobRequest
  readonly abort: AbortController
  stopped: StoppedStatus
  lastToldMs: number
  readonly ended: PromiseWithResolvers<void>
}

/**
 * Runs jobs one after another in the order they came, unless a person moves them: each of them can use the whole machine by
 * itself. State and every step's end are in the store, so that a crash leaves a truthful row.
 */
export class JobQueue {
  readonly #store: JobStore
  readonly #tell: (job: Job) => void
  readonly #active = new Map<number, ActiveJob>()
  #waiting: ActiveJob[] = []
  #running: ActiveJob | undefined
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
      queuePlace: this.#waiting.length,
    })
    const active: ActiveJob = {
      job,
      request,
      abort: new AbortController(),
      stopped: 'cancelled',
      lastToldMs: 0,
      ended: Promise.withResolvers(),
    }
    this.#active.set(job.id, active)
    this.#waiting.push(active)
    this.#tell(job)
    // Whoever started it knows its id before it begins.
    queueMicrotask(() => this.#next())
    return job
  }

  get(id: number): Job {
    const job = this.#active.get(id)?.job ?? this.#store.get(id)
    if (!job) throw notThere('job', id)
    return job
  }

  list(limit: number): Job[] {
    return this.#store.list(limit).map((job) => this.#active.get(job.id)?.job ?? job)
  }

  /**
   * Resolves when the job has stopped; a job that had ended before is returned as it was.
   * @param as - how it then stands
   */
  async stop(id: number, as: 'cancelled' | 'paused'): Promise<Job> {
    const active = this.#active.get(id)
    if (!active) return this.get(id)
    active.stopped = as
    active.abort.abort()
    if (active.job.status === 'queued') {
      this.#waiting = this.#waiting.filter((other) => other !== active)
      this.#drop(active)
      this.#tellPlaces()
    } else await active.ended.promise
    return this.get(id)
  }

  /**
   * Moves a waiting job among those that wait.
   * @param place - 0 for the next one; the last where it is larger
   * @throws SoundfoldError conflict when it does not wait
   */
  move(id: number, place: number): Job {
    const active = this.#waiting.find(({ job }) => job.id === id)
    if (!active)
      throw new SoundfoldError('conflict', `${this.get(id).title} does not wait any more.`, {
        hint: 'Only waiting jobs can change their order.',
      })
    this.#waiting = this.#waiting.filter((other) => other !== active)
    this.#waiting.splice(place, 0, active)
    this.#tellPlaces()
    return active.job
  }

  get busy(): boolean {
    return this.#active.size > 0
  }

  /** Stops everything; what was queued or running is left as `interrupted`. */
  async close(): Promise<void> {
    this.#closing = true
    for (const active of this.#active.values()) {
      active.stopped = 'interrupted'
      active.abort.abort()
    }
    for (const active of this.#waiting.splice(0)) this.#drop(active)
    await this.#running?.ended.promise
  }

  #next(): void {
    if (this.#running) return
    const active = this.#waiting.shift()
    if (!active) return
    this.#running = active
    this.#tellPlaces()
    void this.#run(active).finally(() => {
      this.#running = undefined
      active.ended.resolve()
      this.#next()
    })
  }

  async #run(active: ActiveJob): Promise<void> {
    const { abort, job } = active
    const startedAt = new Date().toISOString()
    this.#change(active, { status: 'running', startedAt, queuePlace: null }, true)
    try {
      const result = await active.request.work({
        jobId: job.id,
        signal: abort.signal,
        stopped: () => active.stopped,
        progress: (step, done, total) => {
          const newStep = step !== active.job.step
          this.#change(active, { step, done, total }, newStep)
        },
      })
      this.#finish(active, { status: 'succeeded', result, done: active.job.total })
    } catch (error) {
      const shape = toErrorShape(error)
      if (abort.signal.aborted || shape.code === 'cancelled') this.#finish(active, { status: active.stopped })
      else {
        // The whole error is for the log; the row carries what a person reads.
        if (shape.code === 'internal') console.error(error)
        this.#finish(active, { status: 'failed', error: shape })
      }
    }
  }

  #tellPlaces(): void {
    for (const [queuePlace, active] of this.#waiting.entries())
      if (active.job.queuePlace !== queuePlace) this.#change(active, { queuePlace }, false, true)
  }

  #change(active: ActiveJob, change: Partial<Job>, persist: boolean, atOnce = persist): void {
    active.job = { ...active.job, ...change }
    if (persist) this.#store.update(active.job)
    const now = performance.now()
    if (!atOnce && now - active.lastToldMs < PROGRESS_INTERVAL_MS) return
    active.lastToldMs = now
    this.#tell(active.job)
  }

  #drop(active: ActiveJob): void {
    active.request.dropped?.(active.stopped)
    this.#finish(active, { status: active.stopped, queuePlace: null })
    active.ended.resolve()
  }

  #finish(active: ActiveJob, change: Partial<Job>): void {
    this.#active.delete(active.job.id)
    this.#change(active, { ...change, finishedAt: new Date().toISOString() }, true)
  }
}
