import {
  type ModelPreset,
  type RunSettingsInput,
  runSettingsSchema,
} from '../../../src-main/contract/model.ts'
import { TRAINING_DEFAULTS } from '../../../src-main/contract/training.ts'

/** The training form as it is typed. */
export interface TrainFields {
  preset: string
  /** Empty for the network's own. */
  recipe: string
  epochs: string
  batchSize: string
  learningRate: string
  seed: string
  allFolds: boolean
  folds: readonly number[]
  engine: 'auto' | 'tensorflow' | 'wasm'
}
export type TrainErrors = Partial<Record<keyof TrainFields, string>>

const MESSAGES: TrainErrors = {
  preset: 'Choose a network.',
  recipe: 'Choose a recipe.',
  epochs: 'Enter a whole number from 1 to 10,000.',
  batchSize: 'Enter a whole number from 1 to 4096.',
  learningRate: 'Enter a number above 0.',
  seed: 'Enter a whole number from 0 to 2,147,483,647.',
  folds: 'Choose at least one fold.',
  engine: 'Choose an engine.',
}

export function trainFieldsOf(preset: ModelPreset): TrainFields {
  const { epochs, batchSize, learningRate } = { ...TRAINING_DEFAULTS, ...preset.defaults }
  return {
    preset: preset.name,
    recipe: '',
    epochs: String(epochs),
    batchSize: String(batchSize),
    learningRate: String(learningRate),
    seed: '73',
    allFolds: true,
    folds: [],
    engine: 'auto',
  }
}

/** Checks with the contract's own schema. @returns the run's settings, or what is wrong with which field */
export function checkTrain(
  fields: TrainFields,
  { kind }: Pick<ModelPreset, 'kind'>,
): { settings?: RunSettingsInput; errors: TrainErrors } {
  const training = {
    epochs: numberOf(fields.epochs),
    batchSize: numberOf(fields.batchSize),
    learningRate: numberOf(fields.learningRate),
  }
  const parsed = runSettingsSchema.safeParse({
    preset: fields.preset,
    ...(fields.recipe && { recipe: fields.recipe }),
    // What a classical baseline has no use for is not shown either.
    ...(kind === 'network' && { training, engine: fields.engine }),
    seed: numberOf(fields.seed),
    folds: fields.allFolds ? 'all' : [...fields.folds].sort((a, b) => a - b),
  })
  if (parsed.success) return { settings: parsed.data, errors: {} }
  const errors: TrainErrors = {}
  for (const issue of parsed.error.issues) {
    const field = issue.path[0] === 'training' ? issue.path[1] : issue.path[0]
    if (typeof field === 'string' && isField(field)) errors[field] = MESSAGES[field] ?? issue.message
  }
  return { errors }
}

function isField(name: string): name is keyof TrainFields {
  return Object.hasOwn(MESSAGES, name)
}

/** An empty field is no number, where `Number('')` would be 0. */
function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text)
}
