import { writeFile } from 'node:fs/promises'
import type { AuditIssue, IssueFilter } from '../../contract/audit-issues.ts'
import { csvText } from '../../contract/csv.ts'
import { getIssue, getSearch, issuesOf, listSearches } from '../db/audit-issues.ts'
import { getDataset } from '../db/datasets.ts'
import { hide, removeHidden } from '../db/hidden.ts'
import type { Database } from '../db/open.ts'
import { exportPlace } from '../export/names.ts'
import { makeFile } from '../export/new-folder.ts'
import type { HandlerParts, Handlers } from '../handlers.ts'
import { datasetOfSearch, searchIssues } from './issue-search.ts'

type Parts = Pick<HandlerParts, 'options' | 'db' | 'jobs' | 'evaluations' | 'features' | 'recipes' | 'tell'>
type IssueMethod =
  | 'audit.search'
  | 'audit.searches'
  | 'audit.getSearch'
  | 'audit.removeSearch'
  | 'audit.issues'
  | 'audit.issue'
  | 'audit.issuesFile'

/** What looks for issues, and answers what was found. */
export function issueHandlers(parts: Parts): Pick<Handlers, IssueMethod> {
  const { options, db, jobs, recipes, tell } = parts
  const changed = () => tell({ name: 'changed', payload: { topic: 'issues' } })
  return {
    'audit.search': (request) => {
      const { name } = getDataset(db, datasetOfSearch(db, request))
      // A recipe that is not there is said at once.
      if (request.settings.recipe !== null) recipes.named(request.settings.recipe)
      const job = jobs.start({
        kind: 'audit',
        title: `Look for issues in ${name}`,
        work: async (context) => {
          const result = await searchIssues(parts, request, context)
          changed()
          return result
        },
      })
      return { jobId: job.id }
    },
    'audit.searches': ({ datasetId }) => listSearches(db, datasetId),
    'audit.getSearch': ({ searchId }) => getSearch(db, searchId),
    'audit.removeSearch': async ({ searchId }) => {
      const removed = hide(db, 'search', searchId)
      if (!removed) return { removed }
      changed()
      await removeHidden(db, 'search', searchId)
      return { removed }
    },
    'audit.issues': ({ searchId, filter, ...part }) => {
      getSearch(db, searchId)
      return issuesOf(db, searchId, filter, part)
    },
    'audit.issue': ({ issueId }) => getIssue(db, issueId),
    'audit.issuesFile': ({ searchId, filter }) => {
      const { datasetName } = getSearch(db, searchId)
      const target = exportPlace(options, [datasetName, 'issues'], '.csv')
      const job = jobs.start({
        kind: 'export',
        title: `Issues of ${datasetName}`,
        work: ({ signal }) =>
          makeFile(target, async (path) => {
            const rows: (string | number)[][] = []
            for (const issue of everyIssue(db, searchId, filter)) {
              signal.throwIfAborted()
              rows.push(csvRow(issue))
            }
            await writeFile(path, csvText([COLUMNS, ...rows]), { flush: true })
          }),
      })
      return { jobId: job.id }
    },
  }
}

const PAGE = 500

function* everyIssue(db: Database, searchId: number, filter: IssueFilter): Generator<AuditIssue> {
  for (let offset = 0; ; offset += PAGE) {
    const { rows } = issuesOf(db, searchId, filter, { order: 'rank', offset, limit: PAGE })
    yield* rows
    if (rows.length < PAGE) return
  }
}

const COLUMNS = [
  ...[
    'kind',
    'severity',
    'file',
    'recording',
    'fold',
    'class_id',
    'class',
    'suggested_class_id',
    'suggested_class',
  ],
  ...[
    'score',
    'self_confidence',
    'normalized_margin',
    'confidence_weighted_entropy',
    'message',
    'other_clips',
  ],
]

const csvRow = (issue: AuditIssue): (string | number)[] => [
  issue.kind,
  issue.severity,
  issue.fileName,
  issue.recording ?? '',
  issue.fold,
  issue.classId,
  issue.className,
  issue.suggestedClassId ?? '',
  issue.suggestedClassName ?? '',
  issue.score,
  issue.label?.selfConfidence ?? '',
  issue.label?.normalizedMargin ?? '',
  issue.label?.confidenceWeightedEntropy ?? '',
  issue.message,
  issue.relatedTotal,
]
