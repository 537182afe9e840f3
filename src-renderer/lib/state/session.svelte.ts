import type { MethodInput, MethodName, MethodOutput } from '../../../src-main/contract/api.ts'
import {
  type ErrorShape,
  fromErrorShape,
  SoundfoldError,
  toErrorShape,
} from '../../../src-main/contract/errors.ts'
import { errorShapeSchema } from '../../../src-main/contract/job.ts'
import {
  type Dataset,
  type FeatureRecipeInfo,
  isSpectral,
  type WorkspaceInfo,
} from '../../../src-main/contract/model.ts'
import type { ModelPreset } from '../../../src-main/contract/run.ts'
import { type Backend, connect } from '../backend/connect.ts'
import { desktop } from './desktop.svelte.ts'
import { jobs } from './jobs.svelte.ts'

const JOBS_KEPT = 100
const EVERY_TOPIC = [
  'datasets',
  'clips',
  'features',
  'runs',
  'views',
  'history',
  'issues',
  'verdicts',
  'annotations',
] as const

/** The connection to the core and what every screen needs from it. */
class Session {
  connection = $state<'connecting' | 'open' | 'lost'>('connecting')
  info = $state.raw<WorkspaceInfo>()
  datasets = $state.raw<readonly Dataset[]>()
  recipes = $state.raw<readonly FeatureRecipeInfo[]>([])
  /** Those whose settings can be changed: all but embeddings. */
  readonly spectralRecipes = $derived(this.recipes.filter(isSpectral))
  presets = $state.raw<readonly ModelPreset[]>([])
  failure = $state.raw<ErrorShape | null>(null)
  /** Each rises when the core says that something of its kind changed; an `$effect` that reads one asks again. */
  readonly revisions = $state({
    datasets: 0,
    clips: 0,
    features: 0,
    runs: 0,
    views: 0,
    history: 0,
    issues: 0,
    verdicts: 0,
    annotations: 0,
  })
  #backend: Backend | undefined

  start(): void {
    const backend = connect({
      onState: (state) => {
        this.connection = state
        if (state === 'open') void this.refresh()
      },
      onShell: (port) => desktop.connect(port),
    })
    this.#backend = backend
    backend.on('job', (job) => jobs.apply(job))
    backend.on('changed', ({ topic }) => {
      this.revisions[topic]++
      if (topic === 'datasets') void this.#refreshDatasets()
      if (topic === 'features') void this.refreshRecipes()
    })
  }

  /** Asks for everything again: events that came while the connection was lost are not repeated. */
  async refresh(): Promise<void> {
    try {
      const [info, datasets, recipes, presets, recent] = await Promise.all([
        this.call('workspace.info', {}),
        this.call('datasets.list', {}),
        this.call('features.recipes', {}),
        this.call('training.presets', {}),
        this.call('jobs.list', { limit: JOBS_KEPT }),
      ])
      this.info = info
      this.recipes = recipes
      this.presets = presets
      jobs.replaceAll(recent)
      this.datasets = datasets
      this.failure = null
      for (const topic of EVERY_TOPIC) this.revisions[topic]++
    } catch (error) {
      this.failure = toErrorShape(error)
    }
  }

  /** A preset that is no longer there was a network. */
  isClassical(preset: string): boolean {
    return this.presets.find(({ name }) => name === preset)?.kind === 'classical'
  }

  call<M extends MethodName>(
    method: M,
    input: MethodInput<M>,
    signal?: AbortSignal,
  ): Promise<MethodOutput<M>> {
    if (!this.#backend)
      return Promise.reject(new SoundfoldError('internal', 'The window is not connected to its core yet.'))
    return this.#backend.call(method, input, signal)
  }

  on: Backend['on'] = (event, listener) => this.#backend?.on(event, listener) ?? (() => {})

  /** Binary media of a clip: `clips/12/peaks`. */
  async media(path: string, signal: AbortSignal | null = null): Promise<ArrayBuffer> {
    const response = await fetch(this.mediaUrl(path), { signal })
    if (!response.ok) throw await mediaError(response)
    return response.arrayBuffer()
  }

  mediaUrl(path: string): string {
    return `${this.info?.mediaBase ?? ''}${path}`
  }

  async refreshRecipes(): Promise<void> {
    try {
      this.recipes = await this.call('features.recipes', {})
    } catch (error) {
      this.failure = toErrorShape(error)
    }
  }

  async #refreshDatasets(): Promise<void> {
    try {
      this.datasets = await this.call('datasets.list', {})
    } catch (error) {
      this.failure = toErrorShape(error)
    }
  }
}

/** A refused media request carries the error's JSON, or at least a status. */
async function mediaError(response: Response): Promise<Error> {
  const shape = errorShapeSchema.safeParse(await response.json().catch(() => null)).data
  return shape
    ? fromErrorShape(shape)
    : new SoundfoldError('internal', `The clip's data could not be loaded (status ${response.status}).`)
}

export const session = new Session()
