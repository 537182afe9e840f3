import { runChildTask } from '../../src-main/core/ml/child-task.ts'
import { createRandom } from '../../src-main/core/ml/random.ts'
import { type MapTask, mapMessageSchema } from '../../src-main/core/space/map-task.ts'
import { workerEntries } from '../../src-main/host/entries.ts'

/**
 * How long the map of 10,000 clips takes, from vectors as wide as compact-s' embeddings to places, in its own process; and a tenth of
 * them, as the baseline: neighbours grow with the square, the layout with the number. Argument: clips.
 */
const WIDTH = 96
const LIMIT_SECONDS = 20

function vectors(rows: number): MapTask {
  const random = createRandom(1)
  const centres = Array.from({ length: 10 }, () =>
    Float32Array.from({ length: WIDTH }, () => random.normal()),
  )
  const values = new Float32Array(rows * WIDTH)
  for (let row = 0; row < rows; row++) {
    const vector = (centres[row % 10] ?? []).map((value) => value + 1.2 * random.normal())
    const length = Math.hypot(...vector)
    values.set(
      vector.map((value) => value / length),
      row * WIDTH,
    )
  }
  return {
    rows,
    width: WIDTH,
    values,
    settings: { neighbours: 15, minimumDistance: 0.1, seed: 73, mostClips: 50_000 },
  }
}

async function seconds(rows: number): Promise<number> {
  const task = vectors(rows)
  const start = performance.now()
  await runChildTask({
    entry: workerEntries().mapProcess,
    task,
    message: mapMessageSchema,
    onMessage: () => {},
    signal: new AbortController().signal,
    died: (how, reason) => new Error(`${how} ${reason}`),
  })
  return (performance.now() - start) / 1000
}

const rows = Number(process.argv[2] ?? 10_000)
const small = await seconds(Math.round(rows / 10))
const whole = await seconds(rows)
console.log(`map of ${Math.round(rows / 10)} clips: ${small.toFixed(1)} s`)
console.log(`map of ${rows} clips: ${whole.toFixed(1)} s (limit for 10000: ${LIMIT_SECONDS} s)`)
