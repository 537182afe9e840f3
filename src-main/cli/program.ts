import { Command, CommanderError, Option } from 'commander'
import { LABEL_BASES } from '../contract/label-basis.ts'
import { MODEL_FORMATS } from '../contract/model-file.ts'
import { addAuditCommands } from './audit-commands.ts'
import {
  agreement,
  cutClips,
  exportAnnotations,
  importAnnotations,
  listAnnotations,
} from './commands/annotations.ts'
import { associate } from './commands/associate.ts'
import {
  exportFeatures,
  featureCache,
  features,
  importFolder,
  pruneFeatures,
  relink,
  validate,
} from './commands/data.ts'
import { demo } from './commands/demo.ts'
import { engine } from './commands/engine.ts'
import { compare, evaluate } from './commands/evaluate.ts'
import { explain } from './commands/explain.ts'
import { listHistory, undoChange } from './commands/history.ts'
import { measure } from './commands/measure.ts'
import { addModel, listModels, removeModel } from './commands/models.ts'
import { listRecipes, removeRecipe, saveRecipe, showRecipe } from './commands/recipes.ts'
import { predictions, report } from './commands/report.ts'
import { listRuns, removeRun, showRun } from './commands/runs.ts'
import { serve } from './commands/serve.ts'
import { mapClips, nearestClips } from './commands/space.ts'
import { listSweeps, removeSweep, showSweep, sweep } from './commands/sweep.ts'
import { changeTags, listTags } from './commands/tags.ts'
import { train } from './commands/train.ts'
import { exportModel, predict } from './commands/trained.ts'
import {
  authorOption,
  bandsByFrames,
  datasetOption,
  engineOption,
  foldList,
  modelChoice,
  numberFrom0,
  positiveNumber,
  setting,
  wholeNumber,
} from './options.ts'
import { EXIT } from './output.ts'
import { DEFAULT_WORKSPACE } from './session.ts'

const program = new Command('soundfold')
  .description('A workbench for classifying environmental sound.')
  .exitOverride()
  // Else a command would take the options of its own commands for itself.
  .enablePositionalOptions()
  .showHelpAfterError('(soundfold COMMAND --help tells more)')

/** A command with the options that all of them share. */
function command(usage: string, description: string, parent = program): Command {
  return parent
    .command(usage)
    .description(description)
    .option('-w, --workspace <dir>', `workspace folder (SOUNDFOLD_WORKSPACE, or ./${DEFAULT_WORKSPACE})`)
    .option('--json', 'give exactly one JSON document on stdout')
}

command('demo', 'Make the demo dataset, train and evaluate on it, and open the workbench on the result.')
  .option('--seed <n>', 'seed of the dataset', wholeNumber(0), 2020)
  .option('--epochs <n>', "epochs to train (the preset's own)", wholeNumber(1))
  .option('--port <n>', 'port of the local server', wholeNumber(0))
  .option('--no-open', 'end after the fold table')
  .action(demo)

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

const annotations = program
  .command('annotations')
  .description('Regions and boxes on clips: list, import, export.')
command('list', 'Annotations by clip and time.', annotations)
  .addOption(datasetOption())
  .option('--label <text>', 'only these')
  .option('--annotator <name>', 'only those of one person')
  .option('--limit <n>', 'how many', wholeNumber(1), 1000)
  .action(listAnnotations)
command(
  'import <paths...>',
  'Add what files, or files in folders, say of the clips that they name.',
  annotations,
)
  .addOption(datasetOption())
  .addOption(
    new Option('--format <format>', 'of the files')
      .choices(['auto', 'audacity', 'raven', 'jams', 'csv', 'textgrid'])
      .default('auto'),
  )
  .option('--annotator <name>', 'whose annotations they are, where they do not say')
  .addOption(authorOption())
  .action(importAnnotations)
