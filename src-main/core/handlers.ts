import { availableParallelism, userInfo } from 'node:os'
import type { MethodName, MethodOutput, MethodParams } from '../contract/api.ts'
import type { CoreEvent } from '../contract/events.ts'
import { annotationHandlers } from './annotation/annotation-handlers.ts'
import { APP_VERSION } from './app-version.ts'
import { auditHandlers } from './audit/audit-handlers.ts'
import { issueHandlers } from './audit/issue-handlers.ts'
import type { VerdictService } from './audit/verdict-service.ts'
import type { CoreOptions } from './create-core.ts'
import { clipFile } from './dataset/audio-clips.ts'
import { datasetHandlers } from './dataset/dataset-handlers.ts'
import { type Database, SCHEMA_VERSION } from './db/open.ts'
import type { ModelStore } from './embedding/model-store.ts'
import type { EvaluationService } from './evaluation/evaluation-service.ts'
import { featureHandlers } from './features/feature-handlers.ts'
import type { FeatureStore } from './features/feature-store.ts'
import type { RecipeBook } from './features/recipe-book.ts'
import { historyHandlers } from './history/history-handlers.ts'
import type { Journal } from './history/journal.ts'
import type { JobQueue } from './jobs/job-queue.ts'
import type { Library } from './library/library.ts'
import { libraryHandlers } from './library/library-handlers.ts'
import type { AugmentationPreview } from './ml/augmentation-preview.ts'
import { explanationHandlers } from './ml/explanation-handlers.ts'
import type { ExplanationService } from './ml/explanation-service.ts'
import type { ModelService } from './ml/model-service.ts'
import { runHandlers } from './ml/run-handlers.ts'
import type { RunService } from './ml/run-service.ts'
import type { SweepService } from './ml/sweep/sweep-service.ts'
import { recordingHandlers } from './recording/recording-handlers.ts'
import type { Recordings } from './recording/recordings.ts'
import { reportHandlers } from './report/report-handlers.ts'
import { spaceHandlers } from './space/space-handlers.ts'
import type { SpaceService } from './space/space-service.ts'
import { tagHandlers } from './tags/tag-handlers.ts'

export type Handlers = {
  [M in MethodName]: (
    params: MethodParams<M>,
    signal: AbortSignal,
  ) => MethodOutput<M> | Promise<MethodOutput<M>>
}

export interface HandlerParts {
  options: CoreOptions
  db: Database
  library: Library
  journal: Journal
  jobs: JobQueue
  features: FeatureStore
  recipes: RecipeBook
  models: ModelStore
  runs: RunService
  sweeps: SweepService
  evaluations: EvaluationService
  trained: ModelService
  verdicts: VerdictService
  explanations: ExplanationService
  spaces: SpaceService
  augmented: AugmentationPreview
  recordings: Recordings
  tell: (event: CoreEvent) => void
}

/** What answers each method of the contract. */
export function createHandlers(parts: HandlerParts): Handlers {
  const { options, db, jobs } = parts
  return {
    'workspace.info': () => ({
      folder: options.workspaceFolder,
      schemaVersion: SCHEMA_VERSION,
      appVersion: APP_VERSION,
      canChooseFolder: options.chooseFolder !== undefined,
      canDragOut: options.startDrag !== undefined,
      canPrint: options.printPdf !== undefined,
      mediaBase: options.mediaBase,
      cores: availableParallelism(),
      userName: userName(),
    }),
    'shell.chooseFolder': async ({ title }) => ({ folder: (await options.chooseFolder?.(title)) ?? null }),
    'shell.dragClip': ({ clipId }) => {
      options.startDrag?.(clipFile(db, clipId))
      return {}
    },
    'shell.revealClip': ({ clipId }) => {
      const path = clipFile(db, clipId)
      options.revealFile?.(path)
      return { path, shown: options.revealFile !== undefined }
    },
    'shell.chooseModel': async () => ({ file: (await options.chooseModel?.()) ?? null }),

    ...datasetHandlers(parts),
    ...libraryHandlers(parts),
    ...tagHandlers(parts),
    ...annotationHandlers(parts),
    ...historyHandlers(parts),

    ...featureHandlers(parts),
    ...runHandlers(parts),
    ...recordingHandlers(parts),
    ...reportHandlers(parts),
    ...issueHandlers(parts),
    ...auditHandlers(parts),
    ...explanationHandlers(parts),
    ...spaceHandlers(parts),
    'jobs.list': ({ limit }) => jobs.list(limit),
    'jobs.get': ({ jobId }) => jobs.get(jobId),
    'jobs.cancel': ({ jobId }) => jobs.stop(jobId, 'cancelled'),
    'jobs.move': ({ jobId, place }) => jobs.move(jobId, place),
  }
}

/** As the system knows the person; some have no entry in its list. */
function userName(): string {
  try {
    return userInfo().username || 'unknown'
  } catch {
    return 'unknown'
  }
}
