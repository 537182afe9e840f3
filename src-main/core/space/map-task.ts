import { setImmediate } from 'node:timers/promises'
import umap from 'umap-js'
import { z } from 'zod'
import { errorShapeSchema } from '../../contract/job.ts'
import { mapSettingsSchema } from '../../contract/space.ts'
import { nearestRows } from '../audit/nearest.ts'
import { createRandom } from '../ml/random.ts'

// The package is CommonJS.
const { UMAP } = umap

const floats = z.custom<Float32Array>((value) => value instanceof Float32Array)

/** Lays vectors out in a plane, in a process of its own. */
export const mapTaskSchema = z.object({
  /** [rows, width], each of length 1. */
  values: floats,
  rows: z.int().min(1),
  width: z.int().min(1),
  settings: mapSettingsSchema,
})
export type MapTask = z.infer<typeof mapTaskSchema>

export const mapMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), done: z.int(), total: z.int() }),
  /** [rows, 2] */
  z.object({ type: z.literal('done'), places: floats }),
  z.object({ type: z.literal('error'), error: errorShapeSchema }),
])
export type MapMessage = z.infer<typeof mapMessageSchema>

/** Steps of the progress: neighbours, then epochs. */
const NEIGHBOUR_SHARE = 0.2
const STEPS = 1000

/** @param signal - looked at between blocks and epochs */
export async function runMapTask(
  { values, rows, width, settings }: MapTask,
  tell: (message: MapMessage) => void,
  signal: AbortSignal,
): Promise<void> {
  const count = Math.min(settings.neighbours, rows)
  const at = (share: number) => tell({ type: 'progress', done: Math.round(share * STEPS), total: STEPS })
  // Too few to have neighbours: a row of points.
  if (rows < 4)
    return tell({ type: 'done', places: Float32Array.from({ length: 2 * rows }, (_, i) => i >> 1) })
  const found = await nearestRows({ values, rows, width }, count - 1, () => true, {
    signal,
    onProgress: (done) => at((NEIGHBOUR_SHARE * done) / rows),
  })
  // Each row itself first, as UMAP wants them; distances are 1 − cosine.
  const places: number[][] = []
  const distances: number[][] = []
  for (let row = 0; row < rows; row++) {
    const own = found.rows.subarray(row * (count - 1), (row + 1) * (count - 1))
    const cosines = found.cosines.subarray(row * (count - 1), (row + 1) * (count - 1))
    // Where the cells next to a row hold too few, it stands for the others itself.
    places.push([row, ...Array.from(own, (other) => (other < 0 ? row : other))])
    distances.push([
      0,
      ...Array.from(cosines, (cosine, at) => ((own[at] ?? -1) < 0 ? 0 : Math.max(0, 1 - cosine))),
    ])
  }
  const random = createRandom(settings.seed)
  const layout = new UMAP({
    nNeighbors: count,
    minDist: settings.minimumDistance,
    random: () => random.uniform(),
  })
  // Only placing more rows later needs its graph for searching, and making that takes seconds.
  Object.assign(layout, { makeSearchGraph: () => null })
  layout.setPrecomputedKNN(places, distances)
  const epochs = layout.initializeFit(places)
  for (let epoch = 0; epoch < epochs; epoch++) {
    layout.step()
    if (epoch % 10 > 0) continue
    at(NEIGHBOUR_SHARE + (1 - NEIGHBOUR_SHARE) * (epoch / epochs))
    await setImmediate()
    signal.throwIfAborted()
  }
  tell({ type: 'done', places: Float32Array.from(layout.getEmbedding().flat()) })
}
