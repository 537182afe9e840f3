import type { CutSettings } from '../../contract/annotation.ts'
import { notThere } from '../../contract/errors.ts'
import type { ClipSelection } from '../../contract/library.ts'
import {
  annotationCounts,
  annotationPage,
  annotationStates,
  annotationsOfClip,
  annotationsOfDataset,
} from '../db/annotations.ts'
import { clipsOfDataset, findClip } from '../db/clips.ts'
import { datasetSource, getDataset } from '../db/datasets.ts'
import { exportPlace } from '../export/names.ts'
import type { HandlerParts, Handlers } from '../handlers.ts'
import { agreementOf } from './agreement/agreement.ts'
import { changeTitle, clipAnnotations } from './clip-annotations.ts'
import { type Cut, planCut } from './cut/plan-cut.ts'
import { writeCut } from './cut/write-cut.ts'
import { exportAnnotations } from './export-annotations.ts'
import { importAnnotations } from './import-annotations.ts'

type Parts = Pick<HandlerParts, 'options' | 'db' | 'library' | 'jobs' | 'journal'>
type AnnotationMethod = Extract<keyof Handlers, `annotations.${string}`>

/** Regions and boxes on clips, and their files. */
export function annotationHandlers(parts: Parts): Pick<Handlers, AnnotationMethod> {
  const { options, db, library, jobs, journal } = parts
  const locatedClip = (clipId: number) => {
    const clip = findClip(db, clipId)
    if (!clip) throw notThere('clip', clipId)
    return clip
  }
  const chosen = async (datasetId: number, selection: ClipSelection | undefined, signal: AbortSignal) => {
    const clips = clipsOfDataset(db, datasetId)
    if (!selection) return clips
    const ids = new Set(await library.selected(datasetId, selection, signal))
    return clips.filter(({ id }) => ids.has(id))
  }
  const planned = (datasetId: number, settings: CutSettings): Cut =>
    planCut(
      clipsOfDataset(db, datasetId).map(({ id, ...clip }) => ({ ...clip, clipId: id })),
      annotationsOfDataset(db, datasetId),
      settings,
    )
  return {
    'annotations.ofClip': ({ clipId }) => {
      locatedClip(clipId)
      return annotationsOfClip(db, clipId)
    },
    'annotations.list': (query) => {
      getDataset(db, query.datasetId)
      return annotationPage(db, query)
    },
    'annotations.counts': ({ datasetId }) => {
      getDataset(db, datasetId)
      return annotationCounts(db, datasetId)
    },
    'annotations.change': ({ by, clipId, items, act }) => {
      const { datasetId, fileName } = locatedClip(clipId)
      const subjects = items.map(({ id }) => ({ clipId, id }))
      const before = annotationStates(db, subjects)
      const now = new Date().toISOString()
      const wanted = items.map(({ after }, place) => {
        const was = before[place] ?? null
        // The time of a change is no change by itself: what is as it was before keeps its own.
        const same = was && after && JSON.stringify({ ...was, ...after }) === JSON.stringify(was)
        return after && { ...after, createdAt: was?.createdAt ?? now, changedAt: same ? was.changedAt : now }
      })
      return journal.record(clipAnnotations, {
        by,
        datasetId,
        items: subjects.map((subject, place) => ({ subject, after: wanted[place] ?? null })),
        title: (changed) => {
          const places = changed.map((subject) => subjects.findIndex(({ id }) => id === subject.id))
          const states = places.map((place) => ({
            before: before[place] ?? null,
            after: wanted[place] ?? null,
          }))
          return changeTitle(states, act, fileName)
        },
      })
    },
    'annotations.import': (request) => {
      const { name } = getDataset(db, request.datasetId)
      return {
        jobId: jobs.start({
          kind: 'annotate',
          title: `Import annotations into ${name}`,
          work: (context) => importAnnotations(db, journal, request, context),
        }).id,
      }
    },
    'annotations.agreement': ({ datasetId, settings }) => {
      getDataset(db, datasetId)
      return agreementOf(clipsOfDataset(db, datasetId), annotationsOfDataset(db, datasetId), settings)
    },
    'annotations.planCut': ({ datasetId, settings }) => {
      getDataset(db, datasetId)
      return planned(datasetId, settings).plan
    },
    'annotations.cut': ({ datasetId, settings }) => {
      const { name } = getDataset(db, datasetId)
      const cut = planned(datasetId, settings)
      const { folder } = datasetSource(db, datasetId)
      const target = exportPlace(options, [name, 'clips'])
      return {
        jobId: jobs.start({
          kind: 'export',
          title: `Cut ${name} into clips`,
          work: (context) => writeCut(cut, folder, target, context),
        }).id,
      }
    },
    'annotations.export': async ({ datasetId, format, selection }, signal) => {
      const { name } = getDataset(db, datasetId)
      const clips = await chosen(datasetId, selection, signal)
      const target = exportPlace(options, [name, 'annotations', format])
      return {
        jobId: jobs.start({
          kind: 'export',
          title: `Export annotations of ${name}`,
          work: (context) => {
            const annotations = annotationsOfDataset(db, datasetId)
            return exportAnnotations({ clips, annotations, format, target }, context)
          },
        }).id,
      }
    },
  }
}
