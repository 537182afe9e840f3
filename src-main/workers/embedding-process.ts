import { writeSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { isMainThread, Worker, workerData } from 'node:worker_threads'
import { EmbeddingWorker, embeddingTaskSchema } from '../core/embedding/embedding-tasks.ts'
import { outcomeOf } from '../core/features/outcome.ts'

const LOOK_MS = 100

/** Answers embedding tasks one after another. Argument: the most memory, in bytes. */
if (isMainThread) serve(Number(process.argv[2]))
else guard(workerData)

function serve(limitBytes: number): void {
  // A model computes without a pause, so that only another thread can watch it.
  new Worker(fileURLToPath(import.meta.url), { workerData: limitBytes, stderr: false }).unref()
  const worker = new EmbeddingWorker()
  const answer = outcomeOf((message: unknown) => worker.answer(embeddingTaskSchema.parse(message)))
  process.on('message', async (message) => {
    const outcome = await answer(message)
    if (process.connected) process.send?.(outcome)
  })
  process.once('disconnect', () => process.exit())
}

/** Ends the process when it takes more memory than it may, or when whoever started it is gone. */
function guard(limitBytes: number): void {
  const parent = process.ppid
  setInterval(() => {
    const tooLarge = process.memoryUsage.rss() > limitBytes
    // Written at once: the process has no time to end in order.
    if (tooLarge) writeSync(2, `it took more than ${(limitBytes / 1e9).toFixed(1)} GB of memory\n`)
    if (tooLarge || process.ppid !== parent) process.kill(process.pid, 'SIGKILL')
  }, LOOK_MS)
}
