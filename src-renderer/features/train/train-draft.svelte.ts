import type { Dataset } from '../../../src-main/contract/model.ts'
import type { ModelPreset, Run } from '../../../src-main/contract/run.ts'
import { session } from '../../lib/state/session.svelte.ts'
import { foldsOf } from './split-fields.ts'
import { readDraft, type StoredDraft, writeDraft } from './stored-draft.ts'
import {
  baseText,
  checkTrain,
  type Difference,
  differences,
  presetTexts,
  type SettingArea,
  type TrainErrors,
  type TrainFields,
  trainFieldsOf,
  trainFieldsOfRun,
  withSetting,
  withSettings,
} from './train-form.ts'

type Presets = readonly [ModelPreset, ...ModelPreset[]]
type Changes = StoredDraft['changes'][string]

/** The training form of one dataset: what is typed, what of it differs from the preset, what is wrong; remembered. */
export class TrainDraft {
  readonly #presets: Presets
  readonly #dataset: Dataset
  readonly #workspace = session.info?.folder ?? ''
  /** Of the networks that are not chosen now. */
  #changes: Record<string, Changes>
  #fields = $state.raw<TrainFields>() as TrainFields
  /** Fields whose faults are shown: those left, and all after an attempt to start. */
  #left = $state.raw<ReadonlySet<string>>(new Set())
  #attempted = $state(false)
  /** The form as it was filled from a run, for what has changed since. */
  readonly source: { readonly run: Run; readonly fields: TrainFields } | undefined

  readonly preset: ModelPreset = $derived(this.#presetNamed(this.#fields.preset))
  readonly base = $derived(presetTexts(this.preset))
  readonly differences: readonly Difference[] = $derived(differences(this.#fields, this.base, this.preset))
  readonly #checked = $derived(checkTrain(this.#fields, this.preset))
  readonly settings = $derived(this.#checked.settings)
  readonly errors: TrainErrors = $derived(
    this.#attempted
      ? this.#checked.errors
      : Object.fromEntries(Object.entries(this.#checked.errors).filter(([key]) => this.#left.has(key))),
  )
  /** What was changed of the run that the form was filled from. */
  readonly changedSince: readonly Difference[] = $derived.by(() => {
    if (!this.source || this.source.fields.preset !== this.#fields.preset) return []
    return differences(this.#fields, this.source.fields, this.preset)
  })

  constructor(dataset: Dataset, presets: Presets, run?: Run) {
    this.#dataset = dataset
    this.#presets = presets
    const stored = readDraft(this.#workspace, dataset.id)
    this.#changes = stored?.changes ?? {}
    if (run) {
      const fields = trainFieldsOfRun(run.settings, this.#presetNamed(run.settings.preset), dataset)
      this.source = { run, fields }
      this.#fields = fields
    } else this.#fields = this.#restored(stored)
  }

  get fields(): TrainFields {
    return this.#fields
  }

  change(changes: Partial<Omit<TrainFields, 'preset' | SettingArea>>): void {
    this.#set({ ...this.#fields, ...changes })
  }

  setting(area: SettingArea, path: string, text: string): void {
    const texts = withSetting(this.#fields[area], this.base[area], path, text)
    this.#set({ ...this.#fields, [area]: texts })
  }

  /** The preset's text for a field, or the default of what was chosen. */
  baseOf(area: SettingArea, path: string): string {
    return baseText(path, this.#fields[area], this.base[area])
  }

  reset(differing: readonly Difference[]): void {
    for (const { area, field, base } of differing) this.setting(area, field.path, base)
  }

  /** Another network begins as it was left, else as its preset. Folds, seed and machine stay. */
  choosePreset(name: string): void {
    const chosen = this.#presetNamed(name)
    this.#changes = { ...this.#changes, [this.#fields.preset]: this.#changed() }
    // The new network's own recipe is then the one that stands for itself.
    const recipe = this.#fields.recipe === chosen.recipe ? '' : this.#fields.recipe
    this.#set({ ...this.#fields, recipe, preset: chosen.name, ...this.#textsFor(chosen) })
  }

  /** A field was left: what is wrong with it may be said. */
  leave(key: string): void {
    if (!this.#left.has(key)) this.#left = new Set([...this.#left, key])
  }

  /** Shows every fault. @returns the settings of a run where there is none */
  attempt(): typeof this.settings {
    this.#attempted = true
    return this.settings
  }

  #presetNamed(name: string): ModelPreset {
    return this.#presets.find((preset) => preset.name === name) ?? this.#presets[0]
  }

  #restored(stored: StoredDraft | undefined): TrainFields {
    const preset = this.#presetNamed(stored?.preset ?? '')
    const { changes: _, ...rest } = stored ?? { changes: {} }
    const fields = { ...trainFieldsOf(preset), ...rest, preset: preset.name, ...this.#textsFor(preset) }
    const known = foldsOf(fields, this.#dataset)
    return { ...fields, folds: fields.folds.filter((fold) => known.includes(fold)) }
  }

  #textsFor(preset: ModelPreset): Record<SettingArea, Readonly<Record<string, string>>> {
    const base = presetTexts(preset)
    const changed = this.#changes[preset.name]
    return {
      training: withSettings(base.training, changed?.training ?? {}),
      network: { ...base.network, ...changed?.network },
    }
  }

  #changed(): Changes {
    const of = (area: SettingArea) =>
      Object.fromEntries(
        this.differences
          .filter((difference) => difference.area === area)
          .map(({ field, text }) => [field.path, text]),
      )
    return { training: of('training'), network: of('network') }
  }

  #set(fields: TrainFields): void {
    this.#fields = fields
    const { training: _, network: __, acceptLeak: ___, ...rest } = fields
    writeDraft(this.#workspace, this.#dataset.id, {
      ...rest,
      folds: [...rest.folds],
      changes: { ...this.#changes, [fields.preset]: this.#changed() },
    })
  }
}