command('export', 'Write annotations to files that other programs read.', annotations)
  .addOption(datasetOption())
  .addOption(
    new Option('--format <format>', 'of the files: one for each clip, or one CSV of all')
      .choices(['audacity', 'raven', 'jams', 'csv', 'textgrid'])
      .default('csv'),
  )
  .option('--out <dir>', "new folder (one in the workspace's exports)")
  .action(exportAnnotations)

command(
  'agreement',
  'How far people agree who annotated the same clips: Cohen’s and Fleiss’ kappa.',
  annotations,
)
  .addOption(datasetOption())
  .option('--segment <seconds>', 'what is compared is a label for each segment so long', positiveNumber, 1)
  .option('--clips', 'what is compared is one label for each clip')
  .option('--annotators <list>', 'only these people', (text: string) => text.split(','))
  .action(agreement)
command('cut', 'Cut annotated recordings to clips: a dataset of your own in the layout of UrbanSound8K.')
  .addOption(datasetOption())
  .option('--out <dir>', "new folder (one in the workspace's exports)")
  .option('--window <seconds>', 'longest clip; longer annotations become windows', positiveNumber, 4)
  .option('--hop <seconds>', 'from one window to the next', positiveNumber, 0.5)
  .option('--whole', 'no windows: each annotation is a clip')
  .option('--folds <k>', 'folds, dealt by recording (10, or as many as there are recordings)', wholeNumber(2))
  .option('--seed <n>', 'by which recordings alike take their turn', wholeNumber(0), 73)
  .option('--annotator <name>', 'only annotations of one person')
  .option('--labels <list>', 'only these, such as siren,dog_bark', (text: string) => text.split(','))
  .option('--most-per-class <n>', 'draw so many of each class', wholeNumber(1))
  .action(cutClips)

const models = program
  .command('models')
  .description('Embedding models (ONNX), whose output is a feature recipe: add, list, remove.')
command('add <file>', 'Copy an ONNX model into the workspace and make a recipe of it.', models)
  .option('--config <json>', 'declaration of its input and output (the .json beside it)')
  .option('--name <name>', "name of the recipe (the file's)")
  .action(addModel)
command('list', 'Every model with the size of its features.', models).action(listModels)
command('remove <name>', 'Remove a model; features and runs made by it stay.', models).action(removeModel)

/** A command with the options that say what is trained. */
function trainingCommand(usage: string, description: string): Command {
  return command(usage, description)
    .addOption(datasetOption())
    .option('--preset <name>', 'network or classical baseline', 'compact-s')
    .option(
      '--set <name=value>',
      'dropout=0.5, trees=500: of the model itself; training.labelSmoothing=0.1: any; may be repeated',
      setting,
      {},
    )
    .option('--recipe <name>', "feature recipe (the preset's own)")
    .option('--second-recipe <name>', 'of the second picture, for a network that takes two')
    .option('--epochs <n>', "epochs (the preset's own)", wholeNumber(1))
    .option('--batch-size <n>', 'clips in a batch', wholeNumber(1))
    .option('--learning-rate <x>', 'highest learning rate', positiveNumber)
    .option('--seed <n>', 'seed of weights, order and dropout', wholeNumber(0))
    .addOption(
      new Option('--split <kind>', 'the folds of the dataset, folds by recording, or at random, which leaks')
        .choices(['predefined', 'grouped', 'random'])
        .default('predefined'),
    )
    .option('--split-folds <k>', 'folds of a grouped or random split (5)', wholeNumber(2))
    .option('--split-seed <n>', 'seed of such a split (73)', wholeNumber(0))
    .option('--accept-leak', 'for a random split: its accuracy will not be that of new recordings')
    .option('--exclude-crossing', 'do not train on clips whose recording is held out')
    .option('--verdicts <set>', 'train on the labels of a verdict set, without what it excludes')
    .addOption(engineOption())
    .option('--processes <n>', 'folds trained at once', wholeNumber(1))
    .option('--threads <n>', 'threads of each', wholeNumber(1))
}

