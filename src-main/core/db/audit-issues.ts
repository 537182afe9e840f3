import { z } from 'zod'
import {
  type AuditIssue,
  type AuditSearch,
  auditIssueSchema,
  auditSearchSchema,
  type IssueFilter,
  type IssueOrder,
  issueCountSchema,
  labelEvidenceSchema,
  labelNoiseSchema,
  searchSettingsSchema,
} from '../../contract/audit-issues.ts'
import { notThere, SoundfoldError } from '../../contract/errors.ts'
import { pause } from '../steps.ts'
import { ROWS_A_STEP, removeHidden, show } from './hidden.ts'
import type { Database } from './open.ts'
import { all, get, json, run, type SqlParameters, transaction } from './query.ts'

/** An issue as a search finds it. */
export interface Finding
  extends Pick<
    AuditIssue,
    'kind' | 'severity' | 'clipId' | 'classId' | 'suggestedClassId' | 'score' | 'message' | 'label'
  > {
  /** The other clips it is about. */
  readonly related: readonly number[]
}

/** Related clips that are kept of an issue. */
const MOST_RELATED = 100

/**
 * Keeps a search with what it found, worst first, in steps; nothing of it shows before all of it is there.
 * @param findings - some at a time
 * @returns its id
 * @throws the signal's reason, with nothing kept
 */
export async function saveSearch(
  db: Database,
  search: Pick<AuditSearch, 'datasetId' | 'runIds' | 'settings' | 'labels' | 'notes'>,
  findings: Iterable<readonly Finding[]>,
  signal?: AbortSignal,
  onKept: (count: number) => void = () => {},
): Promise<number> {
  const { id } = run(
    db,
    `INSERT INTO audit_searches (dataset_id, run_ids, settings, labels, notes, created_at, hidden)
     VALUES (@datasetId, @runIds, @settings, @labels, @notes, @now, 1)`,
    {
      datasetId: search.datasetId,
      runIds: JSON.stringify(search.runIds),
      settings: JSON.stringify(search.settings),
      labels: search.labels && JSON.stringify(search.labels),
      notes: JSON.stringify(search.notes),
      now: new Date().toISOString(),
    },
  )
  try {
    let kept = 0
    for (const some of findings)
      for (let first = 0; first < some.length; first += ROWS_A_STEP) {
        const step = some.slice(first, first + ROWS_A_STEP)
        transaction(db, () => insertFindings(db, id, step))
        kept += step.length
        onKept(kept)
        await pause(signal)
      }
    show(db, 'search', id)
    return id
  } catch (error) {
    // Where the database is closed, the next process removes it.
    if (db.open) await removeHidden(db, 'search', id)
    throw error
  }
}

function insertFindings(db: Database, searchId: number, findings: readonly Finding[]): void {
  for (const { related, label, ...finding } of findings)
    run(
      db,
      `INSERT INTO audit_issues (search_id, kind, severity, clip_id, class_id, suggested_class_id, score, message,
         related, related_total, label)
       VALUES (@searchId, @kind, @severity, @clipId, @classId, @suggestedClassId, @score, @message,
         @related, @relatedTotal, @label)`,
      {
        ...finding,
        searchId,
        related: JSON.stringify(related.slice(0, MOST_RELATED)),
        relatedTotal: related.length,
        label: label && JSON.stringify(label),
      },
    )
}

const searchRowSchema = auditSearchSchema.extend({
  runIds: json(auditSearchSchema.shape.runIds),
  settings: json(searchSettingsSchema),
  labels: json(labelNoiseSchema).nullable(),
  counts: json(z.array(issueCountSchema)),
  notes: json(auditSearchSchema.shape.notes),
})
const SELECT_SEARCH = `SELECT searches.id, searches.dataset_id AS datasetId, datasets.name AS datasetName,
    searches.created_at AS createdAt, run_ids AS runIds, settings, labels, notes,
    (SELECT json_group_array(json_object('kind', kind, 'severity', severity, 'count', found)) FROM (
      SELECT kind, severity, COUNT(*) AS found FROM audit_issues WHERE search_id = searches.id
      GROUP BY kind, severity ORDER BY MIN(id))) AS counts
  FROM audit_searches AS searches JOIN datasets ON datasets.id = searches.dataset_id`

/** Newest first. */
export function listSearches(db: Database, datasetId?: number): AuditSearch[] {
  const of = datasetId === undefined ? '' : 'AND searches.dataset_id = @datasetId'
  const parameters: SqlParameters = datasetId === undefined ? {} : { datasetId }
  return all(
    db,
    searchRowSchema,
    `${SELECT_SEARCH} WHERE NOT hidden ${of} ORDER BY searches.id DESC`,
    parameters,
  )
}

