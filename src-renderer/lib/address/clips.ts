import { ISSUE_KINDS, ISSUE_SEVERITIES, type IssueFilter } from '../../../src-main/contract/audit-issues.ts'
import {
  CLIP_SORT_KEYS,
  CLIP_VERDICTS,
  type ClipFilter,
  type ClipSort,
  PROBLEM_CODES,
} from '../../../src-main/contract/model.ts'
import {
  decimal,
  flag,
  nested,
  number,
  numbers,
  numbersOf,
  type Part,
  type Parts,
  someOf,
  text,
  texts,
} from './parts.ts'

export const DEFAULT_SORT: ClipSort = { key: 'fileName', direction: 'asc' }

/** A run's id after 1 (right) or 0 (wrong). */
const against: Part<NonNullable<ClipFilter['against']>> = {
  read(params) {
    const [, digit, runId] = /^([01]).(.+)$/s.exec(params.get('against') ?? '') ?? []
    return runId === undefined ? undefined : { runId, correct: digit === '1' }
  },
  write: ({ runId, correct }, params) => params.append('against', `${correct ? 1 : 0}-${runId}`),
}

export const clipFilter = nested<ClipFilter>({
  classIds: numbers('class'),
  folds: numbers('fold'),
  saliences: numbersOf('salience', [1, 2]),
  text: text('q', 200),
  recordings: texts('recording'),
  sampleRatesHz: numbers('rate'),
  channels: numbers('channels'),
  durationFromSeconds: decimal('from'),
  durationBelowSeconds: decimal('below'),
  formats: texts('format'),
  withProblems: flag('problems'),
  problemCodes: someOf('problem', PROBLEM_CODES),
  tags: texts('tag'),
  withTags: flag('tagged'),
  chosenId: text('chosen', 64),
  verdictSetId: number('verdicts'),
  verdicts: someOf('verdict', CLIP_VERDICTS),
  runId: text('run'),
  predictedClassIds: numbers('predicted'),
  correct: flag('correct'),
  confidenceFrom: decimal('surefrom', 1),
  confidenceBelow: decimal('surebelow', 1),
  against,
})

/** A key, after a minus where it falls. */
export const clipSort = {
  read(params: URLSearchParams): ClipSort {
    const written = params.get('sort')
    const name = written?.replace(/^-/, '')
    const key = CLIP_SORT_KEYS.find((known) => known === name)
    return key ? { key, direction: written?.startsWith('-') ? 'desc' : 'asc' } : DEFAULT_SORT
  },
  write({ key, direction }: ClipSort, params: URLSearchParams): void {
    if (key !== DEFAULT_SORT.key || direction !== DEFAULT_SORT.direction)
      params.append('sort', (direction === 'desc' ? '-' : '') + key)
  },
}

export const ISSUE_FILTER: Parts<IssueFilter> = {
  kinds: someOf('kind', ISSUE_KINDS),
  severities: someOf('severity', ISSUE_SEVERITIES),
  classIds: numbers('class'),
  suggestedClassIds: numbers('suggested'),
  folds: numbers('fold'),
  recordings: texts('recording'),
}
