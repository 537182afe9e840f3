import type { Run } from '../../../src-main/contract/run.ts'
import { Resource } from '../../lib/state/resource.svelte.ts'
import { session } from '../../lib/state/session.svelte.ts'

/** Which run's models are asked, and whether all of them. To be made where a component begins. */
export class ModelChoice {
  readonly #runs = new Resource<readonly Run[]>()
  #runId = $state<string>()
  /** Of the model that is asked alone; undefined for the mean of all. */
  fold = $state<number>()
  /** Those with a trained model, the newest first; undefined while not yet known. */
  readonly runs = $derived(this.#runs.value?.filter(({ foldsDone }) => foldsDone.length > 0))
  readonly run = $derived.by(() => {
    const wanted = this.#runId ?? this.#asked()
    return this.runs?.find(({ id }) => id === wanted) ?? this.runs?.[0]
  })
  readonly error = $derived(this.#runs.error)

  readonly #asked: () => string | undefined

  /** @param asked - the run that the address names */
  constructor(asked: () => string | undefined = () => undefined) {
    this.#asked = asked
    $effect(() => {
      void session.revisions.runs
      return this.#runs.load((signal) => session.call('runs.list', {}, signal))
    })
  }

  choose(runId: string): void {
    this.#runId = runId
    this.fold = undefined
  }
}
