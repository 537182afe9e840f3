import { SoundfoldError } from '../../contract/errors.ts'
import type { ClipSelection } from '../../contract/library.ts'
import { MOST_PREDICTED } from '../../contract/model-file.ts'
import { plural } from '../../contract/words.ts'
import { audioClips } from '../dataset/audio-clips.ts'
import { audioFilesIn } from '../dataset/audio-files.ts'
import { epochsOfRun, getRun, listRuns } from '../db/runs.ts'
import { listSweeps } from '../db/sweeps.ts'
import { exportPlace } from '../export/names.ts'
import type { HandlerParts, Handlers } from '../handlers.ts'
import { wantedClips } from '../library/wanted-clips.ts'
import { probeEngines } from './engines/probe.ts'
import { MODELS } from './models.ts'
import { previewSplit, splitClips } from './split/split-clips.ts'

type Parts = Pick<
  HandlerParts,
  'options' | 'db' | 'library' | 'jobs' | 'runs' | 'sweeps' | 'evaluations' | 'trained' | 'augmented' | 'tell'
>
type RunMethod =
  | Extract<keyof Handlers, `engines.${string}` | `training.${string}` | `sweeps.${string}`>
  | 'runs.start'
  | 'runs.resume'
  | 'runs.pause'
  | 'runs.list'
  | 'runs.get'
  | 'runs.epochs'
  | 'runs.folds'
  | 'runs.log'
  | 'runs.evaluation'
  | 'runs.curves'
  | 'runs.slices'
  | 'runs.compare'
  | 'runs.exportModel'
  | 'runs.predict'
  | 'runs.remove'

/** Training, its runs and sweeps, their figures, and what their models say of other audio. */
export function runHandlers(parts: Parts): Pick<Handlers, RunMethod> {
  const { options, db, library, jobs, runs, sweeps, evaluations, trained, augmented, tell } = parts

  /** What models are asked about: audio files as named, or the clips of a selection whose audio was read. */
  const predictedSources = async (
    asked: { files: string[] } | { datasetId: number; selection: ClipSelection },
    signal: AbortSignal,
  ) => {
    if ('files' in asked) {
      const files = await audioFilesIn(asked.files, MOST_PREDICTED, signal)
      return files.map((path) => ({ path, clipId: null }))
    }
    const wanted = await wantedClips(library, asked.datasetId, asked.selection, signal)
    const clips = audioClips(db, asked.datasetId).filter(({ clipId }) => wanted(clipId))
    if (clips.length > MOST_PREDICTED)
      throw new SoundfoldError(
        'invalid-input',
        `${clips.length} clips are more than ${MOST_PREDICTED} at once.`,
        {
          hint: 'Choose fewer. What a run said of its own clips is in its figures already.',
        },
      )
    if (clips.length === 0)
      throw new SoundfoldError('invalid-input', 'None of the chosen clips has audio that could be read.')
    return clips
  }

  return {
    'engines.probe': ({ benchmark }, signal) =>
      probeEngines(options.entries.engineProbe, { benchmark }, signal),
    'training.split': ({ datasetId, split }) => previewSplit(splitClips(audioClips(db, datasetId), split)),
    'training.presets': () => MODELS.map(({ preset }) => preset),

    'training.augmented': (request) => augmented.describe(request),
    'runs.start': ({ datasetId, settings }) => runs.start(datasetId, settings),
    'runs.resume': ({ runId }) => runs.resume(runId),
    'runs.pause': ({ runId }) => runs.pause(runId),
    'runs.list': ({ datasetId }) => {
      const listed = listRuns(db, datasetId)
      // Where all are listed, one is likely to be looked at next; a dataset's are listed as its library opens, which has enough to read.
      if (datasetId === undefined) evaluations.prepare(listed)
      return listed
    },
    'runs.get': ({ runId }) => getRun(db, runId),
    'runs.epochs': ({ runId }) => {
      getRun(db, runId)
      return epochsOfRun(db, runId)
    },
    'runs.folds': ({ runId }) => runs.folds(runId),
    'runs.log': async ({ runId, fold }) => ({ text: await runs.log(runId, fold) }),
    'runs.evaluation': ({ runId, filter }, signal) => evaluations.evaluation(runId, filter, signal),
    'runs.curves': ({ runId, filter }, signal) => evaluations.curves(runId, filter, signal),
    'runs.slices': ({ runId, filter }, signal) => evaluations.slices(runId, filter, signal),
    'runs.compare': ({ runIds, labels }, signal) => evaluations.compare(runIds, labels, signal),
    'runs.exportModel': ({ runId, format, model }) => {
      const { settings, datasetName } = getRun(db, runId)
      const target = exportPlace(options, [datasetName, settings.preset, format])
      const work = trained.export(runId, format, model, target)
      const job = jobs.start({ kind: 'export', title: `Export ${settings.preset} as ${format}`, work })
      return { jobId: job.id }
    },
    'runs.predict': async ({ runId, fold, ...asked }, signal) => {
      const { settings } = getRun(db, runId)
      const sources = await predictedSources(asked, signal)
      const job = jobs.start({
        kind: 'predict',
        title: `Predict ${'files' in asked ? plural(sources.length, ['file', 'files']) : plural(sources.length, ['clip', 'clips'])} by ${settings.preset}`,
        work: async (context) => {
          const result = await trained.predict(runId, sources, fold, context)
          tell({ name: 'changed', payload: { topic: 'features' } })
          return result
        },
      })
      return { jobId: job.id }
    },
    'runs.remove': async ({ runId }) => ({ removed: await runs.remove(runId) }),

    'sweeps.start': ({ datasetId, sweep }) => sweeps.start(datasetId, sweep),
    'sweeps.list': () => listSweeps(db),
    'sweeps.get': ({ sweepId }) => sweeps.detail(sweepId),
    'sweeps.resume': ({ sweepId }) => sweeps.resume(sweepId),
    'sweeps.remove': async ({ sweepId }) => ({ removed: await sweeps.remove(sweepId) }),
  }
}
