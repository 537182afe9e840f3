import type { ClipOverview } from '../../contract/library.ts'
import { inSteps } from '../steps.ts'
import { type ClipTable, NO_RECORDING } from './clip-table.ts'

/**
 * How some clips lie over classes, folds and saliences, and the recordings of each class.
 * @param misses - 0 for each row that is counted
 */
export async function overviewOf(
  clips: ClipTable,
  misses: Uint8Array,
  signal: AbortSignal,
): Promise<ClipOverview> {
  const counts = new Uint32Array(clips.cells.length)
  const classIds = [...new Set(clips.cells.map(({ classId }) => classId))].sort((a, b) => a - b)
  const placeOf = Uint32Array.from(clips.cells, ({ classId }) => classIds.indexOf(classId))
  /** Recordings already met, of each class. */
  const met = classIds.map(() => new Uint8Array(clips.recordings.length))
  const recordings = new Uint32Array(classIds.length)
  await inSteps(
    clips.rows,
    (first, end) => {
      for (let row = first; row < end; row++) {
        if (misses[row] !== 0) continue
        const cell = clips.cellOf[row] ?? 0
        const recording = clips.recordingOf[row] ?? NO_RECORDING
        const place = placeOf[cell] ?? 0
        const seen = met[place]
        counts[cell] = (counts[cell] ?? 0) + 1
        if (recording === NO_RECORDING || !seen || seen[recording] === 1) continue
        seen[recording] = 1
        recordings[place] = (recordings[place] ?? 0) + 1
      }
    },
    signal,
  )
  const cells = new Map<string, ClipOverview['cells'][number]>()
  for (const [code, { classId, fold, salience }] of clips.cells.entries()) {
    const key = `${classId}/${fold}/${salience}`
    const count = (cells.get(key)?.count ?? 0) + (counts[code] ?? 0)
    if (count > 0) cells.set(key, { classId, fold, salience, count })
  }
  return {
    cells: [...cells.values()],
    recordings: classIds.map((classId, place) => ({ classId, count: recordings[place] ?? 0 })),
  }
}
