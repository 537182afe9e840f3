import { Option } from 'commander'
import { LABEL_BASES } from '../contract/label-basis.ts'
import { compare, evaluate } from './commands/evaluate.ts'
import { predictions, report } from './commands/report.ts'
import { listRuns, removeRun, showRun } from './commands/runs.ts'
import { type MakeCommand, wholeNumber } from './options.ts'

/** What finished runs say: lists, figures, reports, comparisons. */
export function addRunCommands(command: MakeCommand): void {
  const runs = command('runs', 'Every run, the newest first.').enablePositionalOptions().action(listRuns)
  command('show <run>', 'What a run was made by, and what its folds say.', runs)
    .option('--log <fold>', "the end of a fold's log", wholeNumber(0))
    .action(showRun)
  command('remove <run>', 'Remove a run with its predictions, weights and logs.', runs).action(removeRun)

  command('evaluate [run]', 'Everything that the predictions of a run (the latest) say.')
    .option('--folds <list>', 'only these, such as 1,2', (text: string) =>
      text.split(',').map(wholeNumber(0)),
    )
    .option('--tables <dir>', 'write every table as CSV, and all of it as JSON, to a new folder')
    .action(evaluate)

  command('report [run]', 'Everything about a run (the latest) as one HTML file that needs no other.')
    .option('--out <file>', "new file, .html (one in the workspace's exports)")
    .action(report)

  command('predictions [run]', 'Out-of-fold predictions of a run (the latest) as CSV or NumPy arrays.')
    .option('--folds <list>', 'only these, such as 1,2', (text: string) =>
      text.split(',').map(wholeNumber(0)),
    )
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
}
