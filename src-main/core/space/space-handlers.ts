import type { SpaceSource } from '../../contract/space.ts'
import { getDataset } from '../db/datasets.ts'
import { getRun } from '../db/runs.ts'
import type { HandlerParts, Handlers } from '../handlers.ts'
import type { JobContext } from '../jobs/job-queue.ts'

type Parts = Pick<HandlerParts, 'db' | 'jobs' | 'spaces' | 'tell'>
type SpaceMethod = 'spaces.state' | 'spaces.make' | 'clips.neighbours' | 'maps.get' | 'maps.make'

/** What makes vectors and maps of clips, and says what is near. */
export function spaceHandlers({ db, jobs, spaces, tell }: Parts): Pick<Handlers, SpaceMethod> {
  const nameOf = (source: SpaceSource) =>
    source.kind === 'run'
      ? `${getRun(db, source.runId).settings.preset}, fold ${source.fold}`
      : getDataset(db, source.datasetId).name
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
  }
}
