import { z } from 'zod'
import * as annotation from './annotation.ts'
import * as audit from './audit-issues.ts'
import * as evaluation from './evaluation.ts'
import * as explanation from './explanation.ts'
import * as history from './history.ts'
import * as job from './job.ts'
import { labelBasisSchema } from './label-basis.ts'
import * as library from './library.ts'
import * as model from './model.ts'
import * as modelFile from './model-file.ts'
import { featureRecipeSchema } from './recipe.ts'
import * as recording from './recording.ts'
import * as report from './report.ts'
import * as run from './run.ts'
import * as space from './space.ts'
import { splitPreviewSchema, splitSchema } from './split.ts'
import * as sweep from './sweep.ts'
import * as tag from './tags.ts'
import * as verdict from './verdict.ts'

/** One method: what goes in, what comes out, and whether it changes the workspace. */
export interface MethodSpec<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  readonly kind: 'read' | 'write'
  readonly input: I
  readonly output: O
}

const read = <I extends z.ZodType, O extends z.ZodType>(input: I, output: O) =>
  ({ kind: 'read', input, output }) as const satisfies MethodSpec
const write = <I extends z.ZodType, O extends z.ZodType>(input: I, output: O) =>
  ({ kind: 'write', input, output }) as const satisfies MethodSpec

const nothing = z.strictObject({})
const recipeName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be small letters, digits and hyphens, at most 63')
const datasetRef = z.strictObject({ datasetId: z.int() })
const clipRef = z.strictObject({ clipId: z.int() })
const runRef = z.strictObject({ runId: z.string() })
const evaluated = z.strictObject({ runId: z.string(), filter: evaluation.sliceFilterSchema.default({}) })
const compared = z.strictObject({
  runIds: z.array(z.string()).min(2).max(8),
  labels: labelBasisSchema.default('scored'),
})
const setRef = z.strictObject({ setId: z.int() })
const merged = setRef.extend({ fromSetId: z.int() })
const sweepRef = z.strictObject({ sweepId: z.string() })
const searchRef = z.strictObject({ searchId: z.int() })
const jobRef = z.strictObject({ jobId: z.int() })
const started = z.object({ jobId: z.int() })
const tagged = z.strictObject({
  by: history.madeBySchema,
  datasetId: z.int(),
  selection: library.clipSelectionSchema,
  tags: z.array(tag.tagSchema).min(1).max(tag.MOST_TAGS_AT_ONCE),
})

/**
 * Every method of the core, over every transport. Long work returns a job's id at once; its progress and result come
 * as `job` events and by `jobs.get`.
 */