/** @throws SoundfoldError not-found */
export function getSearch(db: Database, id: number): AuditSearch {
  const found = get(db, searchRowSchema, `${SELECT_SEARCH} WHERE NOT hidden AND searches.id = @id`, { id })
  if (!found) throw notThere('search', id)
  return found
}

const among = (column: string, key: keyof IssueFilter) =>
  `${column} IN (SELECT value FROM json_each(@${key}))`
/** Each filter as a condition; its values are bound. */
const CONDITIONS: Record<keyof IssueFilter, string> = {
  kinds: among('issues.kind', 'kinds'),
  severities: among('issues.severity', 'severities'),
  classIds: among('issues.class_id', 'classIds'),
  suggestedClassIds: among('issues.suggested_class_id', 'suggestedClassIds'),
  folds: among('clips.fold', 'folds'),
  recordings: among('clips.recording', 'recordings'),
}
const KEYS = [
  'kinds',
  'severities',
  'classIds',
  'suggestedClassIds',
  'folds',
  'recordings',
] as const satisfies (keyof IssueFilter)[]

const issueRowSchema = auditIssueSchema.extend({
  relatedClipIds: json(auditIssueSchema.shape.relatedClipIds),
  label: json(labelEvidenceSchema).nullable(),
})

const SELECT_ISSUE = `SELECT issues.id, issues.kind, issues.severity, clips.id AS clipId, clips.file_name AS fileName,
    clips.recording, clips.fold, issues.class_id AS classId, COALESCE(given.name, issues.class_id || '') AS className,
    issues.suggested_class_id AS suggestedClassId, suggested.name AS suggestedClassName, issues.score, issues.message,
    issues.related AS relatedClipIds, issues.related_total AS relatedTotal, issues.label
  FROM audit_issues AS issues JOIN clips ON clips.id = issues.clip_id
  LEFT JOIN classes AS given ON given.dataset_id = clips.dataset_id AND given.class_id = issues.class_id
  LEFT JOIN classes AS suggested
    ON suggested.dataset_id = clips.dataset_id AND suggested.class_id = issues.suggested_class_id`

/** @throws SoundfoldError not-found */
export function getIssue(db: Database, id: number): AuditIssue {
  const found = get(db, issueRowSchema, `${SELECT_ISSUE} WHERE issues.id = @id`, { id })
  if (!found)
    throw new SoundfoldError('not-found', 'This issue is no longer there: its search or clip was removed.', {
      hint: 'Look for issues again.',
    })
  return found
}

/** The clips that issues are of, the others of each included. @throws SoundfoldError not-found */
export function issueClips(db: Database, searchId: number, filter: IssueFilter): number[] {
  getSearch(db, searchId)
  const { from, parameters } = narrowed(searchId, filter)
  return all(
    db,
    z.object({ id: z.int() }),
    `WITH found AS (SELECT issues.clip_id, issues.related ${from})
     SELECT clip_id AS id FROM found UNION SELECT related.value FROM found, json_each(found.related) AS related`,
    parameters,
  ).map(({ id }) => id)
}

function narrowed(searchId: number, filter: IssueFilter): { from: string; parameters: SqlParameters } {
  const parameters: SqlParameters = { searchId }
  const conditions = ['issues.search_id = @searchId']
  for (const key of KEYS) {
    const value = filter[key]
    if (value === undefined) continue
    parameters[key] = JSON.stringify(value)
    conditions.push(CONDITIONS[key])
  }
  const from = `FROM audit_issues AS issues JOIN clips ON clips.id = issues.clip_id WHERE ${conditions.join(' AND ')}`
  return { from, parameters }
}

/** A part of what a search found. */
export function issuesOf(
  db: Database,
  searchId: number,
  filter: IssueFilter,
  { order, offset, limit }: { order: IssueOrder; offset: number; limit: number },
): { total: number; rows: AuditIssue[] } {
  const { from, parameters } = narrowed(searchId, filter)
  const count = get(db, z.object({ total: z.int() }), `SELECT COUNT(*) AS total ${from}`, parameters)
  // A clip of no known recording is one by itself.
  const group = 'PARTITION BY clips.recording, CASE WHEN clips.recording IS NULL THEN clips.id END'
  const worst = order === 'recording' ? `MIN(issues.id) OVER (${group})` : 'issues.id'
  const rows = all(
    db,
    issueRowSchema,
    `${SELECT_ISSUE} JOIN (SELECT issues.id, ${worst} AS place ${from} ORDER BY place, issues.id LIMIT @limit OFFSET @offset)
       AS wanted ON wanted.id = issues.id
     ORDER BY wanted.place, issues.id`,
    { ...parameters, limit, offset },
  )
  return { total: count?.total ?? 0, rows }
}
