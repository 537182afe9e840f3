import { getRun } from '../db/runs.ts'
import { exportPlace } from '../export/names.ts'
import type { HandlerParts, Handlers } from '../handlers.ts'

type Parts = Pick<HandlerParts, 'options' | 'db' | 'jobs' | 'explanations'>

/** What says why a run's networks decided as they did. */
export function explanationHandlers(parts: Parts): Pick<Handlers, 'runs.explanation' | 'runs.explain'> {
  const { options, db, jobs, explanations } = parts
  return {
    'runs.explanation': (request, signal) => explanations.explain(request, signal),
    'runs.explain': (request) => {
      const { settings, datasetName } = getRun(db, request.runId)
      const target = exportPlace(options, [datasetName, settings.preset, request.method])
      const work = explanations.export(request, target)
      const clips = request.clipIds.length === 1 ? 'a clip' : `${request.clipIds.length} clips`
      return {
        jobId: jobs.start({ kind: 'export', title: `Explain ${clips} by ${settings.preset}`, work }).id,
      }
    },
  }
}
