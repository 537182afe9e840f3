import type { MethodInput } from '../../contract/api.ts'
import {
  type AuditIssue,
  type AuditSearch,
  type IssueKind,
  type LabelMethod,
  type LabelScore,
  searchResultSchema,
} from '../../contract/audit-issues.ts'
import { issueKindTitle } from '../../contract/audit-words.ts'
import { SoundfoldError } from '../../contract/errors.ts'
import { writtenFileSchema } from '../../contract/report.ts'
import { count, MISSING, percent, plural } from '../../contract/words.ts'
import type { Core } from '../../core/create-core.ts'
import { table } from '../output.ts'
import { type GlobalOptions, namedOrLatestRun, pickDataset, runJob, withSession } from '../session.ts'
import { exportingTo } from './report.ts'

interface IssueOptions extends GlobalOptions {
  dataset?: string
  kind?: IssueKind[]
  method: LabelMethod
  score: LabelScore
  recipe?: string
  limit: number
  out?: string
}

export function auditIssues(
  runs: string[],
  { dataset, kind, method, score, recipe, limit, out, ...options }: IssueOptions,
): Promise<void> {
  return withSession(exportingTo(options, out), async (session) => {
    const { core, output } = session
    if (out !== undefined && !out.toLowerCase().endsWith('.csv'))
      throw new SoundfoldError('invalid-input', `${out} does not say what to write by its ending.`, {
        hint: 'It must end with .csv.',
      })
    const request: MethodInput<'audit.search'> = {
      ...(dataset === undefined ? {} : { datasetId: (await pickDataset(core, dataset)).id }),
      runIds: runs.length > 0 || dataset !== undefined ? runs : [await namedOrLatestRun(core, undefined)],
      settings: {
        method,
        score,
        ...(recipe === undefined ? {} : { recipe }),
        ...(kind ? { kinds: kind } : {}),
      },
    }
    const { searchId } = searchResultSchema.parse((await runJob(session, 'audit.search', request)).result)
    const search = await core.call('audit.getSearch', { searchId })
    const issues = await allIssues(core, searchId)
    if (out !== undefined) {
      const written = await runJob(session, 'audit.issuesFile', { searchId })
      output.note(`Written to ${writtenFileSchema.parse(written.result).file}`)
    }
    output.result({ search, issues }, () => describe(search, issues, limit))
  })
}

const PAGE = 500

async function allIssues(core: Core, searchId: number): Promise<AuditIssue[]> {
  const issues: AuditIssue[] = []
  for (;;) {
    const { rows } = await core.call('audit.issues', { searchId, offset: issues.length, limit: PAGE })
    issues.push(...rows)
    if (rows.length < PAGE) return issues
  }
}

function describe(search: AuditSearch, issues: readonly AuditIssue[], limit: number): string {
  const { labels } = search
  const byKind = [...Map.groupBy(issues, ({ kind }) => kind)]
  return [
    ...(labels
      ? [
          `${plural(labels.clips, ['clip', 'clips'])} of ${plural(labels.recordings, ['recording', 'recordings'])} held against ${plural(search.runIds.length, ['run', 'runs'])}; an estimated ${plural(labels.estimatedErrors, ['label', 'labels'])} wrong (${percent(labels.estimatedErrors / labels.clips)}).`,
        ]
      : []),
    ...search.notes,
    issues.length === 0
      ? 'Nothing was found.'
      : table(
          ['kind', 'issues', 'errors'],
          byKind.map(([kind, own]) => [
            issueKindTitle(kind),
            count(own.length),
            count(own.filter(({ severity }) => severity === 'error').length),
          ]),
          [1, 2],
        ),
    ...byKind.map(([kind, own]) => describeKind(kind, own, limit)),
  ].join('\n\n')
}

function describeKind(kind: IssueKind, issues: readonly AuditIssue[], limit: number): string {
  const shown = issues.slice(0, limit)
  const rest = issues.length - shown.length
  return [
    `${issueKindTitle(kind)}:`,
    table(
      ['file', 'recording', 'fold', 'class', 'suggested', 'score', ''],
      shown.map((issue) => [
        issue.fileName,
        issue.recording ?? MISSING,
        String(issue.fold),
        issue.className,
        issue.suggestedClassName ?? MISSING,
        issue.score.toFixed(3),
        `${issue.severity === 'error' ? '! ' : '  '}${issue.message}`,
      ]),
      [2, 5],
    ),
    ...(rest > 0 ? [`… and ${count(rest)} more: --limit, --out or --json shows them.`] : []),
  ].join('\n')
}
