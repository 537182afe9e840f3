import { session } from '../../lib/state/session.svelte.ts'
import { toasts } from '../../lib/state/toasts.svelte.ts'

export async function cancelJob(jobId: number): Promise<void> {
  try {
    await session.call('jobs.cancel', { jobId })
  } catch (error) {
    toasts.fail('The job could not be cancelled', error)
  }
}
