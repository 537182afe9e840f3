import { join } from 'node:path'
import { SoundfoldError } from '../../contract/errors.ts'
import type { EventPayload } from '../../contract/events.ts'
import { getDataset, listDatasets, removeDataset } from '../db/datasets.ts'
import type { Database } from '../db/open.ts'
import { validationReport } from '../db/problems.ts'
import { generateDemoDataset } from '../demo/demo-dataset.ts'
import type { HandlerParts, Handlers } from '../handlers.ts'
import type { JobContext } from '../jobs/job-queue.ts'
import { type ImportContext, importDataset, relinkDataset, revalidate } from './import.ts'

type Parts = Pick<HandlerParts, 'options' | 'db' | 'jobs' | 'spaces' | 'tell'>
type DatasetMethod = Extract<keyof Handlers, `datasets.${string}` | `demo.${string}`>

/** Datasets: how they come, are checked again, and go. */
export function datasetHandlers({ options, db, jobs, spaces, tell }: Parts): Pick<Handlers, DatasetMethod> {
  const changed = (...topics: EventPayload<'changed'>['topic'][]) => {
    for (const topic of topics) tell({ name: 'changed', payload: { topic } })
  }
  const datasetJob = (
    kind: 'import' | 'validate' | 'demo',
    title: string,
    work: (context: JobContext) => Promise<unknown>,
  ) => {
    const job = jobs.start({
      kind,
      title,
      work: async (context) => {
        const result = await work(context)
        changed('datasets', 'clips', 'annotations', 'verdicts', 'history')
        return result
      },
    })
    return { jobId: job.id }
  }
  return {
    'datasets.list': () => listDatasets(db),
    'datasets.import': (request) =>
      datasetJob('import', `Import ${request.folder}`, (context) => importDataset(db, request, context)),
    'datasets.relink': ({ datasetId, folder }) => {
      const { name } = getDataset(db, datasetId)
      return datasetJob('import', `Relink ${name}`, (context) =>
        relinkDataset(db, datasetId, folder, context),
      )
    },
    'datasets.validate': ({ datasetId }) => {
      const { name } = getDataset(db, datasetId)
      return datasetJob('validate', `Validate ${name}`, (context) => revalidate(db, datasetId, context))
    },
    'datasets.report': ({ datasetId, limit }) => {
      getDataset(db, datasetId)
      return validationReport(db, datasetId, limit)
    },
    'datasets.remove': async ({ datasetId }) => {
      if (jobs.busy)
        throw new SoundfoldError('conflict', 'A dataset can’t be removed while a job is going.', {
          hint: 'Wait for it or cancel it.',
        })
      const removedClips = removeDataset(db, datasetId)
      await spaces.removeOfDataset(datasetId)
      changed('datasets', 'clips', 'runs')
      return { removedClips }
    },

    'demo.create': ({ seed }) =>
      datasetJob('demo', 'Make the demo dataset', (context) =>
        createDemo(db, options.workspaceFolder, seed, context),
      ),
  }
}

async function createDemo(db: Database, workspaceFolder: string, seed: number, context: ImportContext) {
  const folder = join(workspaceFolder, 'datasets', `demo-${seed}`)
  await generateDemoDataset({
    folder,
    seed,
    signal: context.signal,
    onProgress: (done, total) => context.progress('Making the demo dataset', done, total),
  })
  return importDataset(db, { folder, format: 'urbansound8k', name: `Demo ${seed}` }, context)
}
