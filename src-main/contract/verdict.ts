import { z } from 'zod'
import { issueFilterSchema } from './audit-issues.ts'
import { madeBySchema } from './history.ts'
import { clipSelectionSchema, MOST_CHOSEN } from './library.ts'
import { clipFilterSchema, clipSortSchema } from './model.ts'
import { saidSchema } from './said.ts'

/** What people decide about the labels of clips. Nothing imported is changed by it, and what was decided stays. */

export const DECISIONS = ['keep', 'relabel', 'exclude', 'unsure'] as const
export const decisionSchema = z.enum(DECISIONS)
export type Decision = z.infer<typeof decisionSchema>

export const MOST_NOTE_LENGTH = 2000
/** Characters of a patch or verdict file. */
export const MOST_FILE_LENGTH = 16_000_000
export const authorSchema = madeBySchema.shape.author
const noteSchema = z.string().max(MOST_NOTE_LENGTH)
export const verdictSetNameSchema = z.string().trim().min(1).max(80)

/** What an author says of a clip. */
export const verdictSchema = z.object({
  clipId: z.int(),
  author: z.string(),
  /** Null where there is a note alone, or nothing any more. */
  decision: decisionSchema.nullable(),
  /** To which class; of `relabel` alone. */
  classId: z.int().nullable(),
  note: z.string(),
  /** Settles what authors say differently. */
  final: z.boolean(),
  decidedAt: z.string(),
})
export type Verdict = z.infer<typeof verdictSchema>

/** What all authors together say of a clip: `disputed` where they differ and nobody has settled it. */
export const OUTCOMES = [...DECISIONS, 'disputed'] as const
export const outcomeSchema = z.object({
  decision: z.enum(OUTCOMES),
  classId: z.int().nullable(),
})
export type Outcome = z.infer<typeof outcomeSchema>

export const outcomeCountsSchema = z.record(z.enum(OUTCOMES), z.int())
export type OutcomeCounts = z.infer<typeof outcomeCountsSchema>

export const verdictSetSchema = z.object({
  id: z.int(),
  datasetId: z.int(),
  name: z.string(),
  createdAt: z.string(),
  forkedFrom: z.object({ id: z.int(), name: z.string() }).nullable(),
  authors: z.array(z.object({ author: z.string(), clips: z.int() })),
  /** Clips by what all authors say. */
  counts: outcomeCountsSchema,
  /** Equal for sets that say the same of the same clips. */
  fingerprint: z.string(),
})
export type VerdictSet = z.infer<typeof verdictSetSchema>

/** One entry of a set's history; `before` is what the author had said until then. */
export const verdictEntrySchema = verdictSchema.extend({
  id: z.int(),
  fileName: z.string(),
  /** Later than `decidedAt` where it was merged, applied from a file, or brought back by undo. */
  recordedAt: z.string(),
  before: verdictSchema.pick({ decision: true, classId: true, note: true, final: true }).nullable(),
})
export type VerdictEntry = z.infer<typeof verdictEntrySchema>

/** A decision on any number of clips at once: one change, to be undone as one. */
export const decideSchema = z
  .strictObject({
    setId: z.int(),
    by: madeBySchema,
    clips: clipSelectionSchema,
    /** To relabel to the label that a clip has is to keep it. */
    /** Null takes it back; left out, it stays as it is and the note alone is written. */
    decision: decisionSchema.nullable().optional(),
    classId: z.int().optional(),
    /** Left out, it stays as it is. */
    note: noteSchema.optional(),
    final: z.boolean().default(false),
  })
  .refine(
    ({ decision, classId }) => (decision === 'relabel') === (classId !== undefined),
    'a class is named to relabel, and only then',
  )

/** Where two sets say different things of a clip. */
export const mergeConflictSchema = z.object({
  clipId: z.int(),
  fileName: z.string(),
  labelClassId: z.int(),
  ours: outcomeSchema,
  theirs: outcomeSchema,
})
export type MergeConflict = z.infer<typeof mergeConflictSchema>

export const mergePreviewSchema = z.object({
  /** Clips that only the other set says something of. */
  added: z.int(),
  same: z.int(),
  conflicts: z.array(mergeConflictSchema),
})
export type MergePreview = z.infer<typeof mergePreviewSchema>

