/**
 * `npm run bench:evaluation`: how long the run page waits. Predictions of made-up probabilities, seven clips a recording, are put
 * into a new workspace; each method is called five times: first as a window does that was just opened,
 * with reading from the disk's cache, then from what the core has kept.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { openWorkspace } from '../../src-main/core/db/open.ts'
import { getRun } from '../../src-main/core/db/runs.ts'
import { Columns } from '../../src-main/core/evaluation/columns.ts'
import { EvaluationService } from '../../src-main/core/evaluation/evaluation-service.ts'
import { WorkerPool } from '../../src-main/core/features/worker-pool.ts'
import { workerEntries } from '../../src-main/host/entries.ts'
import { FILLED_RUNS, fillRuns } from '../support/filled-runs.ts'

const REPEATS = 5

for (const clips of [8_732, 1_000_000]) {
  const folder = await mkdtemp(join(tmpdir(), 'soundfold-bench-'))
  const filled = openWorkspace(folder)
  fillRuns(filled, clips)
  // Closing moves what was written from the log into the database, as it would be after a training.
  filled.close()
  try {
    console.log(`${clips.toLocaleString('en')} predictions`)
    await measure(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Everything that a run's page shows, as it is first opened and again; then parts of it. */
async function measure(folder: string): Promise<void> {
  const db = openWorkspace(folder)
  const columns = new Columns(db)
  const pool = new WorkerPool(workerEntries().evaluationWorker)
  const service = new EvaluationService(db, columns, pool)
  const calls = {
    'run page': async () => {
      getRun(db, 'first')
      await service.evaluation('first', {})
      await service.slices('first', {})
      await service.curves('first', {})
    },
    evaluation: () => service.evaluation('first', {}),
    slices: () => service.slices('first', {}),
    curves: () => service.curves('first', {}),
    'evaluation of a fold': () => service.evaluation('first', { folds: [3] }),
    'comparison of two runs': () => service.compare(FILLED_RUNS),
    'clips by doubt': () => service.suspects('first', 'all'),
    'doubted labels': () => service.doubted(['first'], { method: 'both', score: 'self-confidence' }),
  }
  try {
    for (const [name, call] of Object.entries(calls)) {
      const times: number[] = []
      const hold = monitorEventLoopDelay({ resolution: 1 })
      hold.enable()
      const before = process.cpuUsage()
      for (let time = 0; time < REPEATS; time++) {
        const startedMs = performance.now()
        await call()
        times.push(performance.now() - startedMs)
      }
      hold.disable()
      const { user } = process.cpuUsage(before)
      const [first = 0, ...again] = times.map(Math.round)
      console.log(
        `  ${name}: ${first} ms, then ${Math.min(...again)} to ${Math.max(...again)} ms; processor time ` +
          `${Math.round(user / 1000 / REPEATS)} ms each; the core's thread was held ${Math.round(hold.max / 1e6)} ms at the longest`,
      )
    }
  } finally {
    columns.close()
    await pool.close()
    db.close()
  }
}
