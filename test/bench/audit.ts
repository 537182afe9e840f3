/**
 * `npm run bench:audit [-- FOLDER]`: how well wrong labels are found. On the demo, its planted errors and whole recordings relabelled; on
 * ESC-10 (FOLDER), labels flipped by seed at 5, 10 and 20 %, to any other class and towards the class that it is most confused with.
 * Each is trained with its wrong labels, and scored by AUROC, average precision and precision among as many clips as there are errors. Where a
 * Python with cleanlab and scikit-learn is (SOUNDFOLD_PYTHON), it scores the same probabilities.
 */
import { execFile } from 'node:child_process'
import { cp, link, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { parse } from 'csv-parse/sync'
import { z } from 'zod'
import { LABEL_METHODS, LABEL_SCORES } from '../../src-main/contract/audit-issues.ts'
import { isOver } from '../../src-main/contract/job.ts'
import { averageRuns, type Ensemble, poolRecordings } from '../../src-main/core/audit/ensemble.ts'
import { findLabelIssues } from '../../src-main/core/audit/label-issues.ts'
import { labelScores } from '../../src-main/core/audit/label-scores.ts'
import { type Core, createCore } from '../../src-main/core/create-core.ts'
import { clipsOfDataset } from '../../src-main/core/db/clips.ts'
import { openWorkspace } from '../../src-main/core/db/open.ts'
import { generateDemoDataset } from '../../src-main/core/demo/demo-dataset.ts'
import { Columns } from '../../src-main/core/evaluation/columns.ts'
import { classCurves } from '../../src-main/core/evaluation/curves.ts'
import { predictionsOf } from '../../src-main/core/evaluation/run-table.ts'
import { createRandom, type Random, shuffled } from '../../src-main/core/ml/random.ts'
import { workerEntries } from '../../src-main/host/entries.ts'

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const esc10 = process.argv[2] ?? here('../../../shared/data/esc10')
const SHARES = [0.05, 0.1, 0.2]
const SEEDS = [1, 2]
const DRAWS = 200

interface Row {
  file: string
  label: string
  fold: number
  recording: string
}
/** A dataset, which of its labels are wrong, and the runs on it. */
interface Condition {
  name: string
  wrong: ReadonlySet<string>
  runId: string
  datasetId: number
  byRecording?: boolean
}

/** What it makes; kept where SOUNDFOLD_BENCH_FOLDER names a folder, and then what is trained there is not trained again. */
const kept = process.env.SOUNDFOLD_BENCH_FOLDER
const scratch = kept ?? (await mkdtemp(join(tmpdir(), 'soundfold-bench-audit-')))
const workspaceFolder = join(scratch, 'workspace')

async function demoConditions(core: Core): Promise<Condition[]> {
  const folder = join(scratch, 'demo')
  await generateDemoDataset({ folder })
  const rows = z
    .array(
      z.looseObject({
        slice_file_name: z.string(),
        fsID: z.string(),
        fold: z.coerce.number(),
        class: z.string(),
      }),
    )
    .parse(parse(await readFile(join(folder, 'metadata/UrbanSound8K.csv')), { columns: true }))
    .map(
      (row): Row => ({
        file: `audio/fold${row.fold}/${row.slice_file_name}`,
        label: row.class,
        fold: row.fold,
        recording: row.fsID,
      }),
    )
  const planted = z
    .array(z.looseObject({ slice_file_name: z.string() }))
    .parse(JSON.parse(await readFile(join(folder, 'metadata/planted-errors.json'), 'utf8')))
  const wrong = new Set(planted.map(({ slice_file_name: name }) => name))
  const datasetId = await importRows(core, 'demo', folder, rows)
  const conditions: Condition[] = []
  for (const preset of ['logistic-regression', 'compact-s'])
    conditions.push({
      name: `demo, planted | ${preset}`,
      wrong,
      datasetId,
      runId: await train(core, datasetId, preset),
    })
  for (const seed of SEEDS) {
    const clean = rows.filter(({ file }) => !wrong.has(file.split('/').at(-1) ?? ''))
    const flipped = flip(clean, { share: 0.1, random: createRandom(seed), by: ({ recording }) => recording })
    const id = await importRows(core, `demo-recordings-${seed}`, folder, flipped.rows)
    conditions.push({
      name: 'demo, 10 % of recordings | logistic-regression',
      wrong: flipped.wrong,
      datasetId: id,
      runId: await train(core, id, 'logistic-regression'),
      byRecording: true,
    })
  }
  return conditions
}

async function escConditions(core: Core): Promise<Condition[]> {
  const rows = z
    .array(
      z.looseObject({
        filename: z.string(),
        fold: z.coerce.number(),
        category: z.string(),
        src_file: z.string(),
      }),
    )
    .parse(parse(await readFile(join(esc10, 'meta.csv')), { columns: true }))
    .map(
      (row): Row => ({
        file: `audio/${row.filename}`,
        label: row.category,
        fold: row.fold,
        recording: row.src_file,
      }),
    )
  const folder = join(scratch, 'esc10')
  await cp(esc10, folder, { recursive: true, force: false })
  const cleanId = await importRows(core, 'esc10', folder, rows)
  const confused = await confusions(core, await train(core, cleanId, 'logistic-regression'))
  const conditions: Condition[] = []
  for (const towards of ['any class', 'the confused class'])
    for (const share of SHARES)
      for (const seed of SEEDS) {
        const to = towards === 'any class' ? undefined : (label: string) => confused.get(label)
        const flipped = flip(rows, {
          share,
          random: createRandom(seed),
          by: ({ file }) => file,
          ...(to && { to }),
        })
        const name = `esc10-${share}-${to ? 'confused' : 'any'}-${seed}`
        const datasetId = await importRows(core, name, folder, flipped.rows)
        const presets =
          share === 0.1 && seed === 1 ? ['logistic-regression', 'compact-s'] : ['logistic-regression']
        for (const preset of presets)
          conditions.push({
            name: `ESC-10, ${100 * share} % to ${towards} | ${preset}`,
            wrong: flipped.wrong,
            datasetId,
            runId: await train(core, datasetId, preset),
          })
      }
  return conditions
}

/** The class that each is most taken for. */
async function confusions(core: Core, runId: string): Promise<ReadonlyMap<string, string>> {
  const { classes, confusion } = await core.call('runs.evaluation', { runId })
  return new Map(
    classes.map(({ name }, row) => {
      const others = classes.map((other, place) => ({
        other,
        count: place === row ? -1 : (confusion[row]?.[place] ?? 0),
      }))
      return [name, others.reduce((most, next) => (next.count > most.count ? next : most)).other.name]
    }),
  )
}

interface Flip {
  share: number
  random: Random
  /** What gets one wrong label together. */
  by: (row: Row) => string
  /** Any other class where left out. */
  to?: (label: string) => string | undefined
}

function flip(rows: readonly Row[], { share, random, by, to }: Flip): { rows: Row[]; wrong: Set<string> } {
  const labels = [...new Set(rows.map(({ label }) => label))].sort()
  const units = [...new Set(rows.map(by))]
  const count = Math.round(share * units.length)
  const chosen = new Map(
    Array.from(shuffled(units.length, random).subarray(0, count), (at) => [
      units[at] ?? '',
      random.whole(labels.length - 1),
    ]),
  )
  const wrong = new Set<string>()
  const relabelled = rows.map((row) => {
    const draw = chosen.get(by(row))
    if (draw === undefined) return row
    wrong.add(row.file.split('/').at(-1) ?? '')
    const others = labels.filter((label) => label !== row.label)
    return { ...row, label: to?.(row.label) ?? others[draw] ?? row.label }
  })
  return { rows: relabelled, wrong }
}

/** A folder of its own for each: a dataset is known by its folder. The audio is the same files. */
async function importRows(core: Core, name: string, audio: string, rows: readonly Row[]): Promise<number> {
  const before = (await core.call('datasets.list', {})).find((dataset) => dataset.name === name)
  if (before) return before.id
  const folder = join(scratch, 'sets', name)
  await mkdir(folder, { recursive: true })
  // Of a bench that was stopped meanwhile.
  const notThere = (error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  for (const { file } of rows) {
    await mkdir(dirname(join(folder, file)), { recursive: true })
    await link(join(audio, file), join(folder, file)).catch(notThere)
  }
  const lines = rows.map(({ file, label, fold, recording }) => [file, label, fold, recording].join(','))
  await writeFile(join(folder, 'set.csv'), `file,label,fold,recording\n${lines.join('\n')}\n`)
  const mapping = { csv: 'set.csv', file: 'file', label: 'label', fold: 'fold', group: 'recording' }
  const { jobId } = await core.call('datasets.import', { folder, format: 'csv', mapping, name })
  const { datasetId } = z.object({ datasetId: z.int() }).parse(await ended(core, jobId))
  return datasetId
}

async function train(core: Core, datasetId: number, preset: string): Promise<string> {
  const before = (await core.call('runs.list', { datasetId })).find(
    ({ settings, status }) => settings.preset === preset && status === 'succeeded',
  )
  if (before) return before.id
  const started = performance.now()
  const { runId, jobId } = await core.call('runs.start', { datasetId, settings: { preset } })
  await ended(core, jobId)
  const { meanAccuracy } = await core.call('runs.get', { runId })
  console.error(
    `dataset ${datasetId}, ${preset}: ${((performance.now() - started) / 1000).toFixed(0)} s, accuracy on its labels ${meanAccuracy?.toFixed(3)}`,
  )
  return runId
}

async function ended(core: Core, jobId: number): Promise<unknown> {
  for (;;) {
    const job = await core.call('jobs.get', { jobId })
    if (job.status === 'succeeded') return job.result
    if (isOver(job)) throw new Error(`${job.title}: ${JSON.stringify(job.error)}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

interface Scores {
  auroc: number
  averagePrecision: number
  precision: number
}

async function report(conditions: readonly Condition[]): Promise<void> {
  const db = openWorkspace(workspaceFolder)
  const columns = new Columns(db)
  const measured = []
  for (const condition of conditions) {
    const { table } = await columns.table(condition.runId, {})
    const data = averageRuns([predictionsOf(table)])
    const names = new Map(clipsOfDataset(db, condition.datasetId).map(({ id, fileName }) => [id, fileName]))
    const wrong = Uint8Array.from(data.clipIds, (id) => (condition.wrong.has(names.get(id) ?? '') ? 1 : 0))
    measured.push({ ...condition, data, wrong })
  }
  db.close()
  const theirs = await cleanlabs(measured)
  console.log('| labels and model | errors | score | AUROC | average precision | precision at k |')
  console.log('| --- | --: | --- | --: | --: | --: |')
  for (const [name, same] of Map.groupBy(measured, (one) => one.name)) {
    const errors = mean(same.map(({ wrong }) => sum(wrong)))
    const line = (score: string, scores: readonly Scores[]) =>
      console.log(
        `| ${name} | ${errors.toFixed(0)} | ${score} | ${spread(scores.map((s) => s.auroc))} | ${spread(scores.map((s) => s.averagePrecision))} | ${spread(scores.map((s) => s.precision))} |`,
      )
    for (const score of LABEL_SCORES) {
      line(
        score,
        same.map(({ data, wrong }) => ranked(labelScores(data, score), wrong)),
      )
      const other = same.flatMap(({ runId }) => theirs?.get(runId)?.scores[score] ?? [])
      if (other.length > 0) line(`${score}, cleanlab`, other)
    }
    if (same[0]?.byRecording)
      line(
        'self-confidence, pooled by recording',
        same.map(({ data, wrong }) => ranked(pooled(data), wrong)),
      )
    line(
      'random order',
      same.map(({ wrong }) => randomly(wrong)),
    )
    for (const method of LABEL_METHODS) {
      const found = same.map(({ data }) => findLabelIssues(data).issues[method])
      const shares = found.map((mask, at) => foundShares(mask, same[at]?.wrong ?? new Uint8Array()))
      // Which of equal entries of the joint is rounded up is up to numpy's sort, which is not stable.
      const unlike = same.flatMap(({ runId }, at) => {
        const other = theirs?.get(runId)?.issues[method]
        const own = new Set([...(found[at] ?? [])].flatMap((flag, row) => (flag ? [row] : [])))
        return other
          ? own.size +
              other.filter((row) => !own.has(row)).length -
              other.filter((row) => own.has(row)).length
          : []
      })
      const beside = unlike.length === 0 ? '' : `, ${mean(unlike).toFixed(1)} other than cleanlab's`
      console.log(
        `|  |  | ${method}: ${mean(shares.map(({ count }) => count)).toFixed(0)} found${beside} |  | recall ${spread(shares.map(({ recall }) => recall))} | ${spread(shares.map(({ precision }) => precision))} |`,
      )
    }
  }
}

const sum = (values: ArrayLike<number>) => Array.from(values).reduce((total, value) => total + value, 0)
const mean = (values: readonly number[]) => sum(values) / values.length
const spread = (values: readonly number[]) =>
  values.length < 2
    ? mean(values).toFixed(3)
    : `${mean(values).toFixed(3)} (${Math.min(...values).toFixed(3)}–${Math.max(...values).toFixed(3)})`

/** How well low scores tell which labels are wrong: by the curves of the evaluation, of two classes. */
function ranked(scores: ArrayLike<number>, wrong: Uint8Array): Scores {
  const probabilities = Float32Array.from({ length: 2 * wrong.length }, (_, at) => {
    const score = scores[at >> 1] ?? 0
    return at % 2 === 0 ? score : 1 - score
  })
  const rows = Int32Array.from(wrong, (_, row) => row)
  const [, curves] = classCurves({
    classes: [
      { id: 0, name: 'right' },
      { id: 1, name: 'wrong' },
    ],
    truth: Uint16Array.from(wrong),
    predicted: new Uint16Array(wrong.length),
    probabilities,
    clipIds: rows,
    folds: rows,
    recordings: rows,
    recordingCount: rows.length,
  })
  const k = sum(wrong)
  const first = Array.from(rows)
    .sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0))
    .slice(0, k)
  return {
    auroc: curves?.roc?.auc ?? Number.NaN,
    averagePrecision: curves?.precisionRecall?.averagePrecision ?? Number.NaN,
    precision: first.filter((row) => wrong[row]).length / k,
  }
}

