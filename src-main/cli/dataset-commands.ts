import { type Command, Option } from 'commander'
import {
  exportFeatures,
  featureCache,
  features,
  importFolder,
  pruneFeatures,
  relink,
  validate,
} from './commands/data.ts'
import { listHistory, undoChange } from './commands/history.ts'
import { listRecipes, removeRecipe, saveRecipe, showRecipe } from './commands/recipes.ts'
import { changeTags, listTags } from './commands/tags.ts'
import { authorOption, datasetOption, type MakeCommand, wholeNumber } from './options.ts'

/** Datasets and what is known of their clips: import, check, tags, history, features and their recipes. */
export function addDatasetCommands(program: Command, command: MakeCommand): void {
  command('import <folder>', 'Import a dataset; the audio files stay where they are.')
    .addOption(
      new Option('--format <format>', 'layout of the folder')
        .choices(['auto', 'urbansound8k', 'esc', 'csv', 'recordings'])
        .default('auto'),
    )
    .option('--name <name>', "name to show (the folder's)")
    .option('--csv <file>', 'CSV file within the folder, for datasets of your own')
    .option('--file-column <name>', 'its column of file names (file)')
    .option('--label-column <name>', 'its column of labels (label)')
    .option('--fold-column <name>', 'its column of folds (fold)')
    .option('--no-fold-column', 'it has none: train with --split grouped')
    .option('--group-column <name>', 'its column of recordings')
    .option('--salience-column <name>', 'its column of saliences, 1 foreground or 2 background')
    .option('--start-column <name>', 'its column of start times in seconds')
    .option('--end-column <name>', 'its column of end times in seconds')
    .action(importFolder)

  command(
    'validate [dataset]',
    'Check a dataset again: files, durations, duplicates, recordings across folds. Exits with 1 on errors.',
  ).action(validate)

  command('relink <folder>', 'Point a dataset to the folder it was moved to.')
    .addOption(datasetOption())
    .action(relink)

  const tag = program.command('tag').description('Words of your own on clips: add, remove, list.')
  for (const [verb, method, words] of [
    ['add', 'tags.add', 'Give tags, with commas between, to clips by number or file name.'],
    ['remove', 'tags.remove', 'Take tags from clips.'],
  ] as const)
    command(`${verb} <tags> [clips...]`, words, tag)
      .addOption(datasetOption())
      .addOption(authorOption())
      .option('--matching <text>', 'all clips with this in file name, recording, class or tag')
      .action((tags, clips, options) => changeTags(method, tags, clips, options))
  command('list', 'Every tag with how many clips have it.', tag).addOption(datasetOption()).action(listTags)

  const history = command('history', 'What people changed, the newest first.')
    .enablePositionalOptions()
    .addOption(datasetOption())
    .option('--clip <n>', 'only changes of this clip', wholeNumber(1))
    .option('--limit <n>', 'how many', wholeNumber(1), 50)
    .action(listHistory)
  command('undo <change>', 'Take a change back; that is a change too.', history)
    .addOption(authorOption())
    .action((change, options) => undoChange(wholeNumber(1)(change), options))

  const featuresCommand = command('features', 'Extract features into the cache.')
    .enablePositionalOptions()
    .addOption(datasetOption())
    .option('--recipe <name>', 'feature recipe', 'article')
    .action(features)
  command('export', 'Write features to files that other programs read.', featuresCommand)
    .addOption(datasetOption())
    .option('--recipe <name>', 'feature recipe', 'article')
    .addOption(
      new Option('--format <format>', 'one .npz, one .npz a clip, clip-level numbers as CSV, or pictures')
        .choices(['npz', 'npz-per-clip', 'csv', 'png'])
        .default('npz'),
    )
    .option('--out <dir>', "new folder (one in the workspace's exports)")
    .action(exportFeatures)

  command('cache', 'What the feature cache holds, with its size.', featuresCommand).action(featureCache)
  command(
    'prune [parts...]',
    'Remove parts of the feature cache; what is needed is made again.',
    featuresCommand,
  )
    .option('--unnamed', 'features of recipes that have no name any more')
    .action(pruneFeatures)

  const recipes = program.command('recipes').description('Feature recipes: list, show, save, remove.')
  command('list', 'Every recipe with its size.', recipes).action(listRecipes)
  command('show <name>', 'The settings of one as JSON.', recipes).action(showRecipe)
  command('save <name> <file>', 'Save settings from a JSON file under a name of your own.', recipes).action(
    saveRecipe,
  )
  command('remove <name>', 'Remove a recipe of your own.', recipes).action(removeRecipe)
}