trainingCommand('train', 'Train and test over the folds; prints the id of the run.')
  .option('--resume <run>', 'go on with a run that was stopped or failed; all else is as it was')
  .option('--folds <list>', 'folds to hold out: all, or such as 1,2', foldList, 'all')
  .action(train)

trainingCommand('sweep', 'Search settings by trials scored on inner folds; the held-out fold is not touched.')
  .option('--space <file>', 'JSON: setting by its dotted name → choice, uniform or logUniform')
  .addOption(
    new Option('--method <method>', 'every combination, random draws, or successive halving of them')
      .choices(['grid', 'random', 'halving'])
      .default('random'),
  )
  .option('--trials <n>', 'draws (20; 27 for halving)', wholeNumber(1))
  .option('--eta <x>', 'of halving: each rung keeps one in so many (3)', positiveNumber)
  .option('--minimum-epochs <n>', 'of halving: epochs of its first rung (1)', wholeNumber(1))
  .option('--search-seed <n>', 'seed of the draws (73)', wholeNumber(0))
  .option('--held-out <list>', 'folds that no trial sees (the first)', (text) =>
    text.split(',').map(wholeNumber(0)),
  )
  .option('--inner-folds <n>', 'of the others, how many score each trial (1)', wholeNumber(1))
  .option('--resume <sweep>', 'go on with one that was cancelled, failed or killed')
  .action(sweep)

const sweeps = command('sweeps', 'Sweeps: list, show, remove.').enablePositionalOptions().action(listSweeps)
command(
  'show [sweep]',
  'Trials by their scores, and the best settings as a command (the latest).',
  sweeps,
).action(showSweep)
command('remove <sweep>', 'Remove a sweep with its trials.', sweeps).action(removeSweep)

const runs = command('runs', 'Every run, the newest first.').enablePositionalOptions().action(listRuns)
command('show <run>', 'What a run was made by, and what its folds say.', runs)
  .option('--log <fold>', "the end of a fold's log", wholeNumber(0))
  .action(showRun)
command('remove <run>', 'Remove a run with its predictions, weights and logs.', runs).action(removeRun)

command('evaluate [run]', 'Everything that the predictions of a run (the latest) say.')
  .option('--folds <list>', 'only these, such as 1,2', (text: string) => text.split(',').map(wholeNumber(0)))
  .option('--tables <dir>', 'write every table as CSV, and all of it as JSON, to a new folder')
  .action(evaluate)

command('report [run]', 'Everything about a run (the latest) as one HTML file that needs no other.')
  .option('--out <file>', "new file, .html (one in the workspace's exports)")
  .action(report)

command('predictions [run]', 'Out-of-fold predictions of a run (the latest) as CSV or NumPy arrays.')
  .option('--folds <list>', 'only these, such as 1,2', (text: string) => text.split(',').map(wholeNumber(0)))
  .option('--out <file>', "new file, .csv or .npz (a CSV file in the workspace's exports)")
  .action(predictions)

command(
  'compare <runs...>',
  'Runs of one dataset on the same clips: each with the first, by fold and class, with what can be concluded.',
)
  .addOption(
    new Option('--labels <which>', 'which labels count, where a run was trained by verdicts')
      .choices([...LABEL_BASES])
      .default('scored'),
  )
  .option('--html <file>', 'write it as one HTML file that needs no other')
  .option('--tables <dir>', 'write every table as CSV, and all of it as JSON, to a new folder')
  .action(compare)

addAuditCommands(program, command)

command('export-model <run>', 'Write trained networks to files that other programs run, with a model card.')
  .addOption(
    new Option('--format <format>', 'ONNX, or a graph or layers model of TensorFlow.js')
      .choices(MODEL_FORMATS)
      .default('onnx'),
  )
  .option('--folds <which>', 'ensemble of all, each by itself, or the number of one', modelChoice, 'ensemble')
  .option('--out <dir>', "new folder (one in the workspace's exports)")
  .action(exportModel)

