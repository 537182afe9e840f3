import { writeFile } from 'node:fs/promises'
import { csvText } from '../../contract/csv.ts'
import { SoundfoldError } from '../../contract/errors.ts'
import type { ClipMap, SpaceSource } from '../../contract/space.ts'
import { classesOf, getDataset } from '../db/datasets.ts'
import { getRun } from '../db/runs.ts'
import { exportPlace } from '../export/names.ts'
import { makeFile } from '../export/new-folder.ts'
import type { HandlerParts, Handlers } from '../handlers.ts'
import type { JobContext } from '../jobs/job-queue.ts'

type Parts = Pick<HandlerParts, 'options' | 'db' | 'jobs' | 'spaces' | 'tell'>
type SpaceMethod =
  | 'spaces.state'
  | 'spaces.make'
  | 'clips.neighbours'
  | 'maps.get'
  | 'maps.make'
  | 'maps.file'

/** What makes vectors and maps of clips, and says what is near. */
export function spaceHandlers({ options, db, jobs, spaces, tell }: Parts): Pick<Handlers, SpaceMethod> {
  const nameOf = (source: SpaceSource) =>
    source.kind === 'run'
      ? `${getRun(db, source.runId).settings.preset}, fold ${source.fold}`
      : getDataset(db, source.datasetId).name
  const classNames = (source: SpaceSource) => {
    const { datasetId } = source.kind === 'run' ? getRun(db, source.runId) : source
    return new Map(classesOf(db, datasetId).map(({ id, name }) => [id, name]))
  }
  const job = (title: string, work: (context: JobContext) => Promise<unknown>) => ({
    jobId: jobs.start({
      kind: 'map',
      title,
      work: async (context) => {
        const result = await work(context)
        tell({ name: 'changed', payload: { topic: 'features' } })
        return result
      },
    }).id,
  })
  return {
    'spaces.state': ({ source }) => spaces.state(source),
    'spaces.make': async ({ source }) => {
      await spaces.state(source)
      return job(`Embed clips by ${nameOf(source)}`, async (context) => {
        const { clipIds } = await spaces.make(source, context)
        return { clips: clipIds.length }
      })
    },
    'clips.neighbours': (request) => spaces.neighbours(request),
    'maps.get': (request) => spaces.map(request),
    'maps.make': async (request) => {
      await spaces.state(request.source)
      return job(`Map of ${nameOf(request.source)}`, (context) => spaces.makeMap(request, context))
    },
    'maps.file': async (request) => {
      const map = await spaces.map(request)
      if (!map)
        throw new SoundfoldError('not-found', 'This map was not made yet.', { hint: 'Make it first.' })
      const name = nameOf(request.source)
      const target = exportPlace(options, [name, 'map'], '.csv')
      const work = () =>
        makeFile(target, (path) =>
          writeFile(path, csvText(mapRows(map, classNames(request.source))), { flush: true }),
        )
      return { jobId: jobs.start({ kind: 'export', title: `Map of ${name}`, work }).id }
    },
  }
}

const COLUMNS = [
  ...['clip', 'file', 'x', 'y', 'class_id', 'class', 'fold', 'salience'],
  ...['predicted_class_id', 'predicted_class', 'confidence', 'learnt'],
]

/** A row a clip; what is not known is left empty. */
function mapRows(map: ClipMap, names: ReadonlyMap<number, string>): (string | number)[][] {
  const nameOf = (id: number | null | undefined) => (id == null ? '' : (names.get(id) ?? ''))
  const rows = map.clipIds.map((clipId, at) => [
    ...[clipId, map.fileNames[at] ?? '', map.x[at] ?? '', map.y[at] ?? ''],
    ...[map.classIds[at] ?? '', nameOf(map.classIds[at]), map.folds[at] ?? '', map.saliences[at] ?? ''],
    ...[map.predictedClassIds[at] ?? '', nameOf(map.predictedClassIds[at]), map.confidences[at] ?? ''],
    map.learnt[at] ? 1 : 0,
  ])
  return [COLUMNS, ...rows]
}
