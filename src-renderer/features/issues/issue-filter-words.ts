import type { IssueFilter } from '../../../src-main/contract/audit-issues.ts'
import { issueKindTitle } from '../../../src-main/contract/audit-words.ts'
import type { Dataset } from '../../../src-main/contract/model.ts'
import { className, foldWords } from '../../lib/format.ts'

const SEVERITIES = { error: /* @wc-include */ 'errors', warning: /* @wc-include */ 'warnings' } as const
export const SEVERITY_WORDS = {
  error: /* @wc-include */ 'error',
  warning: /* @wc-include */ 'warning',
} as const

/** How a list of issues is narrowed, in a few words; empty where it is not. */
export function issueFilterWords(filter: IssueFilter, { classes }: Pick<Dataset, 'classes'>): string {
  const nameOf = (id: number) => className(classes.find((info) => info.id === id)?.name ?? String(id))
  return [
    ...(filter.kinds ?? []).map((kind) => issueKindTitle(kind).toLowerCase()),
    ...(filter.severities ?? []).map((severity) => SEVERITIES[severity]),
    ...(filter.classIds ?? []).map((id) => `labelled ${nameOf(id)}`),
    ...(filter.suggestedClassIds ?? []).map((id) => `suggested ${nameOf(id)}`),
    ...(filter.folds ? [foldWords(filter.folds)] : []),
    ...(filter.recordings ?? []).map((recording) => `recording ${recording}`),
  ].join(', ')
}
