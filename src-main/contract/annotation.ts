import { z } from 'zod'
import { madeBySchema } from './history.ts'
import { clipSelectionSchema } from './library.ts'
import { salienceSchema } from './model.ts'
import { writtenFolderSchema } from './report.ts'
import { saidSchema } from './said.ts'

/** Annotations of clips: stretches of time, or boxes in time and frequency, with what is heard there. */

export const ANNOTATION_FORMATS = ['audacity', 'raven', 'jams', 'csv', 'textgrid'] as const
export const annotationFormatSchema = z.enum(ANNOTATION_FORMATS)
export type AnnotationFormat = z.infer<typeof annotationFormatSchema>

/** Characters of a label or an author, and of a note. */
export const LONGEST_LABEL = 500
export const LONGEST_NOTE = 10_000
/** Changed by one call. */
export const MOST_CHANGED = 10_000

const hertz = z.number().min(0).nullable()

/** What a person says of a part of a clip. */
export const annotationFieldsSchema = z.strictObject({
  startSeconds: z.number().min(0),
  /** Not before the start; the same for a point in time. */
  endSeconds: z.number().min(0),
  /** Null for no limit; both null for a region in time. */
  lowHz: hertz,
  highHz: hertz,
  /** The name of a class of the dataset, or any other text; empty where nobody has said yet. */
  label: z.string().max(LONGEST_LABEL),
  salience: salienceSchema.nullable(),
  confidence: z.number().min(0).max(1).nullable(),
  note: z.string().max(LONGEST_NOTE),
  author: z.string().max(LONGEST_LABEL),
  /** Fields of the file that it came from which have no place above, by their names there. */
  extra: z.record(z.string(), z.string()),
})
export type AnnotationFields = z.infer<typeof annotationFieldsSchema>

export const annotationStateSchema = annotationFieldsSchema.extend({
  /** ISO 8601 */
  createdAt: z.string(),
  changedAt: z.string(),
})
export type AnnotationState = z.infer<typeof annotationStateSchema>

export const annotationSchema = annotationStateSchema.extend({ id: z.uuid(), clipId: z.int() })
export type Annotation = z.infer<typeof annotationSchema>

/** One action: what each annotation is to be after it; null where it is to be gone. A new one brings a new id. */
export const annotationChangeSchema = z.strictObject({
  by: madeBySchema,
  clipId: z.int(),
  items: z
    .array(
      z.strictObject({
        id: z.uuid(),
        after: annotationFieldsSchema
          .refine(({ startSeconds, endSeconds }) => endSeconds >= startSeconds, 'ends before it starts')
          .refine(
            ({ lowHz, highHz }) => lowHz === null || highHz === null || highHz >= lowHz,
            'has its highest frequency below its lowest',
          )
          .nullable(),
      }),
    )
    .min(1)
    .max(MOST_CHANGED),
  /** What the history calls it, where adding, changing and removing do not say it. */
  act: z.enum(['split', 'merge', 'paste']).optional(),
})
export type AnnotationChange = z.infer<typeof annotationChangeSchema>

export const annotationQuerySchema = z.strictObject({
  datasetId: z.int(),
  label: z.string().optional(),
  author: z.string().optional(),
  offset: z.int().min(0).default(0),
  limit: z.int().min(1).max(10_000).default(1000),
})
export const annotationPageSchema = z.object({
  total: z.int(),
  rows: z.array(annotationSchema.extend({ fileName: z.string() })),
})

export const annotationCountsSchema = z.object({
  annotations: z.int(),
  /** That have some. */
  clips: z.int(),
  labels: z.array(z.object({ value: z.string(), count: z.int() })),
  authors: z.array(z.object({ value: z.string(), count: z.int() })),
})
export type AnnotationCounts = z.infer<typeof annotationCountsSchema>

export const annotationImportInputSchema = z.strictObject({
  by: madeBySchema,
  datasetId: z.int(),
  /** Absolute; of files, or of folders that are searched for them. */
  paths: z.array(z.string().min(1)).min(1).max(10_000),
  format: z.union([z.literal('auto'), annotationFormatSchema]).default('auto'),
  /** Whose annotations they are, where the files do not say. */
  annotator: z.string().max(LONGEST_LABEL).optional(),
})