command(
  'predict <run> <paths...>',
  'Classes of any audio files, or of those in folders, by the models of a run.',
)
  .option('--fold <n>', 'by the model that held out this fold (the mean of all)', wholeNumber(0))
  .option('--csv <file>', 'write all probabilities to a file')
  .action(predict)

command(
  'explain <run> <clips...>',
  'Where in their pictures the networks of a run see the classes of clips that they had not learnt.',
)
  .addOption(
    new Option('--method <method>', 'by the last feature map, or by what hiding parts of the picture changes')
      .choices(['grad-cam', 'occlusion'])
      .default('grad-cam'),
  )
  .addOption(
    new Option('--classes <which>', 'whose maps are written')
      .choices(['predicted', 'given', 'all'])
      .default('predicted'),
  )
  .option('--picture <n>', 'of a network that is given two', wholeNumber(1), 1)
  .option('--patch <bandsxframes>', 'what occlusion hides at once (16x16)', bandsByFrames)
  .option('--stride <bandsxframes>', 'from patch to patch (8x8)', bandsByFrames)
  .addOption(
    new Option('--fill <value>', 'what stands in a hidden part: the picture’s mean, or its smallest value')
      .choices(['mean', 'minimum'])
      .default('mean'),
  )
  .option('--out <dir>', "new folder of .npz files (one in the workspace's exports)")
  .action(explain)

command(
  'measure <clip>',
  'Levels, frequencies, bandwidths and SNR of a clip (file name or number) or a part of it.',
)
  .addOption(datasetOption())
  .option('--from <s>', 'beginning in seconds (0)', numberFrom0)
  .option('--to <s>', "end in seconds (the clip's)", positiveNumber)
  .option('--low <hz>', 'lowest frequency of the band (0)', numberFrom0)
  .option('--high <hz>', 'highest frequency of the band (half the sample rate)', positiveNumber)
  .option('--channel <n>', 'one channel, from 0 (the mean of all)', wholeNumber(0))
  .action(measure)

command('neighbours <clip>', 'The clips nearest to one (file name or number), with their labels.')
  .addOption(datasetOption())
  .option('--run <run>', 'training clips, by the network that held the clip out (clips alike by sound)')
  .option('--count <n>', 'how many', wholeNumber(1), 8)
  .option('--all', 'of a run: clips too that its network did not learn')
  .option('--own-recording', 'slices of the same recording, too')
  .action(nearestClips)
command('map', 'Lay all clips out in a plane by UMAP, and write where each lies as CSV.')
  .addOption(datasetOption())
  .option('--run <run>', 'as a network of this run takes them (by sound alone)')
  .option('--fold <n>', "of a run: the network that held out this fold (the run's first)", wholeNumber(0))
  .option('--recipe <name>', 'without a run: features by which clips are alike (clip-level numbers)')
  .option('--neighbours <n>', 'of UMAP: more shows the large, fewer the small', wholeNumber(2), 15)
  .option('--minimum-distance <x>', 'of UMAP: how close points may lie', numberFrom0, 0.1)
  .option('--seed <n>', 'of UMAP', wholeNumber(0), 73)
  .option('--out <file>', "new file, .csv (one in the workspace's exports)")
  .action(mapClips)

command('serve', 'Open the workbench in a browser on this machine.')
  .option('--port <n>', 'port (a free one)', wholeNumber(0))
  .option('--open', 'open the browser')
  .action(serve)

program
  .command('associate')
  .description(
    'Have a double click on the .soundfold file in a workspace open it in the desktop app (Linux).',
  )
  .option('--remove', 'take it away again')
  .option('--json', 'give exactly one JSON document on stdout')
  .action(associate)

command('engine', 'Which training engines work here, and how fast.')
  .option('--no-benchmark', 'do not measure')
  .action(engine)

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage
}