function pooled(data: Ensemble): Float64Array {
  const pools = poolRecordings(data)
  const scores = labelScores(pools, 'self-confidence')
  const own = new Float64Array(data.labels.length)
  pools.members.forEach((rows, pool) => {
    for (const row of rows) own[row] = scores[pool] ?? 0
  })
  return own
}

function randomly(wrong: Uint8Array): Scores {
  const draws = Array.from({ length: DRAWS }, (_, seed) => {
    const { uniform } = createRandom(seed)
    return ranked(Float64Array.from(wrong, uniform), wrong)
  })
  return {
    auroc: mean(draws.map(({ auroc }) => auroc)),
    averagePrecision: mean(draws.map(({ averagePrecision }) => averagePrecision)),
    precision: mean(draws.map(({ precision }) => precision)),
  }
}

function foundShares(mask: Uint8Array, wrong: Uint8Array) {
  const count = sum(mask)
  const right = Array.from(mask).filter((flag, row) => flag === 1 && wrong[row] === 1).length
  return { count, recall: right / sum(wrong), precision: count > 0 ? right / count : Number.NaN }
}

const scoresSchema = z.object({ auroc: z.number(), averagePrecision: z.number(), precision: z.number() })
const theirsSchema = z.record(
  z.string(),
  z.object({
    scores: z.record(z.string(), scoresSchema),
    issues: z.record(z.string(), z.array(z.int())),
  }),
)

