import { z } from 'zod'
import { saidSchema } from './said.ts'

/** What a search finds in a dataset: labels that a run's predictions contradict, and clips that something else is wrong with. */

/** In the order in which they are listed. */
export const ISSUE_KINDS = [
  'label',
  'recording-label',
  'conflicting-recording',
  'overlapping-labels',
  'recording-crosses-folds',
  'exact-duplicate',
  'near-duplicate',
  'outlier',
  'silence',
  'clipping',
  'too-short',
  'wrong-duration',
  'band-limited',
  'mono-in-stereo',
] as const
export const issueKindSchema = z.enum(ISSUE_KINDS)
export type IssueKind = z.infer<typeof issueKindSchema>

/** Those that take the predictions of runs. */
export const LABEL_KINDS = ['label', 'recording-label'] as const satisfies readonly IssueKind[]
/** Those that take a look at every clip's audio. */
export const AUDIO_KINDS = [
  'near-duplicate',
  'outlier',
  'silence',
  'clipping',
  'band-limited',
  'mono-in-stereo',
] as const satisfies readonly IssueKind[]

/** Which clips are taken for wrongly labelled (Northcutt et al. 2021, section 3.2; the names are cleanlab's). */
export const LABEL_METHODS = ['prune-by-noise-rate', 'prune-by-class', 'both', 'confident-learning'] as const
export const labelMethodSchema = z.enum(LABEL_METHODS)
export type LabelMethod = z.infer<typeof labelMethodSchema>

/** How they are ranked: by how well a label goes with the predictions. */
export const LABEL_SCORES = ['self-confidence', 'normalized-margin', 'confidence-weighted-entropy'] as const
export const labelScoreSchema = z.enum(LABEL_SCORES)
export type LabelScore = z.infer<typeof labelScoreSchema>

export const ISSUE_SEVERITIES = ['error', 'warning'] as const
export const issueSeveritySchema = z.enum(ISSUE_SEVERITIES)
export type IssueSeverity = z.infer<typeof issueSeveritySchema>

export const searchSettingsSchema = z.strictObject({
  method: labelMethodSchema.default('prune-by-noise-rate'),
  score: labelScoreSchema.default('self-confidence'),
  /** All where left out. */
  kinds: z
    .array(issueKindSchema)
    .min(1)
    .default([...ISSUE_KINDS]),
  /** Feature recipe, such as an embedding, by which near duplicates and outliers are looked for; clip-level numbers where null. */
  recipe: z.string().nullable().default(null),
})
export type SearchSettings = z.infer<typeof searchSettingsSchema>

const matrix = z.array(z.array(z.number()))

/** What the runs' predictions say of the labels as a whole. Rows and columns are in the order of `classes`. */
export const labelNoiseSchema = z.object({
  classes: z.array(z.object({ id: z.int(), name: z.string() })),
  clips: z.int(),
  recordings: z.int(),
  /** Clips by given label (row) and estimated true class (column); rows sum to the clips of each label. */
  joint: z.array(z.array(z.int())),
  /** P(given = row | true = column). */
  noise: matrix,
  /** P(true = row | given = column). */
  inverseNoise: matrix,
  /** P(true), estimated. */
  prior: z.array(z.number()),
  /** Mean probability of a class over the clips labelled with it; null for a class without clips. */
  thresholds: z.array(z.number().nullable()),
  /** Clips off the joint's diagonal. */
  estimatedErrors: z.int(),
})
export type LabelNoise = z.infer<typeof labelNoiseSchema>

export const issueCountSchema = z.object({
  kind: issueKindSchema,
  severity: issueSeveritySchema,
  count: z.int(),
})

export const auditSearchSchema = z.object({
  id: z.int(),
  datasetId: z.int(),
  datasetName: z.string(),
  createdAt: z.string(),
  /** Whose predictions were averaged; empty for a search of the data alone. */
  runIds: z.array(z.string()),
  settings: searchSettingsSchema,
  /** Null without runs. */
  labels: labelNoiseSchema.nullable(),
  counts: z.array(issueCountSchema),
  /** What was left out and why, in sentences. */
  notes: z.array(saidSchema),
})
export type AuditSearch = z.infer<typeof auditSearchSchema>

/** What predictions say of a label; `probabilities` has the most probable classes and the label, the highest first. */
export const labelEvidenceSchema = z.object({
  selfConfidence: z.number().describe('0..1, low for a label that is doubted, as the other two'),
  normalizedMargin: z.number().describe('0..1'),
  confidenceWeightedEntropy: z.number().describe('0..1'),
  probabilities: z.array(z.object({ classId: z.int(), probability: z.number() })),
})
export type LabelEvidence = z.infer<typeof labelEvidenceSchema>

export const auditIssueSchema = z.object({
  id: z.int(),
  kind: issueKindSchema,
  severity: issueSeveritySchema,
  /** Where an issue is of several clips, the one to look at first. */
  clipId: z.int(),
  fileName: z.string(),
  recording: z.string().nullable(),
  fold: z.int(),
  /** The label that was looked at. */
  classId: z.int(),
  className: z.string(),
  /** What to label it instead, where that can be said. */
  suggestedClassId: z.int().nullable(),
  suggestedClassName: z.string().nullable(),
  /** 0..1, the worst 0; only issues of one kind compare. */
  score: z.number(),
  /** What was found, in a sentence. */
  message: saidSchema,
  /** The other clips it is about; at most 100 of `relatedTotal`. */
  relatedClipIds: z.array(z.int()),
  relatedTotal: z.int(),
  label: labelEvidenceSchema.nullable(),
})
export type AuditIssue = z.infer<typeof auditIssueSchema>

export const issueFilterSchema = z.strictObject({
  kinds: z.array(issueKindSchema).optional(),
  severities: z.array(issueSeveritySchema).optional(),
  /** Labels as given. */
  classIds: z.array(z.int()).optional(),
  suggestedClassIds: z.array(z.int()).optional(),
  folds: z.array(z.int()).optional(),
  recordings: z.array(z.string().max(1000)).optional(),
})
export type IssueFilter = z.infer<typeof issueFilterSchema>

/** Worst first, or the same with the issues of one recording together, recordings by their worst. */
export const ISSUE_ORDERS = ['rank', 'recording'] as const
export const issueOrderSchema = z.enum(ISSUE_ORDERS)
export type IssueOrder = z.infer<typeof issueOrderSchema>

export const issuePageSchema = z.object({ total: z.int(), rows: z.array(auditIssueSchema) })
export const issuesQuerySchema = z.strictObject({
  searchId: z.int(),
  filter: issueFilterSchema.default({}),
  order: issueOrderSchema.default('rank'),
  offset: z.int().min(0).default(0),
  limit: z.int().min(1).max(500).default(100),
})
export const searchRequestSchema = z.strictObject({
  /** Needed where no run is named; else the runs'. */
  datasetId: z.int().optional(),
  /** Of one dataset. */
  runIds: z.array(z.string()).max(32).default([]),
  settings: searchSettingsSchema.default(searchSettingsSchema.parse({})),
})
/** Of a job of kind `audit`. */
export const searchResultSchema = z.object({ searchId: z.int(), issues: z.int() })
export type SearchRequest = z.infer<typeof searchRequestSchema>
export type SearchResult = z.infer<typeof searchResultSchema>
