import type { AuditIssue, IssueKind } from '../../../src-main/contract/audit-issues.ts'
import { LABEL_KINDS } from '../../../src-main/contract/audit-issues.ts'
import { issueKindTitle } from '../../../src-main/contract/audit-words.ts'
import type { Column } from '../../lib/components/table/columns.ts'
import { className, MISSING } from '../../lib/format.ts'

type IssueColumn = Column<AuditIssue, never>

const KIND: IssueColumn = {
  key: 'kind',
  title: 'Issue',
  track: '178px',
  text: ({ kind }) => issueKindTitle(kind),
}
const FILE: IssueColumn = {
  key: 'file',
  title: 'File',
  track: 'minmax(120px, 1fr)',
  text: ({ fileName }) => fileName,
}
const REST: readonly IssueColumn[] = [
  {
    key: 'recording',
    title: 'Recording',
    track: '92px',
    fromWidth: 620,
    text: ({ recording }) => recording ?? MISSING,
  },
  {
    key: 'fold',
    title: 'Fold',
    track: '48px',
    align: 'end',
    fromWidth: 560,
    text: ({ fold }) => String(fold),
  },
  { key: 'class', title: 'Label', track: 'minmax(100px, 0.8fr)', text: (row) => className(row.className) },
]
const SUGGESTED: IssueColumn = {
  key: 'suggested',
  title: 'Suggested',
  track: 'minmax(100px, 0.8fr)',
  text: ({ suggestedClassName }) => (suggestedClassName === null ? MISSING : className(suggestedClassName)),
}
const SCORE: IssueColumn = {
  key: 'score',
  title: 'Score',
  track: '64px',
  align: 'end',
  text: ({ score }) => score.toFixed(3),
}
const MESSAGE: IssueColumn = {
  key: 'message',
  title: 'What was found',
  track: 'minmax(180px, 2.4fr)',
  fromWidth: 720,
  text: ({ message }) => message,
}

export const isLabelKind = (kind: IssueKind): boolean => LABEL_KINDS.some((known) => known === kind)

/** Of doubted labels, what they might be and the score; of others, what was found in words. */
export function issueColumns(kind: IssueKind | undefined): readonly IssueColumn[] {
  if (kind === undefined) return [KIND, FILE, ...REST, MESSAGE]
  return isLabelKind(kind) ? [FILE, ...REST, SUGGESTED, SCORE] : [FILE, ...REST, MESSAGE]
}
