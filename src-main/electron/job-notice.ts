import { translated } from '../contract/said.ts'
import type { EndedJob } from '../host/shell-messages.ts'

/** What the system tells of a job's end, and the screen to open on it; null for an end that the person made. */
export function jobNotice(job: EndedJob): { title: string; body: string; hash: string } | null {
  const hash = job.runId ? `#/runs/${encodeURIComponent(job.runId)}` : ''
  switch (job.status) {
    case 'succeeded':
      return { title: job.title, body: translated('Done.'), hash }
    case 'failed':
    case 'interrupted': {
      const body = [job.error?.message ?? translated('It did not end well.'), job.error?.hint]
        .filter(Boolean)
        .join(' ')
      const title = job.status === 'failed' ? `Failed: ${job.title}` : `Interrupted: ${job.title}`
      return { title: translated(title), body, hash }
    }
    default:
      return null
  }
}

/**
 * The taskbar's progress in Electron's words: −1 for none, above 1 for one whose length is not known.
 * @param done - share of the running job; null where that is not known
 */
export function taskbarProgress(jobs: number, done: number | null): number {
  if (jobs === 0) return -1
  return done ?? 2
}
