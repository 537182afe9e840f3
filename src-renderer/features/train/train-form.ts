import { z } from 'zod'
import type { Dataset } from '../../../src-main/contract/model.ts'
import {
  type ModelPreset,
  type RunSettings,
  type RunSettingsInput,
  runSettingsSchema,
} from '../../../src-main/contract/run.ts'
import {
  augmentationSchema,
  lossSchema,
  optimizerSchema,
  scheduleSchema,
  TRAINING_DEFAULTS,
  trainingSchema,
} from '../../../src-main/contract/training.ts'
import { numberOf } from '../../lib/number-of.ts'
import {
  ON,
  type SettingField,
  type SettingGroup,
  type SettingTexts,
  TRAINING_FIELDS,
} from './setting-fields.ts'
import { defaultsOf, networkFields, sameText, settingsOf, shownFields, textsOf } from './setting-texts.ts'
import { checkSplit, foldsOf, PREDEFINED_FIELDS, type SplitFields, splitFieldsOf } from './split-fields.ts'
import { rangeText, readValueSchema, schemaAt } from './value-schema.ts'

/** The training form as it is typed. */
export interface TrainFields extends SplitFields {
  preset: string
  /** Empty for the network's own. */
  recipe: string
  /** A verdict set's id; empty for labels as imported. */
  verdicts: string
  seed: string
  allFolds: boolean
  folds: readonly number[]
  engine: RunSettings['engine']
  /** Empty for what suits the machine. */
  processes: string
  threadsPerProcess: string
  training: SettingTexts
  network: SettingTexts
}

/** Where a setting is: `run` for those of the form itself. */
export type SettingArea = 'training' | 'network'
/** By `seed`, `training.schedule.factor`, `network.dropout`. */
export type TrainErrors = Readonly<Record<string, string>>

const SPLIT_RANGES = {
  folds: 'Must be a whole number from 2 to 100.',
  seed: 'Must be a whole number from 0 to 2147483647.',
}
const RUN_SCHEMA = readValueSchema(z.toJSONSchema(runSettingsSchema, { io: 'input' }))
const TRAINING_SCHEMA = readValueSchema(z.toJSONSchema(trainingSchema, { io: 'input' }))

export function trainFieldsOf(preset: ModelPreset): TrainFields {
  return {
    preset: preset.name,
    recipe: '',
    verdicts: '',
    seed: '73',
    ...PREDEFINED_FIELDS,
    allFolds: true,
    folds: [],
    engine: 'auto',
    processes: '',
    threadsPerProcess: '',
    ...presetTexts(preset),
  }
}

/** The form that gives this run again. Threads are kept, since numbers depend on them. */
export function trainFieldsOfRun(
  settings: RunSettings,
  preset: ModelPreset,
  dataset: Pick<Dataset, 'folds'>,
): TrainFields {
  const split = splitFieldsOf(settings)
  const folds = foldsOf(split, dataset)
  const known = settings.folds.filter((fold) => folds.includes(fold))
  const allFolds = known.length === folds.length || known.length === 0
  return {
    preset: preset.name,
    recipe: settings.recipe === preset.recipe ? '' : settings.recipe,
    verdicts: settings.verdicts === undefined ? '' : String(settings.verdicts.setId),
    seed: String(settings.seed),
    ...split,
    allFolds,
    folds: allFolds ? [] : known,
    engine: settings.engine,
    processes: String(settings.processes),
    threadsPerProcess: String(settings.threadsPerProcess),
    ...settingTexts(settings, preset),
  }
}

/** What a run of this network recorded, as texts. */
export function settingTexts(
  { training, network }: Pick<RunSettings, 'training' | 'network'>,
  preset: ModelPreset,
): Record<SettingArea, Record<string, string>> {
  const base = presetTexts(preset)
  return {
    training: { ...base.training, ...textsOf(TRAINING_FIELDS, training) },
    network: { ...base.network, ...textsOf(networkFields(preset.networkSettings), network) },
  }
}

/** How a preset trains where nothing else is said. */
export function presetTexts(preset: ModelPreset): Record<SettingArea, Record<string, string>> {
  const { defaults, networkSettings } = preset
  const augmentation = { ...TRAINING_DEFAULTS.augmentation, ...defaults.augmentation }
  return {
    training: textsOf(TRAINING_FIELDS, { ...TRAINING_DEFAULTS, ...defaults, augmentation }),
    network: textsOf(networkFields(networkSettings), defaultsOf(networkSettings)),
  }
}