export const mergeSideSchema = z.enum(['ours', 'theirs'])
export type MergeSide = z.infer<typeof mergeSideSchema>

/** How far two authors agree on the clips that both decided. */
export const agreementSchema = z.object({
  first: z.string(),
  second: z.string(),
  clips: z.int(),
  agreed: z.int(),
  /** Cohen's kappa over what each would have the label be, `exclude` and `unsure` being answers too; null without clips. */
  kappa: z.number().nullable(),
  differing: z.array(
    z.object({ clipId: z.int(), fileName: z.string(), first: outcomeSchema, second: outcomeSchema }),
  ),
})
export type Agreement = z.infer<typeof agreementSchema>

/** A set of verdicts as a file, so that it can be applied to another copy of the dataset. */
export const verdictFileSchema = z.object({
  format: z.literal('soundfold-verdicts'),
  version: z.literal(1),
  name: verdictSetNameSchema,
  dataset: z.object({ name: z.string(), clips: z.int() }),
  writtenBy: z.string(),
  writtenAt: z.string(),
  verdicts: z.array(
    z.object({
      /** Path below the dataset's folder, with `/`. */
      clip: z.string().min(1),
      /** Of the audio file; null where it could not be read. */
      sha256: z
        .string()
        .regex(/^[0-9a-f]{64}$/)
        .nullable(),
      /** Name of the class that the clip had. */
      label: z.string(),
      author: authorSchema,
      decision: decisionSchema.nullable(),
      /** Name of the class that it should have; of `relabel` alone. */
      to: z.string().nullable(),
      note: noteSchema,
      final: z.boolean(),
      decidedAt: z.string(),
    }),
  ),
})
export type VerdictFile = z.infer<typeof verdictFileSchema>

/** Columns of a patch: what of a dataset's labels is to be changed. `new` is empty where a clip is excluded. */
export const PATCH_COLUMNS = ['clip', 'sha256', 'action', 'old', 'new', 'reason'] as const

/** Why a line of a patch or verdict file can't be applied. */
export const APPLY_CONFLICTS = [
  'missing',
  'ambiguous',
  'other-audio',
  'other-label',
  'unknown-class',
  'already-decided',
] as const
export const appliedSchema = z.object({
  setId: z.int().nullable().describe('null for a dry run that would make a new set'),
  setName: z.string(),
  /** Lines of the file. */
  entries: z.int(),
  applied: z.int(),
  /** That the set says already. */
  same: z.int(),
  conflicts: z.array(
    z.object({
      kind: z.enum(APPLY_CONFLICTS),
      /** As the file names it. */
      clip: z.string(),
      message: saidSchema,
    }),
  ),
  dryRun: z.boolean(),
})
export type Applied = z.infer<typeof appliedSchema>

/** What an export of an audit holds; each is a file of the folder. */
export const AUDIT_PARTS = ['metadata', 'patch', 'exclusions', 'verdicts', 'report'] as const
export const auditPartSchema = z.enum(AUDIT_PARTS)
export type AuditPart = z.infer<typeof auditPartSchema>

export const REVIEWS = ['others', 'disputed', 'unsure'] as const
export type Review = (typeof REVIEWS)[number]

/** Which clips are audited, and in which order. */
export const auditSourceSchema = z.union([
  /** The lowest probability of the given label first. */
  z.strictObject({ runId: z.string(), only: z.enum(['disagreements', 'all']).default('disagreements') }),
  /** As the library lists them. */
  z.strictObject({
    filter: clipFilterSchema,
    sort: clipSortSchema.default({ key: 'fileName', direction: 'asc' }),
  }),
  /** What a search for issues found, recording by recording, the worst first. */
  z.strictObject({ searchId: z.int(), issues: issueFilterSchema.default({}) }),
  /** What others than the author have decided; what is in dispute; what nobody is sure of. */
  z.strictObject({ setId: z.int(), only: z.enum(REVIEWS), author: authorSchema }),
  /** In the order given. */
  z.strictObject({ clipIds: z.array(z.int()).max(MOST_CHOSEN) }),
])
export type AuditSource = z.output<typeof auditSourceSchema>
