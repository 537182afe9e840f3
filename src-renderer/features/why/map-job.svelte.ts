import { isOver } from '../../../src-main/contract/job.ts'
import { jobs } from '../../lib/state/jobs.svelte.ts'
import { session } from '../../lib/state/session.svelte.ts'
import { toasts } from '../../lib/state/toasts.svelte.ts'

/** One job that a screen starts, follows and may stop. */
export class MapJob {
  #id = $state<number>()
  readonly job = $derived(jobs.get(this.#id))
  readonly isGoing = $derived(this.job !== undefined && !isOver(this.job))

  async start(ask: () => Promise<{ jobId: number }>): Promise<void> {
    try {
      this.#id = (await ask()).jobId
      jobs.followed.add(this.#id)
    } catch (error) {
      toasts.fail('It could not be started', error)
    }
  }

  async stop(): Promise<void> {
    if (this.#id !== undefined) await session.call('jobs.cancel', { jobId: this.#id })
  }

  forget(): void {
    this.#id = undefined
  }
}