/** Checks with the contract's own schemas. @returns the run's settings, or what is wrong with which field */
export function checkTrain(
  fields: TrainFields,
  preset: ModelPreset,
): { settings?: RunSettingsInput; errors: TrainErrors } {
  const trained = preset.kind === 'network'
  const training = settingsOf(TRAINING_FIELDS, fields.training)
  const ownFields = networkFields(preset.networkSettings)
  const network = settingsOf(ownFields, fields.network)
  const split = checkSplit(fields)
  const run = {
    preset: fields.preset,
    ...(fields.recipe && { recipe: fields.recipe }),
    ...(fields.verdicts && { verdicts: Number(fields.verdicts) }),
    split: split.data,
    // A random split has nothing to leave out: the form does not offer it there.
    excludeCrossing: fields.excludeCrossing && fields.split !== 'random',
    seed: numberOf(fields.seed),
    folds: fields.allFolds ? 'all' : [...fields.folds].sort((a, b) => a - b),
    ...(fields.processes.trim() && { processes: numberOf(fields.processes) }),
    // What learns in one pass takes neither engine nor threads, and refuses them.
    ...(trained && { engine: fields.engine }),
    ...(trained &&
      fields.threadsPerProcess.trim() && { threadsPerProcess: numberOf(fields.threadsPerProcess) }),
  }
  const errors: Record<string, string> = {}
  for (const { path } of split.error?.issues ?? [])
    errors[path[0] === 'seed' ? 'splitSeed' : 'splitFolds'] ??=
      SPLIT_RANGES[path[0] === 'seed' ? 'seed' : 'folds']
  if (fields.split === 'random' && !fields.acceptLeak)
    errors.acceptLeak = 'Accept the leak, or choose another split.'
  const parsedRun = runSettingsSchema.safeParse(run)
  for (const { path } of parsedRun.error?.issues ?? []) {
    const key = String(path[0])
    errors[key] ??=
      key === 'folds' ? 'Choose at least one fold.' : rangeText(schemaAt(RUN_SCHEMA, [key], run))
  }
  const parsedTraining = trainingSchema.safeParse(trained ? training : TRAINING_DEFAULTS)
  for (const issue of parsedTraining.error?.issues ?? []) {
    const together = issue.code === 'custom' ? TOGETHER[issue.path.join('.')] : undefined
    const field = together?.field ?? fieldAt(TRAINING_FIELDS, issue.path)
    errors[`training.${field}`] ??=
      together?.message ?? rangeText(schemaAt(TRAINING_SCHEMA, field.split('.'), training))
  }
  for (const issue of checkNetwork(preset.networkSettings, network)) {
    const field = fieldAt(ownFields, issue.path)
    errors[`network.${field}`] ??= rangeText(
      schemaAt(readValueSchema(preset.networkSettings), field.split('.'), network),
    )
  }
  if (!parsedRun.success || !parsedTraining.success || Object.keys(errors).length > 0) return { errors }
  return {
    settings: { ...parsedRun.data, ...(trained && { training: parsedTraining.data }), network },
    errors,
  }
}

/** What the schema says of several settings together: where the form shows it, in its own words. */
const TOGETHER: Readonly<Record<string, { field: string; message: string }>> = {
  innerFold: {
    field: 'innerFold',
    message: 'The schedule watches the inner fold: choose one, or let it watch the training loss.',
  },
  'augmentation.noise': {
    field: 'augmentation.noise.minimumSnrDb',
    message: 'Must be at most the upper end.',
  },
}

function checkNetwork(jsonSchema: Record<string, unknown>, network: Record<string, unknown>) {
  if (Object.keys(network).length === 0) return []
  return z.fromJSONSchema(jsonSchema).safeParse(network).error?.issues ?? []
}

/** The field that an issue is of: its own, or that of the list that it is in. */
function fieldAt(fields: readonly SettingField[], path: readonly PropertyKey[]): string {
  const whole = path.join('.')
  return fields.findLast((field) => whole === field.path || whole.startsWith(`${field.path}.`))?.path ?? whole
}

/** A setting whose text is not the preset's. */
export interface Difference {
  readonly area: SettingArea
  readonly field: SettingField
  readonly text: string
  /** What the preset would have there. */
  readonly base: string
}

