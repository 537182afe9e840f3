import { z } from 'zod'
import { salienceSchema } from './model.ts'

/** Annotations of clips: stretches of time, or boxes in time and frequency, with what is heard there. */

export const ANNOTATION_FORMATS = ['audacity', 'raven', 'jams', 'csv', 'textgrid'] as const
export const annotationFormatSchema = z.enum(ANNOTATION_FORMATS)
export type AnnotationFormat = z.infer<typeof annotationFormatSchema>

/** Of a label, as the longest of a class or tag. */
export const LONGEST_LABEL = 500
export const LONGEST_NOTE = 10_000

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