/** The same by cleanlab and scikit-learn; undefined where they are not there. */
async function cleanlabs(measured: readonly { runId: string; data: Ensemble; wrong: Uint8Array }[]) {
  const input = join(scratch, 'cleanlab.json')
  await writeFile(
    input,
    JSON.stringify(
      measured.map(({ runId, data, wrong }) => ({
        id: runId,
        classes: data.classes,
        labels: [...data.labels],
        probabilities: [...data.probabilities],
        wrong: [...wrong],
      })),
    ),
  )
  try {
    const { stdout } = await promisify(execFile)(
      process.env.SOUNDFOLD_PYTHON ?? 'python3',
      ['-W', 'ignore', here('audit-cleanlab.py'), input],
      { maxBuffer: 2 ** 26 },
    )
    return new Map(Object.entries(theirsSchema.parse(JSON.parse(stdout))))
  } catch (error) {
    console.error(`Without cleanlab beside it: ${error instanceof Error ? error.message : error}`)
    return undefined
  }
}

try {
  const core = await createCore({ workspaceFolder, entries: workerEntries(), mediaBase: '/media/' })
  const conditions: Condition[] = []
  try {
    conditions.push(...(await escConditions(core)), ...(await demoConditions(core)))
  } finally {
    await core.close()
  }
  await report(conditions)
} finally {
  if (kept === undefined) await rm(scratch, { recursive: true, force: true })
}
