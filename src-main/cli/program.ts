import { Command, CommanderError, Option } from 'commander'
import { MODEL_FORMATS } from '../contract/model-file.ts'
import { addAnnotationCommands } from './annotation-commands.ts'
import { addAuditCommands } from './audit-commands.ts'
import { associate } from './commands/associate.ts'
import { demo } from './commands/demo.ts'
import { engine } from './commands/engine.ts'
import { explain } from './commands/explain.ts'
import { measure } from './commands/measure.ts'
import { addModel, listModels, removeModel } from './commands/models.ts'
import { serve } from './commands/serve.ts'
import { mapClips, nearestClips } from './commands/space.ts'
import { exportModel, predict } from './commands/trained.ts'
import { addDatasetCommands } from './dataset-commands.ts'
import {
  bandsByFrames,
  datasetOption,
  type MakeCommand,
  modelChoice,
  numberFrom0,
  positiveNumber,
  wholeNumber,
} from './options.ts'
import { EXIT } from './output.ts'
import { addRunCommands } from './run-commands.ts'
import { DEFAULT_WORKSPACE } from './session.ts'
import { addTrainingCommands } from './training-commands.ts'

const program = new Command('soundfold')
  .description('A workbench for classifying environmental sound.')
  .exitOverride()
  // Else a command would take the options of its own commands for itself.
  .enablePositionalOptions()
  .showHelpAfterError('(soundfold COMMAND --help tells more)')

const command: MakeCommand = (usage, description, parent = program) =>
  parent
    .command(usage)
    .description(description)
    .option('-w, --workspace <dir>', `workspace folder (SOUNDFOLD_WORKSPACE, or ./${DEFAULT_WORKSPACE})`)
    .option('--json', 'give exactly one JSON document on stdout')

command('demo', 'Make the demo dataset, train and evaluate on it, and open the workbench on the result.')
  .option('--seed <n>', 'seed of the dataset', wholeNumber(0), 2020)
  .option('--epochs <n>', "epochs to train (the preset's own)", wholeNumber(1))
  .option('--port <n>', 'port of the local server', wholeNumber(0))
  .option('--no-open', 'end after the fold table')
  .action(demo)

addDatasetCommands(program, command)
addAnnotationCommands(program, command)

const models = program
  .command('models')
  .description('Embedding models (ONNX), whose output is a feature recipe: add, list, remove.')
command('add <file>', 'Copy an ONNX model into the workspace and make a recipe of it.', models)
  .option('--config <json>', 'declaration of its input and output (the .json beside it)')
  .option('--name <name>', "name of the recipe (the file's)")
  .action(addModel)
command('list', 'Every model with the size of its features.', models).action(listModels)
command('remove <name>', 'Remove a model; features and runs made by it stay.', models).action(removeModel)

addTrainingCommands(command)
addRunCommands(command)
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
