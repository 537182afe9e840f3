/**
 * How long the library takes to answer, in the core: `npm run bench:library [clips]`. Each question is asked with another value
 * every time, so that no answer is one kept from before. Also how long the core's thread was held up at once.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { CLIP_SORT_KEYS, type ClipFilter, type ClipSort } from '../../src-main/contract/model.ts'
import { clipsOfDataset } from '../../src-main/core/db/clips.ts'
import { type Database, openWorkspace } from '../../src-main/core/db/open.ts'
import { addTags } from '../../src-main/core/db/tags.ts'
import { Journal } from '../../src-main/core/history/journal.ts'
import { Library } from '../../src-main/core/library/library.ts'
import { clipTags } from '../../src-main/core/tags/clip-tags.ts'
import { fillWorkspace, LARGE_RUN } from '../support/large-workspace.ts'

const TURNS = 24
const SORT: ClipSort = { key: 'fileName', direction: 'asc' }
const SIZES = process.argv[2] ? [Number(process.argv[2])] : [8732, 1_000_000]

/** A filter for each turn. */
const FILTERS: Record<string, (turn: number) => ClipFilter> = {
  'two classes': (turn) => ({
    classIds: [turn % 10, (turn * 3 + 1) % 10],
    folds: [1 + (turn % 10), 1 + turn],
  }),
  'all small facets': (turn) => ({
    classIds: [turn % 10, (turn + 1) % 10],
    saliences: [1],
    sampleRatesHz: [44100, 8000 + turn],
    channels: [2],
    formats: ['wav pcm16'],
    withProblems: false,
  }),
  problem: (turn) => ({ problemCodes: ['truncated-file'], folds: [1, 2, 3, 4 + turn] }),
  'duration range': (turn) => ({ durationFromSeconds: turn / 10, durationBelowSeconds: 3 + turn / 30 }),
  recording: (turn) => ({ recordings: [String(1000 + turn), String(1100 + turn)] }),
  'text, rare': (turn) => ({ text: `${1001 + turn}-` }),
  'text, a third': (turn) => ({ text: `${turn % 10}-${turn % 7}` }),
  'text, all': (turn) => ({ text: `.wav`.slice(turn % 3), folds: [1, 2, 3, 4, 5, 6, 7, 8, 9, turn] }),
  tag: (turn) => ({ tags: ['loud', `none ${turn}`] }),
  'without a tag': (turn) => ({ withTags: false, folds: [1, 2, 3, 4 + turn] }),
  'wrong in a run': (turn) => ({ runId: LARGE_RUN, correct: false, confidenceFrom: turn / 50 }),
  'predicted class': (turn) => ({
    runId: LARGE_RUN,
    predictedClassIds: [turn % 10],
    folds: [1 + turn, 2, 3],
  }),
  everything: (turn) => ({
    text: '1',
    classIds: [1, 2, 3],
    saliences: [1],
    durationFromSeconds: 1,
    durationBelowSeconds: 4 + turn / 10,
    runId: LARGE_RUN,
    correct: true,
    confidenceFrom: 0.5,
    folds: [1, 2, 3, 4, 5],
  }),
}

const tagAll = (db: Database, datasetId: number, ids: readonly number[]) =>
  new Journal(db, () => {}).record(clipTags, {
    by: { author: 'bench', session: 'bench' },
    datasetId,
    items: ids.map((clipId) => ({ subject: { clipId, tag: 'new' }, after: true })),
    title: () => 'Tagged',
  })

const quantile = (times: number[], share: number) =>
  times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0
const ms = (value: number) => value.toFixed(1).padStart(9)
const timed = async (work: () => Promise<unknown>) => {
  const started = performance.now()
  await work()
  return performance.now() - started
}

for (const size of SIZES) {
  const folder = mkdtempSync(join(tmpdir(), 'soundfold-bench-'))
  try {
    const db = openWorkspace(folder)
    const datasetId = fillWorkspace(db, size)
    const ids = clipsOfDataset(db, datasetId).map(({ id }) => id)
    addTags(
      db,
      ids.flatMap((clipId) => [
        ...(clipId % 4 === 0 ? [{ clipId, tag: 'near' }] : []),
        ...(clipId % 6 === 0 ? [{ clipId, tag: 'loud' }] : []),
      ]),
    )
    const library = new Library(db)
    const held = monitorEventLoopDelay({ resolution: 1 })
    held.enable()
    console.log(`\n${size.toLocaleString('en')} clips; milliseconds`)
    const first = await timed(() => library.facets(datasetId, {}))
    console.log(`columns read at the first question ${ms(first)}`)
    const run = await timed(() => library.facets(datasetId, { runId: LARGE_RUN }))
    console.log(`predictions of a run read          ${ms(run)}`)
    for (const key of CLIP_SORT_KEYS) {
      const filter = key === 'confidence' || key === 'predictedClassName' ? { runId: LARGE_RUN } : {}
      const sort = { key, direction: 'asc' } as const
      // Ids and no page: that of all clips by name comes from an index while their order is read.
      const order = await timed(() => library.ids({ datasetId, filter, sort, offset: 0, limit: 200 }))
      console.log(`first sort by ${key.padEnd(20)} ${ms(order)}`)
    }
    console.log(`longest hold of the thread so far  ${ms(held.max / 1e6)}`)
    held.reset()
    await library.ids({ datasetId, filter: {}, sort: SORT, offset: 0, limit: 1 })
    console.log(`\n${'question'.padEnd(18)} facets p50       p95  page p50       p95  jump p50       p95`)
    for (const [name, filterOf] of Object.entries(FILTERS)) {
      const times = { facets: [] as number[], page: [] as number[], jump: [] as number[] }
      for (let turn = 0; turn < TURNS; turn++) {
        const filter = filterOf(turn)
        times.facets.push(await timed(() => library.facets(datasetId, filter)))
        let total = 0
        times.page.push(
          await timed(async () => {
            total = (await library.page({ datasetId, filter, sort: SORT, offset: 0, limit: 200 })).total
          }),
        )
        const offset = Math.floor((total * turn) / TURNS)
        times.jump.push(
          await timed(() => library.page({ datasetId, filter, sort: SORT, offset, limit: 200 })),
        )
      }
      const figures = Object.values(times).map(
        (some) => `${ms(quantile(some, 0.5))} ${ms(quantile(some, 0.95))}`,
      )
      console.log(`${name.padEnd(18)}${figures.join(' ')}`)
    }
    console.log(`longest hold of the thread         ${ms(held.max / 1e6)}`)
    const some = ids.slice(0, 100_000)
    const tagged = await timed(async () => tagAll(db, datasetId, some))
    const counted = await timed(() => library.facets(datasetId, {}))
    console.log(
      `${some.length} clips tagged as one change ${ms(tagged)}, counted again after it ${ms(counted)}`,
    )
    library.close()
    db.close()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
