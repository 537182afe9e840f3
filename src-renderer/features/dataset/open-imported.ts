import type { Job } from '../../../src-main/contract/job.ts'
import { importResultSchema } from '../../../src-main/contract/model.ts'
import { router } from '../../lib/state/router.svelte.ts'
import { settings } from '../../lib/state/settings.svelte.ts'

/** After an import the report is what the person wants to see; a job that failed changes nothing. */
export function openImported(job: Job): void {
  const result = importResultSchema.safeParse(job.result).data
  if (job.status !== 'succeeded' || !result) return
  settings.change({ datasetId: result.datasetId })
  router.go({ screen: 'dataset', datasetId: result.datasetId })
}