export const api = {
  'workspace.info': read(nothing, model.workspaceInfoSchema),
  'shell.chooseFolder': read(
    z.strictObject({ title: z.string() }),
    z.object({ folder: z.string().nullable() }),
  ),
  /** An ONNX file. */
  'shell.chooseModel': read(nothing, z.object({ file: z.string().nullable() })),
  /** Lets the clip's file hang on the pointer that drags it. */
  'shell.dragClip': read(clipRef, nothing),
  /** Shows the clip's file in the system's file manager, where the shell has one; says where it is in any case. */
  'shell.revealClip': read(clipRef, z.object({ path: z.string(), shown: z.boolean() })),

  'datasets.list': read(nothing, z.array(model.datasetSchema)),
  'datasets.import': write(
    z.strictObject({
      folder: z.string().min(1),
      format: z.union([z.literal('auto'), model.datasetFormatSchema]).default('auto'),
      mapping: model.csvMappingSchema.optional(),
      name: z.string().max(200).optional(),
    }),
    started,
  ),
  'datasets.relink': write(z.strictObject({ datasetId: z.int(), folder: z.string().min(1) }), started),
  'datasets.validate': write(datasetRef, started),
  'datasets.report': read(
    z.strictObject({ datasetId: z.int(), limit: z.int().min(0).max(100_000).default(1000) }),
    model.validationReportSchema,
  ),
  'datasets.remove': write(datasetRef, z.object({ removedClips: z.int() })),

  'clips.page': read(
    z.strictObject({
      datasetId: z.int(),
      filter: model.clipFilterSchema.default({}),
      sort: model.clipSortSchema.default({ key: 'fileName', direction: 'asc' }),
      offset: z.int().min(0).default(0),
      limit: z.int().min(1).max(500).default(100),
    }),
    z.object({ total: z.int(), rows: z.array(model.clipRowSchema) }),
  ),
  'clips.facets': read(
    z.strictObject({ datasetId: z.int(), filter: model.clipFilterSchema.default({}) }),
    model.clipFacetsSchema,
  ),
  /** The ids of a stretch of the list. */
  'clips.ids': read(
    z.strictObject({
      datasetId: z.int(),
      filter: model.clipFilterSchema.default({}),
      sort: model.clipSortSchema.default({ key: 'fileName', direction: 'asc' }),
      offset: z.int().min(0),
      limit: z.int().min(1).max(library.MOST_CHOSEN),
    }),
    z.object({ ids: z.array(z.int()) }),
  ),
  /** Where a clip stands in the list, from 0; null where the filter leaves it out. */
  'clips.position': read(
    z.strictObject({
      datasetId: z.int(),
      filter: model.clipFilterSchema.default({}),
      sort: model.clipSortSchema.default({ key: 'fileName', direction: 'asc' }),
      clipId: z.int(),
    }),
    z.object({ position: z.int().nullable() }),
  ),
  'clips.overview': read(
    z.strictObject({ datasetId: z.int(), filter: model.clipFilterSchema.default({}) }),
    library.clipOverviewSchema,
  ),
  /** Keeps clips that were chosen somewhere, for the library to be filtered by; the latest 200 choices are kept. */
  'clips.choose': write(
    z.strictObject({
      datasetId: z.int(),
      /** Where they come from, for a person: “chosen on the map”. */
      title: z.string().trim().min(1).max(200),
      from: library.chosenFromSchema,
    }),
    z.object({ chosenId: z.string() }),
  ),
  'clips.chosen': read(
    z.strictObject({ chosenId: z.string().max(64) }),
    z.object({ title: z.string(), clips: z.int() }),
  ),
  'clips.get': read(clipRef, model.clipDetailSchema),
  /** Reads the clip once through the first time, which takes a while for one of hours. */
  'clips.recording': read(clipRef, recording.recordingInfoSchema),
  'clips.measure': read(recording.measureInputSchema, recording.measurementsSchema),

  /** By vectors that `spaces.make` has made, or none yet. */
  'clips.neighbours': read(space.neighbourRequestSchema, space.neighboursSchema),
  'spaces.state': read(z.strictObject({ source: space.spaceSourceSchema }), space.spaceStateSchema),
  /** A job; its result is `{ clips }`. */
  'spaces.make': write(z.strictObject({ source: space.spaceSourceSchema }), started),
  /** Null where it was not made yet. */
  'maps.get': read(space.mapRequestSchema, space.clipMapSchema.nullable()),
  /** A job; its result is `{ clips }`. */
  'maps.make': write(space.mapRequestSchema, started),
  /** Where each clip of a map lies, as CSV: a job; its result is a `WrittenFile`. Refused where the map was not made yet. */
  'maps.file': write(space.mapRequestSchema, started),

  /** By name. */
  'views.list': read(datasetRef, z.array(library.savedViewSchema)),
  /** Takes the place of the view of that name. */
  'views.save': write(
    library.savedViewSchema
      .omit({ id: true })
      .extend({ name: z.string().trim().min(1).max(80) })
      .strict(),
    library.savedViewSchema,
  ),
  'views.remove': write(z.strictObject({ viewId: z.int() }), nothing),

  'tags.list': read(
    z.strictObject({
      datasetId: z.int(),
      /** Only the tags of these. */
      selection: library.clipSelectionSchema.optional(),
    }),
    tag.tagCountsSchema,
  ),
  'tags.add': write(tagged, history.recordedSchema),
  'tags.remove': write(tagged, history.recordedSchema),

  /** In the order of their times. */
  'annotations.ofClip': read(clipRef, z.array(annotation.annotationSchema)),
  'annotations.list': read(annotation.annotationQuerySchema, annotation.annotationPageSchema),
  'annotations.counts': read(datasetRef, annotation.annotationCountsSchema),
  'annotations.change': write(annotation.annotationChangeSchema, history.recordedSchema),
  /** A job; its result is an `AnnotationImport`. */
  'annotations.import': write(annotation.annotationImportInputSchema, started),
  'annotations.agreement': read(
    z.strictObject({ datasetId: z.int(), settings: annotation.agreementSettingsSchema }),
    annotation.agreementSchema,
  ),
  /** What a cut would give; nothing is written. */
  'annotations.planCut': read(
    z.strictObject({ datasetId: z.int(), settings: annotation.cutSettingsSchema }),
    annotation.cutPlanSchema,
  ),
  /** A job; its result is a `CutResult`. */
  'annotations.cut': write(
    z.strictObject({ datasetId: z.int(), settings: annotation.cutSettingsSchema }),
    started,
  ),
  /** A job; its result is an `AnnotationExport`. */
  'annotations.export': write(annotation.annotationExportInputSchema, started),

  'history.list': read(history.historyQuerySchema, history.historyPageSchema),
  'history.next': read(z.strictObject({ session: z.string() }), history.nextChangesSchema),
  /** The session's last change where none is named. Answers the change that took it back. */
  'history.undo': write(
    z.strictObject({ by: history.madeBySchema, changeId: z.int().optional() }),
    history.changeSchema,
  ),
  'history.redo': write(z.strictObject({ by: history.madeBySchema }), history.changeSchema),

  'features.recipes': read(nothing, z.array(model.featureRecipeInfoSchema)),
  /** What a recipe gives, without saving it; the errors of its settings. */
  'features.describe': read(
    z.strictObject({ settings: featureRecipeSchema }),
    model.spectralRecipeInfoSchema,
  ),
  'features.saveRecipe': write(
    z.strictObject({ name: recipeName, settings: featureRecipeSchema }),
    model.spectralRecipeInfoSchema,
  ),
  'features.removeRecipe': write(z.strictObject({ name: z.string() }), nothing),
  'features.status': read(
    z.strictObject({ datasetId: z.int(), recipe: z.string().default('article') }),
    model.featureStatusSchema,
  ),
  /** The largest first. */
  'features.cache': read(nothing, z.array(model.cachePartSchema)),
  /** Removes parts of the cache; refused while a job is going. */
  'features.prune': write(z.strictObject({ ids: z.array(z.string()).min(1).max(1000) }), nothing),
  'features.extract': write(
    z.strictObject({
      datasetId: z.int(),
      recipe: z.string().default('article'),
      /** All clips where left out. */
      selection: library.clipSelectionSchema.optional(),
    }),
    started,
  ),

  /** Into a new folder in the workspace's `exports`. */
  'features.export': write(
    z.strictObject({
      datasetId: z.int(),
      recipe: z.string().default('article'),
      format: model.featureExportFormatSchema.default('npz'),
      selection: library.clipSelectionSchema.optional(),
    }),
    started,
  ),

  'models.list': read(nothing, z.array(model.embeddingModelSchema)),
  /** Copies an ONNX model into the workspace, tries it, and makes a recipe of it. */
  'models.add': write(
    z.strictObject({
      file: z.string().min(1),
      /** JSON file that declares how it is asked; where left out, the one beside it: `NAME.json` for `NAME.onnx`. */
      declaration: z.string().min(1).optional(),
      /** Of the recipe; made from the file's where left out. */
      name: recipeName.optional(),
    }),
    model.embeddingModelSchema,
  ),
  /** Features and runs made by it stay. */
  'models.remove': write(z.strictObject({ name: z.string() }), nothing),

  'engines.probe': read(
    z.strictObject({ benchmark: z.boolean().default(false) }),
    z.array(run.engineReportSchema),
  ),

  /** What a split would give, before anything is trained; its leak need not be accepted for that. */
  'training.split': read(z.strictObject({ datasetId: z.int(), split: splitSchema }), splitPreviewSchema),
  'training.presets': read(nothing, z.array(run.modelPresetSchema)),
  /** What the picture at `clips/ID/augmented/REQUEST` shows. */
  'training.augmented': read(run.augmentationRequestSchema, run.augmentationDrawSchema),
  'runs.start': write(
    z.strictObject({ datasetId: z.int(), settings: run.runSettingsSchema }),
    z.object({ runId: z.string(), jobId: z.int() }),
  ),
  /** Goes on with a run that was stopped or failed; its finished folds stay. */
  'runs.resume': write(runRef, z.object({ runId: z.string(), jobId: z.int() })),
  /** Stops it after the last epoch that each fold has finished, to be resumed. Resolves when it has stopped. */
  'runs.pause': write(runRef, run.runSchema),
  'runs.list': read(z.strictObject({ datasetId: z.int().optional() }), z.array(run.runSchema)),
  'runs.get': read(runRef, run.runSchema),
  'runs.epochs': read(runRef, z.array(run.epochSchema)),
  'runs.folds': read(runRef, z.array(run.foldStateSchema)),
  /** What a fold has logged; its end where it is long. */
  'runs.log': read(z.strictObject({ runId: z.string(), fold: z.int() }), z.object({ text: z.string() })),
  'runs.evaluation': read(evaluated, evaluation.evaluationSchema),
  'runs.curves': read(evaluated, evaluation.curvesSchema),
  'runs.slices': read(evaluated, evaluation.slicesSchema),
  /** Each later run with the first, on the clips that both predicted under the same label. */
  'runs.compare': read(compared, evaluation.comparisonSchema),
  /** A job; its result is a `WrittenFile`, as are the others' but the tables'. */
  'runs.report': write(runRef.extend({ format: report.reportFormatSchema.default('html') }), started),
  'runs.comparisonReport': write(
    compared.extend({ format: report.reportFormatSchema.default('html') }),
    started,
  ),
  /** A job; its result is a `WrittenFolder`. */
  'runs.tables': write(evaluated, started),
  'runs.comparisonTables': write(compared, started),
  'runs.predictions': write(
    evaluated.extend({ format: report.predictionFormatSchema.default('csv') }),
    started,
  ),
  /** A job; its result is a `ModelExport`. */
  'runs.exportModel': write(
    z.strictObject({
      runId: z.string(),
      format: modelFile.modelFormatSchema,
      model: modelFile.modelChoiceSchema.default('ensemble'),
    }),
    started,
  ),
  /** Which places of a clip's picture the model that held it out goes by; maps by the media route. */
  'runs.explanation': read(explanation.explanationRequestSchema, explanation.explanationSchema),
  /** A job; its result is an `ExplanationFiles`. */
  'runs.explain': write(explanation.explainClipsSchema, started),
  /** A job; its result is a `PredictionResult`. */
  'runs.predict': write(modelFile.predictInputSchema, started),
  'runs.remove': write(runRef, z.object({ removed: z.boolean() })),

  'verdicts.sets': read(datasetRef, z.array(verdict.verdictSetSchema)),
  'verdicts.create': write(
    z.strictObject({ datasetId: z.int(), name: verdict.verdictSetNameSchema }),
    verdict.verdictSetSchema,
  ),
  'verdicts.rename': write(setRef.extend({ name: verdict.verdictSetNameSchema }), verdict.verdictSetSchema),
  /** With its history; runs that were trained by it stay. */
  'verdicts.remove': write(setRef, nothing),
  'verdicts.fork': write(
    setRef.extend({ name: verdict.verdictSetNameSchema, by: history.madeBySchema }),
    verdict.verdictSetSchema,
  ),
  /** Any number of clips in one change. */
  'verdicts.decide': write(verdict.decideSchema, history.recordedSchema),
  /** What each author says now, or the one that is named; `upTo` names this state of the set. */
  'verdicts.list': read(
    setRef.extend({ author: verdict.authorSchema.optional() }),
    z.object({ upTo: z.int(), verdicts: z.array(verdict.verdictSchema) }),
  ),
  /** Everything that was ever said, the latest first. */
  'verdicts.history': read(
    setRef.extend({
      clipId: z.int().optional(),
      before: z.int().optional(),
      limit: z.int().min(1).max(1000).default(100),
    }),
    z.array(verdict.verdictEntrySchema),
  ),
  'verdicts.agreement': read(
    setRef.extend({ first: verdict.authorSchema, second: verdict.authorSchema }),
    verdict.agreementSchema,
  ),
  'verdicts.mergePreview': read(merged, verdict.mergePreviewSchema),
  /** Refused where a conflict is neither chosen nor settled by `otherwise`. */
  'verdicts.merge': write(
    merged.extend({
      choices: z.array(z.strictObject({ clipId: z.int(), take: verdict.mergeSideSchema })).default([]),
      otherwise: verdict.mergeSideSchema.optional(),
      by: history.madeBySchema,
    }),
    history.recordedSchema,
  ),
  /** The clips to audit, in order. */
  'verdicts.queue': read(
    z.strictObject({ datasetId: z.int(), source: verdict.auditSourceSchema }),
    z.object({ clipIds: z.array(z.int()) }),
  ),
  /** A patch or a verdict file, into the set of that name: a new one where there is none, or where it is left out. */
  'verdicts.apply': write(
    z.strictObject({
      datasetId: z.int(),
      setName: verdict.verdictSetNameSchema.optional(),
      fileName: z.string().min(1).max(300),
      text: z.string().max(verdict.MOST_FILE_LENGTH),
      dryRun: z.boolean().default(false),
      by: history.madeBySchema,
    }),
    verdict.appliedSchema,
  ),
  /** A job; its result is a `WrittenFolder`. */
  'verdicts.export': write(
    setRef.extend({
      parts: z
        .array(verdict.auditPartSchema)
        .min(1)
        .default([...verdict.AUDIT_PARTS]),
    }),
    started,
  ),

  'sweeps.start': write(
    z.strictObject({ datasetId: z.int(), sweep: sweep.sweepInputSchema }),
    z.object({ sweepId: z.string(), jobId: z.int() }),
  ),
  'sweeps.list': read(nothing, z.array(sweep.sweepSchema)),
  'sweeps.get': read(sweepRef, sweep.sweepDetailSchema),
  /** Goes on after a cancel, an error or a kill; what is scored is kept. */
  'sweeps.resume': write(sweepRef, z.object({ sweepId: z.string(), jobId: z.int() })),
  'sweeps.remove': write(sweepRef, z.object({ removed: z.boolean() })),

  /** A job; its result is a `SearchResult`. */
  'audit.search': write(audit.searchRequestSchema, started),
  /** Newest first. */
  'audit.searches': read(z.strictObject({ datasetId: z.int().optional() }), z.array(audit.auditSearchSchema)),
  'audit.getSearch': read(searchRef, audit.auditSearchSchema),
  'audit.removeSearch': write(searchRef, z.object({ removed: z.boolean() })),
  'audit.issues': read(audit.issuesQuerySchema, audit.issuePageSchema),
  'audit.issue': read(z.strictObject({ issueId: z.int() }), audit.auditIssueSchema),
  /** A job; its result is a `WrittenFile`. */
  'audit.issuesFile': write(searchRef.extend({ filter: audit.issueFilterSchema.default({}) }), started),

  'jobs.list': read(z.strictObject({ limit: z.int().min(1).max(500).default(50) }), z.array(job.jobSchema)),
  'jobs.get': read(jobRef, job.jobSchema),
  /** Resolves when the job has stopped, or was already at an end. */
  'jobs.cancel': write(jobRef, job.jobSchema),
  /** Among the waiting ones; 0 is next. */
  'jobs.move': write(z.strictObject({ jobId: z.int(), place: z.int().min(0) }), job.jobSchema),

  /** Makes the demo dataset in the workspace's folder (once) and imports it. The result is an ImportResult. */
  'demo.create': write(z.strictObject({ seed: z.int().min(0).default(2020) }), started),
} as const satisfies Record<string, MethodSpec>

export type Api = typeof api
export type MethodName = keyof Api
export type MethodInput<M extends MethodName> = z.input<Api[M]['input']>
export type MethodParams<M extends MethodName> = z.output<Api[M]['input']>
export type MethodOutput<M extends MethodName> = z.output<Api[M]['output']>

export function isMethodName(name: string): name is MethodName {
  return Object.hasOwn(api, name)
}
