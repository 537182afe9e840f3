import { type Command, Option } from 'commander'
import { listSweeps, removeSweep, showSweep, sweep } from './commands/sweep.ts'
import { train } from './commands/train.ts'
import {
  datasetOption,
  engineOption,
  foldList,
  type MakeCommand,
  positiveNumber,
  setting,
  wholeNumber,
} from './options.ts'

/** What trains: runs and sweeps. */
export function addTrainingCommands(command: MakeCommand): void {
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
        new Option(
          '--split <kind>',
          'the folds of the dataset, folds by recording, or at random, which leaks',
        )
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

  trainingCommand(
    'sweep',
    'Search settings by trials scored on inner folds; the held-out fold is not touched.',
  )
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
}