/** In the form's order; only of settings that are shown. */
export function differences(
  texts: Record<SettingArea, SettingTexts>,
  base: Record<SettingArea, SettingTexts>,
  preset: ModelPreset,
): Difference[] {
  const of = (area: SettingArea, fields: readonly SettingField[]) =>
    shownFields(fields, texts[area]).flatMap((field): Difference[] => {
      const text = texts[area][field.path] ?? ''
      const own = baseText(field.path, texts[area], base[area])
      return sameText(field.kind, text, own) ? [] : [{ area, field, text, base: own }]
    })
  const training = preset.kind === 'network' ? of('training', TRAINING_FIELDS) : []
  return [...training, ...of('network', networkFields(preset.networkSettings))]
}

/** What a field would hold unchanged: the preset's, or the default of a choice that the preset did not make. */
export function baseText(path: string, texts: SettingTexts, base: SettingTexts): string {
  const variant = VARIANTS.find(({ prefix }) => path.startsWith(prefix) && path !== prefix)
  if (!variant || variant.key === path || base[variant.key] === texts[variant.key]) return base[path] ?? ''
  return SUGGESTED.has(path) ? '' : (variantTexts(texts)[path] ?? '')
}

/**
 * The texts after a choice. What belongs to the new choice alone begins with the preset's values where the preset made
 * the same choice, else with the schema's defaults.
 */
export function withSetting(
  texts: SettingTexts,
  base: SettingTexts,
  path: string,
  text: string,
): SettingTexts {
  const changed = { ...texts, [path]: text }
  const variant = VARIANTS.find(({ key }) => key === path)
  if (!variant || texts[path] === text) return changed
  const fresh = base[path] === text ? base : variantTexts(changed)
  const own = TRAINING_FIELDS.filter((field) => field.path !== path && field.path.startsWith(variant.prefix))
  for (const field of own) {
    const value = fresh[field.path]
    if (value !== undefined) changed[field.path] = value
  }
  return changed
}

/** The preset's texts with some changed: a choice among these brings its own along. */
export function withSettings(base: SettingTexts, changes: SettingTexts): SettingTexts {
  const choices = VARIANTS.map(({ key }) => key).filter((key) => changes[key] !== undefined)
  const start: SettingTexts = { ...base, ...(changes.epochs !== undefined && { epochs: changes.epochs }) }
  const chosen = choices.reduce((texts, key) => withSetting(texts, base, key, changes[key] ?? ''), start)
  return { ...chosen, ...changes }
}

/** Settings that decide which others there are. */
const VARIANTS = [
  { key: 'optimizer.name', prefix: 'optimizer.' },
  { key: 'schedule.name', prefix: 'schedule.' },
  { key: 'loss.name', prefix: 'loss.' },
  { key: 'augmentation.specAugment', prefix: 'augmentation.specAugment.' },
  { key: 'augmentation.noise', prefix: 'augmentation.noise.' },
] as const

/** They have no default: a third of the run is put there, which is no more the preset's than another number. */
const SUGGESTED: ReadonlySet<string> = new Set(['schedule.everyEpochs', 'schedule.firstEpochs'])

/** What comes with each choice. */
function variantTexts(texts: SettingTexts): Record<string, string> {
  const { specAugment, noise } = augmentationSchema.shape
  const third = Math.max(1, Math.ceil(numberOf(texts.epochs ?? '') / 3) || 1)
  const schedule = texts['schedule.name']
  return textsOf(TRAINING_FIELDS, {
    optimizer: optimizerSchema.safeParse({ name: texts['optimizer.name'] }).data,
    schedule: scheduleSchema.safeParse({
      name: schedule,
      ...(schedule === 'step' && { everyEpochs: third }),
      ...(schedule === 'cosine-restarts' && { firstEpochs: third }),
    }).data,
    loss: lossSchema.safeParse({ name: texts['loss.name'] }).data,
    augmentation: {
      specAugment: texts['augmentation.specAugment'] === ON ? specAugment.parse({}) : undefined,
      noise: texts['augmentation.noise'] === ON ? noise.parse({}) : undefined,
    },
  })
}

/** Groups that hold an error, so that they can be opened. */
export function groupsWithErrors(errors: TrainErrors): Set<SettingGroup> {
  const groups = new Set<SettingGroup>()
  for (const key of Object.keys(errors)) {
    if (key.startsWith('network.')) groups.add('Network')
    else if (key === 'processes' || key === 'threadsPerProcess' || key === 'engine') groups.add('Machine')
    else {
      const field = TRAINING_FIELDS.find(({ path }) => key === `training.${path}`)
      if (field) groups.add(field.group)
    }
  }
  return groups
}
