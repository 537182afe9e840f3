import { type RunSettingsInput, runSettingsSchema } from './run.ts'

/**
 * The command that starts a run with these settings, in the words of a POSIX shell.
 * @param verdicts - name of the verdict set, where the settings name one
 */
export function trainCommand(dataset: string, given: RunSettingsInput, verdicts?: string): string {
  const settings = runSettingsSchema.parse(given)
  const { split, training, network, folds } = settings
  const { augmentation, ...trainingRest } = training
  const words: (string | number)[] = ['--dataset', dataset, '--preset', settings.preset]
  const add = (option: string, value: string | number | undefined) => {
    if (value !== undefined) words.push(option, value)
  }
  add('--recipe', settings.recipe)
  add('--second-recipe', settings.secondRecipe)
  if (folds !== 'all') add('--folds', folds.join(','))
  if (split.kind !== 'predefined') {
    words.push('--split', split.kind, '--split-folds', split.folds, '--split-seed', split.seed)
    if (split.kind === 'random' && split.acceptLeak) words.push('--accept-leak')
  }
  if (settings.excludeCrossing) words.push('--exclude-crossing')
  add('--verdicts', verdicts)
  add('--seed', settings.seed)
  if (settings.engine !== 'auto') add('--engine', settings.engine)
  add('--threads', settings.threadsPerProcess)
  const sets = [
    ...Object.entries(network),
    ...Object.entries(trainingRest).map(([key, value]) => [`training.${key}`, value] as const),
    ...Object.entries(augmentation ?? {}).map(
      ([key, value]) => [`training.augmentation.${key}`, value] as const,
    ),
  ]
  for (const [name, value] of sets)
    if (value !== undefined)
      words.push('--set', `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
  return ['soundfold', 'train', ...words.map((word) => quoted(String(word)))].join(' ')
}

const quoted = (word: string) => (/^[\w.,:=/+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)
