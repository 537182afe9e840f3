import { readFile } from 'node:fs/promises'
import { SoundfoldError } from '../../contract/errors.ts'
import { parseInput } from '../../contract/parse.ts'
import { RANDOM_SPLIT_LABEL } from '../../contract/split.ts'
import { type Sweep, type SweepDetail, sweepInputSchema } from '../../contract/sweep.ts'
import { trainCommand } from '../../contract/train-command.ts'
import { labelWords } from '../../contract/words.ts'
import { percent, table } from '../output.ts'
import { type GlobalOptions, pickDataset, runJob, type Session, withSession } from '../session.ts'
import { describeSplit } from '../split-words.ts'
import { type RunOptions, settingsWithVerdicts } from './train.ts'

export interface SweepOptions extends GlobalOptions, RunOptions {
  dataset?: string
  space?: string
  method: 'grid' | 'random' | 'halving'
  trials?: number
  eta?: number
  minimumEpochs?: number
  searchSeed?: number
  heldOut?: number[]
  innerFolds?: number
  resume?: string
}

export function sweep(options: SweepOptions): Promise<void> {
  return withSession(options, async (session) => {
    const { core, output } = session
    const job =
      options.resume === undefined
        ? await runJob(session, 'sweeps.start', await request(session, options))
        : await runJob(session, 'sweeps.resume', { sweepId: options.resume })
    // A job's own sweep is the one that names it.
    const own = (await core.call('sweeps.list', {})).find(({ jobId }) => jobId === job.id)
    if (!own) throw new SoundfoldError('internal', `Job ${job.id} has no sweep.`)
    const detail = await core.call('sweeps.get', { sweepId: own.id })
    output.result(detail, () => describeSweep(detail))
  })
}

async function request(session: Session, options: SweepOptions) {
  const { core, output } = session
  const dataset = await pickDataset(core, options.dataset)
  if (options.space === undefined)
    throw new SoundfoldError('invalid-input', 'A sweep needs the settings to search.', {
      hint: 'Name a JSON file with --space, such as {"training.learningRate": {"logUniform": [0.0003, 0.03]}}.',
    })
  const { method, trials, eta, minimumEpochs, searchSeed: seed } = options
  const given = {
    space: await readJson(options.space),
    search: defined({ method, trials, eta, minimumEpochs, seed }),
    heldOut: options.heldOut ?? [1],
    innerFolds: options.innerFolds,
    base: await settingsWithVerdicts(session, dataset.id, options),
  }
  const parsed = parseInput(sweepInputSchema, { ...defined(given), heldOut: [1] }, 'sweep')
  const preview = await core.call('training.split', { datasetId: dataset.id, split: parsed.base.split })
  for (const line of describeSplit(preview, parsed.base, dataset)) output.note(line)
  const heldOut = options.heldOut ?? preview.folds.slice(0, 1).map(({ fold }) => fold)
  output.note(
    `Held out from every trial: fold ${heldOut.join(', ')}. Interrupted, it goes on with soundfold sweep --resume ID.`,
  )
  return { datasetId: dataset.id, sweep: { ...parsed, heldOut } }
}

const defined = (given: object) =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))

async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new SoundfoldError('missing-file', `${path} can't be read.`, { cause: error })
  })
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new SoundfoldError('invalid-input', `${path} is not JSON.`, { cause: error })
  }
}

export function listSweeps(options: GlobalOptions): Promise<void> {
  return withSession(options, async ({ core, output }) => {
    const all = await core.call('sweeps.list', {})
    output.result(all, () =>
      all.length === 0
        ? 'This workspace has no sweep yet.'
        : table(
            ['sweep', 'status', 'method', 'trials', 'settings', 'dataset', 'started'],
            all.map((own) => [
              own.id,
              own.status,
              own.settings.search.method,
              `${own.trialsDone}/${own.trials}`,
              Object.keys(own.settings.space).join(', '),
              own.datasetName,
              own.createdAt.slice(0, 16).replace('T', ' '),
            ]),
            [3],
          ),
    )
  })
}

export function showSweep(wanted: string | undefined, options: GlobalOptions): Promise<void> {
  return withSession(options, async ({ core, output }) => {
    const sweepId = wanted ?? (await core.call('sweeps.list', {}))[0]?.id
    if (sweepId === undefined)
      throw new SoundfoldError('not-found', 'This workspace has no sweep yet.', {
        hint: 'Start one: soundfold sweep --space FILE.json',
      })
    const detail = await core.call('sweeps.get', { sweepId })
    output.result(detail, () => describeSweep(detail))
  })
}

export function removeSweep(sweepId: string, options: GlobalOptions): Promise<void> {
  return withSession(options, async ({ core, output }) => {
    const result = await core.call('sweeps.remove', { sweepId })
    output.result(result, () => `Removed sweep ${sweepId}.`)
  })
}

function describeSweep({ sweep: own, trials, best }: SweepDetail): string {
  const names = Object.keys(own.settings.space)
  const rows = trials.map(({ trial, state, changes, rungs, error }) => {
    const last = rungs.at(-1)
    const sd = last?.sampleStandardDeviation ?? null
    const epochs = last && own.settings.rungs[last.rung]?.epochs
    return [
      String(trial),
      state,
      ...names.map((name) => text(changes[name])),
      last ? `${percent(last.accuracy)}${sd === null ? '' : ` ± ${(sd * 100).toFixed(2)}`}` : '',
      last ? last.loss.toFixed(3) : '',
      epochs ? String(epochs) : '',
      error?.message ?? '',
    ]
  })
  const width = 2 + names.length
  return [
    `Sweep ${own.id} (${own.status}): ${own.trialsDone} of ${own.trials} trials scored`,
    table(['trial', 'state', ...names, 'inner accuracy', 'loss', 'epochs', ''], rows, [
      0,
      width,
      width + 1,
      width + 2,
    ]),
    `${scoring(own)}`,
    ...(best
      ? [
          '',
          'Train with the best settings, tested on what no trial saw:',
          trainCommand(own.datasetName, best, own.settings.verdicts?.name),
        ]
      : []),
  ].join('\n')
}

function scoring({ settings }: Sweep): string {
  const { scoredOn, heldOut, base, verdicts } = settings
  const leak = base.split.kind === 'random' ? ` (${RANDOM_SPLIT_LABEL})` : ''
  return (
    `Scored on inner fold ${scoredOn.join(', ')}${leak}; fold ${heldOut.join(', ')} held out. The best of many ` +
    `scores is flattered by chance: state the accuracy on the held-out fold.${verdicts ? ` Labels: ${labelWords(verdicts)}.` : ''}`
  )
}

const text = (value: unknown) => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))
