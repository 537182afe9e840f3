import { isOver } from '../../contract/job.ts'
import type { FoldState, Run } from '../../contract/run.ts'
import { percent, table } from '../output.ts'
import { type GlobalOptions, withSession } from '../session.ts'

export function listRuns(options: GlobalOptions): Promise<void> {
  return withSession(options, async ({ core, output }) => {
    const runs = await core.call('runs.list', {})
    output.result(runs, () =>
      runs.length === 0
        ? 'This workspace has no run yet. Start one: soundfold train'
        : table(
            ['run', 'status', 'preset', 'dataset', 'folds', 'accuracy', 'seed', 'created'],
            runs.map((run) => [
              run.id,
              run.status,
              run.settings.preset,
              run.datasetName,
              `${run.foldsDone.length}/${run.settings.folds.length}`,
              run.meanAccuracy === null ? '–' : percent(run.meanAccuracy),
              String(run.settings.seed),
              run.createdAt.slice(0, 16).replace('T', ' '),
            ]),
            [4, 5, 6],
          ),
    )
  })
}

export function showRun(runId: string, options: GlobalOptions & { log?: number }): Promise<void> {
  return withSession(options, async ({ core, output }) => {
    if (options.log !== undefined) {
      const { text } = await core.call('runs.log', { runId, fold: options.log })
      return output.result(
        { runId, fold: options.log, text },
        () => text.trimEnd() || 'It has logged nothing.',
      )
    }
    const run = await core.call('runs.get', { runId })
    const folds = await core.call('runs.folds', { runId })
    output.result({ run, folds }, () => describeRun(run, folds))
  })
}

export function removeRun(runId: string, options: GlobalOptions): Promise<void> {
  return withSession(options, async ({ core, output }) => {
    const result = await core.call('runs.remove', { runId })
    output.result(result, () => `Run ${runId} is removed, with its weights and logs.`)
  })
}

function describeRun(run: Run, folds: readonly FoldState[]): string {
  const { settings, record } = run
  const facts: [string, string][] = [
    ['status', run.status],
    ['preset', settings.preset],
    ['dataset', run.datasetName],
    ['data fingerprint', run.dataFingerprint],
    ['settings hash', run.settingsHash],
    ['recipe', `${settings.recipe} (${settings.recipeHash})`],
    ['seed', String(settings.seed)],
    ['processes × threads', `${settings.processes} × ${settings.threadsPerProcess}`],
    ['engine', run.engine ?? '–'],
    ['code', record?.code ?? '–'],
    ['machine', record ? `${record.processor}, ${record.cores} cores, ${record.platform}` : '–'],
    ['runtime', record?.runtime ?? '–'],
    ['work', record ? `${record.workSeconds.toFixed(1)} s in ${record.starts} starts` : '–'],
    ['peak memory', run.peakMemoryBytes === null ? '–' : `${megabytes(run.peakMemoryBytes)} a process`],
    [
      'accuracy',
      run.meanAccuracy === null ? '–' : `${percent(run.meanAccuracy)} on ${run.foldsDone.length} folds`,
    ],
    ...(run.error ? [['error', run.error.message] satisfies [string, string]] : []),
  ]
  const width = Math.max(...facts.map(([name]) => name.length))
  const lines = facts.map(([name, value]) => `${name.padEnd(width)}  ${value}`)
  const notes = folds.flatMap(({ fold, notes: own }) => own.map((note) => `fold ${fold}: ${note}`))
  return [...lines, ...(notes.length > 0 ? ['', ...notes] : []), ...resumeHint(run)].join('\n')
}

function resumeHint(run: Run): string[] {
  const isResumable = isOver(run) && run.status !== 'succeeded'
  return isResumable ? ['', `Go on with it: soundfold train --resume ${run.id}`] : []
}

const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`
