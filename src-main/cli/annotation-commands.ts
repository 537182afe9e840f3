import { type Command, Option } from 'commander'
import {
  agreement,
  cutClips,
  exportAnnotations,
  importAnnotations,
  listAnnotations,
} from './commands/annotations.ts'
import { authorOption, datasetOption, type MakeCommand, positiveNumber, wholeNumber } from './options.ts'

/** `soundfold annotations …`, and what is made of them. */
export function addAnnotationCommands(program: Command, command: MakeCommand): void {
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
    .option(
      '--folds <k>',
      'folds, dealt by recording (10, or as many as there are recordings)',
      wholeNumber(2),
    )
    .option('--seed <n>', 'by which recordings alike take their turn', wholeNumber(0), 73)
    .option('--annotator <name>', 'only annotations of one person')
    .option('--labels <list>', 'only these, such as siren,dog_bark', (text: string) => text.split(','))
    .option('--most-per-class <n>', 'draw so many of each class', wholeNumber(1))
    .action(cutClips)
}