export const annotationImportSchema = z.object({
  files: z.int(),
  /** Added now. */
  annotations: z.int(),
  clips: z.int(),
  /** The same one was there before. */
  alreadyThere: z.int(),
  /** Files or annotations that could not be taken, at most 1000. */
  leftOut: z.array(z.object({ file: z.string(), message: saidSchema })),
  leftOutTotal: z.int(),
  /** What the files said that has no place here. */
  notes: z.array(saidSchema),
})
export type AnnotationImport = z.infer<typeof annotationImportSchema>

export const annotationExportInputSchema = z.strictObject({
  datasetId: z.int(),
  format: annotationFormatSchema,
  /** All clips where left out. */
  selection: clipSelectionSchema.optional(),
})

export const annotationExportSchema = writtenFolderSchema.extend({
  annotations: z.int(),
  clips: z.int(),
  /** What the format can't say. */
  notes: z.array(saidSchema),
})
export type AnnotationExport = z.infer<typeof annotationExportSchema>

/** How annotated recordings become a dataset of clips. */
export const cutSettingsSchema = z.strictObject({
  /** `windows`: as UrbanSound8K was cut, what is longer than a window in windows a hop apart; `whole`: each annotation as it is. */
  pieces: z.enum(['windows', 'whole']).default('windows'),
  windowSeconds: z.number().min(0.05).max(600).default(4),
  hopSeconds: z.number().min(0.01).max(600).default(0.5),
  /** The most there can be, up to 10, where left out. */
  folds: z.int().min(2).max(10).optional(),
  seed: z.int().min(0).default(73),
  /** Only annotations of this person. */
  annotator: z.string().optional(),
  /** Only these; all where left out. */
  labels: z.array(z.string()).min(1).optional(),
  /** More are drawn at random; UrbanSound8K has 1000. Null for all. */
  mostPerClass: z.int().min(1).nullable().default(null),
})
export type CutSettings = z.infer<typeof cutSettingsSchema>

/** What a cut gives, before anything is written. */
export const cutPlanSchema = z.object({
  clips: z.int(),
  recordings: z.int(),
  classes: z.array(z.object({ id: z.int(), name: z.string(), clips: z.int(), recordings: z.int() })),
  folds: z.array(z.object({ fold: z.int(), clips: z.int(), recordings: z.int() })),
  totalDurationSeconds: z.number(),
  /** What was left out, and why. */
  notes: z.array(saidSchema),
})
export type CutPlan = z.infer<typeof cutPlanSchema>

export const cutResultSchema = writtenFolderSchema.extend(cutPlanSchema.shape)
export type CutResult = z.infer<typeof cutResultSchema>

export const agreementSettingsSchema = z.strictObject({
  unit: z.enum(['clips', 'segments']).default('segments'),
  segmentSeconds: z.number().min(0.01).max(3600).default(1),
  /** All where left out. */
  authors: z.array(z.string()).min(2).optional(),
})
export type AgreementSettings = z.infer<typeof agreementSettingsSchema>

/** How far people agree who annotated the same clips. A kappa is null where chance alone would always agree. */
export const agreementSchema = z.object({
  unit: agreementSettingsSchema.shape.unit.unwrap(),
  /** That two people at least annotated. */
  clips: z.int(),
  /** Of these clips, that two people at least rated. */
  units: z.int(),
  authors: z.array(z.object({ name: z.string(), units: z.int() })),
  /** In order; empty for nothing marked. */
  labels: z.array(z.string()),
  /** Over the units that all of them rated. */
  fleiss: z.object({ units: z.int(), agreement: z.number().nullable(), kappa: z.number().nullable() }),
  /** Cohen's kappa of each two. */
  pairs: z.array(
    z.object({
      ...{ a: z.string(), b: z.string(), units: z.int() },
      agreement: z.number().nullable(),
      kappa: z.number().nullable(),
      /** Units by what `a` said (rows) and what `b` said (columns), in the order of `labels`. */
      matrix: z.array(z.array(z.int())),
    }),
  ),
  /** Each label against all others. */
  classes: z.array(
    z.object({
      label: z.string(),
      /** Of which somebody said it. */
      units: z.int(),
      fleiss: z.number().nullable(),
      /** In the order of `pairs`. */
      pairs: z.array(z.number().nullable()),
    }),
  ),
})
export type Agreement = z.infer<typeof agreementSchema>
