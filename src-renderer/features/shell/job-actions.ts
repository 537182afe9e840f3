import { session } from '../../lib/state/session.svelte.ts'
import { toasts } from '../../lib/state/toasts.svelte.ts'

/** What a person does to a job or run from several places; a failure is told in a toast. */

export const cancelJob = (jobId: number) =>
  told('The job could not be cancelled', () => session.call('jobs.cancel', { jobId }))

/** @param place - among the waiting ones; 0 is next */
export const moveJob = (jobId: number, place: number) =>
  told('The job could not be moved', () => session.call('jobs.move', { jobId, place }))

export const pauseRun = (runId: string) =>
  told('The run could not be paused', () => session.call('runs.pause', { runId }))

export const resumeRun = (runId: string) =>
  told('The run could not be resumed', () => session.call('runs.resume', { runId }))

async function told(failure: string, action: () => Promise<unknown>): Promise<void> {
  try {
    await action()
  } catch (error) {
    toasts.fail(failure, error)
  }
}
