import { isOver, type Job } from '../../../src-main/contract/job.ts'
import { jobs } from './jobs.svelte.ts'
import { session } from './session.svelte.ts'
import { settings } from './settings.svelte.ts'

/** A failure of something that the person did, told by a toast that may be gone. */
export interface Failure {
  readonly id: number
  readonly title: string
  readonly text: string | undefined
  /** ISO 8601. */
  readonly at: string
}

const MOST_FAILURES = 50

/** What has happened and was not looked at yet: ends of jobs, also of those before a reload, and failures. */
class Notices {
  failures = $state.raw<readonly Failure[]>([])
  #lastId = 0
  readonly #read = $derived(new Set(settings.values.readJobs[session.info?.folder ?? '']))
  /** Jobs whose end was not read, newest first. */
  readonly jobs: readonly Job[] = $derived(jobs.list.filter((job) => tells(job) && !this.#read.has(job.id)))
  readonly count = $derived(this.jobs.length + this.failures.length)

  /** What was over before the window knew this workspace is no news. To be called when the list of jobs has come. */
  begin(): void {
    const { folder } = session.info ?? {}
    if (folder !== undefined && settings.values.readJobs[folder] === undefined)
      this.readJobs(jobs.list.filter(isOver).map(({ id }) => id))
  }

  /** @returns its id */
  fail(title: string, text: string | undefined): number {
    const failure = { id: ++this.#lastId, title, text, at: new Date().toISOString() }
    this.failures = [failure, ...this.failures].slice(0, MOST_FAILURES)
    return failure.id
  }

  readFailure(id: number): void {
    this.failures = this.failures.filter((failure) => failure.id !== id)
  }

  readJobs(ids: readonly number[]): void {
    const folder = session.info?.folder ?? ''
    const known = new Set(jobs.list.map(({ id }) => id))
    const read = [...new Set([...this.#read, ...ids])].filter((id) => known.has(id))
    settings.change({ readJobs: { ...settings.values.readJobs, [folder]: read } })
  }

  readAll(): void {
    this.readJobs(this.jobs.map(({ id }) => id))
    this.failures = []
  }
}

/** What a person stopped is no news to them. */
const tells = ({ status }: Job) => status === 'succeeded' || status === 'failed' || status === 'interrupted'

export const notices = new Notices()
