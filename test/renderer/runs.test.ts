import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type ModelPreset, type Run, runSchema } from '../../src-main/contract/run.ts'
import { TRAINING_DEFAULTS } from '../../src-main/contract/training.ts'
import { provenance } from '../../src-renderer/features/runs/provenance.ts'
import { filterRuns, runDifferences, runRow, sortRuns } from '../../src-renderer/features/runs/runs-table.ts'
import {
  newestRuns,
  roughDuration,
  runSeconds,
  secondsPerClip,
} from '../../src-renderer/features/train/expected-cost.ts'

const preset: ModelPreset = {
  name: 'compact-s',
  kind: 'network',
  title: 'Compact S',
  description: '',
  parameters: { trainable: 1, statistics: 0 },
  recipe: 'article',
  defaults: { epochs: 18 },
  networkSettings: z.toJSONSchema(z.strictObject({ dropout: z.number().default(0.3) }), { io: 'input' }),
}

interface Changes {
  status?: Run['status']
  network?: string
  epochs?: number
  accuracy?: number | null
  minutes?: number | null
  seed?: number
}
const run = (
  id: string,
  {
    status = 'succeeded',
    network = 'compact-s',
    epochs = 18,
    accuracy = 0.8,
    minutes = 10,
    seed = 73,
  }: Changes = {},
): Run =>
  runSchema.parse({
    id,
    datasetId: 1,
    datasetName: 'Demo',
    status,
    settings: {
      preset: network,
      recipe: 'article',
      recipeHash: 'abc',
      network: { dropout: 0.3 },
      training: { ...TRAINING_DEFAULTS, epochs },
      split: { kind: 'predefined' },
      excludeCrossing: false,
      seed,
      folds: [1, 2],
      engine: 'auto',
      processes: 2,
      threadsPerProcess: 1,
    },
    settingsHash: 'h',
    dataFingerprint: 'f',
    crossing: null,
    createdAt: `2026-01-01T0${id}:00:00.000Z`,
    finishedAt: minutes === null ? null : `2026-01-01T0${id}:${String(minutes).padStart(2, '0')}:00.000Z`,
    engine: null,
    error: null,
    foldsDone: [1],
    meanAccuracy: accuracy,
    sampleStandardDeviation: null,
    jobId: null,
    record: null,
    peakMemoryBytes: null,
  })
const rows = (...runs: Run[]) => runs.map((one) => runRow(one, undefined, [preset]))
const ids = (list: readonly { run: Run }[]) => list.map(({ run: { id } }) => id)

describe('list of runs', () => {
  it('tells what each changed of its preset', () => {
    const [row] = rows(run('1', { epochs: 40 }))
    expect(row?.changes).toBe('Epochs: 40')
    expect(runDifferences(run('1', { network: 'gone' }), [preset])).toEqual([])
  })

  it('takes the time from the job’s beginning, where it is known', () => {
    const job = { startedAt: '2026-01-01T01:04:00.000Z' }
    expect(runRow(run('1'), undefined, []).seconds).toBe(600)
    expect(runRow(run('1'), job, []).seconds).toBe(360)
    expect(runRow(run('1', { minutes: null }), job, []).seconds).toBeNull()
    const record = { code: '1', runtime: '', platform: '', processor: '', cores: 1, memoryBytes: 1 }
    const resumed = { ...run('1'), record: { ...record, starts: 2, workSeconds: 500 } }
    expect(runRow(resumed, job, []).seconds).toBe(500)
  })

  it('finds every word of a search, in any column', () => {
    const all = rows(run('1', { epochs: 40 }), run('2', { status: 'failed' }), run('3', { seed: 5 }))
    expect(ids(filterRuns(all, 'epochs: 40'))).toEqual(['1'])
    expect(ids(filterRuns(all, 'FAILED compact'))).toEqual(['2'])
    expect(ids(filterRuns(all, 'seed 5'))).toEqual(['3'])
    expect(filterRuns(all, 'failed epochs')).toEqual([])
    expect(filterRuns(all, '  ')).toHaveLength(3)
  })

  it('sorts by numbers as numbers, missing values last both ways, equal ones newest first', () => {
    const all = rows(
      run('1', { accuracy: 0.9, seed: 10 }),
      run('2', { accuracy: null, seed: 9 }),
      run('3', { accuracy: 0.7, seed: 9 }),
    )
    expect(ids(sortRuns(all, { key: 'accuracy', direction: 'asc' }))).toEqual(['3', '1', '2'])
    expect(ids(sortRuns(all, { key: 'accuracy', direction: 'desc' }))).toEqual(['1', '3', '2'])
    expect(ids(sortRuns(all, { key: 'seed', direction: 'asc' }))).toEqual(['3', '2', '1'])
    expect(ids(sortRuns(all, { key: 'createdAt', direction: 'desc' }))).toEqual(['3', '2', '1'])
  })
})

describe('provenance', () => {
  const groupsOf = (own: ModelPreset | undefined) => provenance(run('1', { epochs: 40 }), own)

  it('names every recorded setting in its group', () => {
    const groups = groupsOf(preset)
    expect(groups.map(({ title }) => title)).toEqual([
      'Data',
      'Network',
      'Essentials',
      'Optimiser',
      'Schedule',
      'Regularisation and loss',
      'Augmentation',
      'Inner fold and early stopping',
      'Machine',
      'Record',
    ])
    const facts = groups.flatMap((group) => group.facts)
    expect(facts).toContainEqual({ title: 'Epochs', value: '40' })
    expect(facts).toContainEqual({ title: 'Dropout', value: '0.3' })
    expect(facts).toContainEqual({ title: 'Half period, epochs', value: 'whole run' })
  })

  it('leaves out training for a model that learns in one pass, and shows a network of another version as it is', () => {
    expect(groupsOf({ ...preset, kind: 'classical' }).map(({ title }) => title)).toEqual([
      'Data',
      'Classifier',
      'Machine',
      'Record',
    ])
    expect(groupsOf(undefined)[1]?.facts).toContainEqual({ title: 'dropout', value: '0.3' })
  })
})

describe('expected time', () => {
  it('comes from the newest run of a network that ended well', () => {
    const newest = newestRuns([
      run('1'),
      run('3', { status: 'failed' }),
      run('2'),
      run('4', { network: 'x' }),
    ])
    expect([...newest].map(([name, { id }]) => [name, id])).toEqual([
      ['compact-s', '2'],
      ['x', '4'],
    ])
  })

  it('counts rounds of folds at once', () => {
    expect(secondsPerClip([], 100)).toBeNull()
    expect(secondsPerClip([{ seconds: 2 }, { seconds: 4 }], 100)).toBe(0.03)
    expect(runSeconds({ runId: '', secondsPerClip: 0.03 }, 100, 10, 3, 2)).toBe(60)
  })

  it.each([
    [2, 'about 5 s'],
    [62, 'about 60 s'],
    [1500, 'about 25 min'],
    [7200, 'about 2 h'],
    [9000, 'about 2.5 h'],
  ])('of %d s is %s', (seconds, words) => {
    expect(roughDuration(seconds)).toBe(words)
  })
})
