import {
  ISSUE_KINDS,
  ISSUE_SEVERITIES,
  type IssueFilter,
  type IssueKind,
  type IssueSeverity,
} from '../../src-main/contract/audit-issues.ts'
import { AUDITED_BASES } from '../../src-main/contract/label-basis.ts'
import {
  CLIP_SORT_KEYS,
  CLIP_VERDICTS,
  type ClipFilter,
  type ClipSort,
  PROBLEM_CODES,
} from '../../src-main/contract/model.ts'
import { REVIEWS, type Review } from '../../src-main/contract/verdict.ts'

/**
 * Where the person is, as the address after `#` says it: `#/library?class=3,4&sort=-durationSeconds&clip=12`.
 * Everything that a reload or a link should bring back is in here; unknown or malformed parts are left out.
 */
export type Route =
  | ({ screen: 'library'; clipId?: number; view?: 'grid' | 'overview' } & ClipsRoute)
  | ({ screen: 'clip'; clipId: number } & ClipsRoute)
  | { screen: 'dataset'; datasetId?: number; code?: (typeof PROBLEM_CODES)[number] }
  | { screen: 'import' }
  | { screen: 'train'; datasetId?: number; from?: string }
  | { screen: 'recipes'; datasetId?: number; clipId?: number; left?: string; right?: string }
  | ({ screen: 'runs'; runId?: string; cell?: MatrixCell; clipId?: number } & RunView)
  | { screen: 'compare'; runIds: readonly string[]; labels?: (typeof AUDITED_BASES)[number] }
  | { screen: 'sweeps'; sweepId?: string }
  | { screen: 'clips'; clipIds: readonly number[] }
  | { screen: 'predict'; jobId?: number; runId?: string }
  | { screen: 'history'; datasetId?: number; clipId?: number }
  | ({ screen: 'queue' } & QueueRoute)
  | ({ screen: 'issues' } & IssuesRoute)
  | ({ screen: 'map' } & MapRoute)
  | { screen: 'settings' }

/** Clips that are looked at beside each other. */
export const MOST_BESIDE = 8

export type Screen = Route['screen']

/** Which search for issues is looked at (the latest when left out), and how it is narrowed. */
export interface IssuesRoute {
  datasetId?: number
  searchId?: number
  kind?: IssueKind
  severity?: IssueSeverity
  classId?: number
  suggestedId?: number
  fold?: number
  recording?: string
  order?: 'recording'
  issueId?: number
  /** Another of the issue's clips than its first. */
  clipId?: number
}

/** A map by a run's network, that of its first fold when left out, or by features. */
export interface MapRoute {
  datasetId?: number
  runId?: string
  /** That the network held out. */
  fold?: number
  clipId?: number
}

/** A list of clips. */
export interface ClipsRoute {
  datasetId?: number
  filter: ClipFilter
  sort: ClipSort
}

/** Which clips are audited for which set of verdicts; without both, they are to be chosen. */
export interface QueueRoute {
  datasetId?: number
  setId?: number
  source?: QueueSource
  /** Without the label and predictions, or without what others say; all is shown when left out. */
  mode?: QueueMode
  clipId?: number
}
export const QUEUE_MODES = ['blind', 'second'] as const
export type QueueMode = (typeof QUEUE_MODES)[number]
export type QueueSource =
  | { from: 'run'; runId: string; only?: 'all' }
  | { from: 'search'; searchId: number; filter?: IssueFilter }
  | { from: 'set'; only: Review }
  | { from: 'library'; filter: ClipFilter; sort: ClipSort }
  | { from: 'clips'; clipIds: number[] }

/** How a run's figures are looked at; what is left out is as the screen opens. */
export interface RunView {
  tab?: Exclude<RunTab, 'confusion'>
  /** Of the matrix' cells: shares of their row or column, not counts. */
  matrix?: 'rows' | 'columns'
  order?: 'similarity'
  /** That the matrix, classes and curves are of; all when left out. */
  folds?: readonly number[]
}
export const RUN_TABS = ['confusion', 'folds', 'classes', 'curves', 'slices'] as const
export type RunTab = (typeof RUN_TABS)[number]

/** A cell of the confusion matrix: clips of one class that were predicted as another or the same. */
export interface MatrixCell {
  trueClassId: number
  predictedClassId: number
}

export const DEFAULT_SORT: ClipSort = { key: 'fileName', direction: 'asc' }

export function libraryRoute(parts: Partial<Omit<Route & { screen: 'library' }, 'screen'>> = {}): Route {
  return { screen: 'library', filter: {}, sort: DEFAULT_SORT, ...parts }
}

/** @param hash - `location.hash`, with or without its `#` */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2)
  const params = new URLSearchParams(query)
  const [screen, id] = path.split('/').map(decode)
  const datasetId = integer(params.get('dataset'))
  const clipId = integer(params.get('clip'))
  const clips = (): ClipsRoute =>
    defined({ datasetId, filter: parseFilter(params), sort: parseSort(params.get('sort')) })
  switch (screen) {
    case 'clip': {
      const shown = integer(id ?? null)
      return shown === undefined ? libraryRoute(clips()) : { screen, clipId: shown, ...clips() }
    }
    case 'dataset':
      return defined({ screen, datasetId, code: PROBLEM_CODES.find((code) => code === params.get('code')) })
    case 'import':
    case 'settings':
      return { screen }
    case 'train':
      return defined({ screen, datasetId, from: params.get('from') || undefined })
    case 'recipes':
      return defined({
        screen,
        datasetId,
        clipId,
        left: params.get('left') || undefined,
        right: params.get('right') || undefined,
      })
    case 'clips':
      return { screen, clipIds: integers(params.get('ids'))?.slice(0, MOST_BESIDE) ?? [] }
    case 'predict':
      return defined({ screen, jobId: integer(params.get('job')), runId: params.get('run') || undefined })
    case 'history':
      return defined({ screen, datasetId, clipId })
    case 'map':
      return defined({
        screen,
        datasetId,
        runId: params.get('run') || undefined,
        fold: integer(params.get('fold')),
        clipId,
      })
    case 'sweeps':
      return defined({ screen, sweepId: id || undefined })
    case 'runs':
      if (!id) return { screen }
      return defined({
        screen,
        runId: id,
        cell: parseCell(params),
        clipId,
        ...parseView(params),
      })
    case 'audit':
      if (id === 'queue')
        return defined({
          screen: 'queue' as const,
          datasetId,
          setId: integer(params.get('set')),
          source: parseSource(params, clips),
          mode: QUEUE_MODES.find((mode) => mode === params.get('mode')),
          clipId,
        })
      return defined({
        screen: 'issues' as const,
        datasetId,
        clipId,
        searchId: integer(params.get('search')),
        kind: ISSUE_KINDS.find((kind) => kind === params.get('kind')),
        severity: ISSUE_SEVERITIES.find((known) => known === params.get('severity')),
        classId: integer(params.get('class')),
        suggestedId: integer(params.get('suggested')),
        fold: integer(params.get('fold')),
        recording: params.get('recording') || undefined,
        order: params.get('order') === 'recording' ? ('recording' as const) : undefined,
        issueId: integer(params.get('issue')),
      })
    case 'compare':
      return defined({
        screen,
        runIds: params.get('runs')?.split(',').filter(Boolean) ?? [],
        labels: AUDITED_BASES.find((basis) => basis === params.get('labels')),
      })
    default:
      return defined({
        screen: 'library' as const,
        ...clips(),
        clipId,
        view: (['grid', 'overview'] as const).find((known) => known === params.get('view')),
      })
  }
}

/** @returns with the leading `#`; `parseRoute` gives the same route back */
export function formatRoute(route: Route): string {
  const params = new URLSearchParams()
  const set = (key: string, value: string | number | undefined) => {
    // Recordings may hold commas, so each is a parameter of its own.
    if (value !== undefined && value !== '') params.append(key, String(value))
  }
  let path: string = route.screen
  switch (route.screen) {
    case 'library':
      set('dataset', route.datasetId)
      set('view', route.view)
      formatList(route, set)
      set('clip', route.clipId)
      break
    case 'clip':
      path += `/${route.clipId}`
      set('dataset', route.datasetId)
      formatList(route, set)
      break
    case 'dataset':
      set('dataset', route.datasetId)
      set('code', route.code)
      break
    case 'train':
      set('dataset', route.datasetId)
      set('from', route.from)
      break
    case 'recipes':
      set('dataset', route.datasetId)
      set('clip', route.clipId)
      set('left', route.left)
      set('right', route.right)
      break
    case 'clips':
      set('ids', route.clipIds.join(','))
      break
    case 'predict':
      set('job', route.jobId)
      set('run', route.runId)
      break
    case 'history':
      set('dataset', route.datasetId)
      set('clip', route.clipId)
      break
    case 'map':
      set('dataset', route.datasetId)
      set('run', route.runId)
      set('fold', route.fold)
      set('clip', route.clipId)
      break
    case 'sweeps':
      if (route.sweepId !== undefined) path += `/${encodeURIComponent(route.sweepId)}`
      break
    case 'runs':
      if (route.runId === undefined) break
      path += `/${encodeURIComponent(route.runId)}`
      set('true', route.cell?.trueClassId)
      set('predicted', route.cell?.predictedClassId)
      set('clip', route.clipId)
      set('tab', route.tab)
      set('matrix', route.matrix)
      set('order', route.order)
      set('fold', route.folds?.join(','))
      break
    case 'queue':
      path = 'audit/queue'
      set('dataset', route.datasetId)
      set('set', route.setId)
      if (route.source) formatSource(route.source, set)
      set('mode', route.mode)
      set('clip', route.clipId)
      break
    case 'issues':
      path = 'audit'
      set('dataset', route.datasetId)
      set('search', route.searchId)
      set('kind', route.kind)
      set('severity', route.severity)
      set('class', route.classId)
      set('suggested', route.suggestedId)
      set('fold', route.fold)
      set('recording', route.recording)
      set('order', route.order)
      set('issue', route.issueId)
      set('clip', route.clipId)
      break
    case 'compare':
      set('runs', route.runIds.join(','))
      set('labels', route.labels)
  }
  // Commas are allowed in a fragment, and lists are easier to read with them.
  const query = params.toString().replaceAll('%2C', ',')
  return `#/${path}${query ? `?${query}` : ''}`
}

function parseSource(params: URLSearchParams, clips: () => ClipsRoute): QueueSource | undefined {
  const [of, only] = [params.get('of') ?? '', params.get('only')]
  switch (params.get('from')) {
    case 'run':
      return of === '' ? undefined : { from: 'run', runId: of, ...(only === 'all' && { only }) }
    case 'search': {
      const searchId = integer(of)
      if (searchId === undefined) return undefined
      const filter = parseIssueFilter(params)
      return { from: 'search', searchId, ...(Object.keys(filter).length > 0 && { filter }) }
    }
    case 'set': {
      const review = REVIEWS.find((known) => known === only)
      return review && { from: 'set', only: review }
    }
    case 'library': {
      const { filter, sort } = clips()
      return { from: 'library', filter, sort }
    }
    case 'clips': {
      const clipIds = integers(params.get('ids'))
      return clipIds && { from: 'clips', clipIds }
    }
    default:
      return undefined
  }
}

function parseIssueFilter(params: URLSearchParams): IssueFilter {
  const known = <T extends string>(all: readonly T[], text: string | null) => {
    const found = all.filter((one) => text?.split(',').includes(one))
    return found.length > 0 ? found : undefined
  }
  return defined({
    kinds: known(ISSUE_KINDS, params.get('kind')),
    severities: known(ISSUE_SEVERITIES, params.get('severity')),
    classIds: integers(params.get('class')),
    suggestedClassIds: integers(params.get('suggested')),
    folds: integers(params.get('fold')),
    recordings: params.has('recording') ? params.getAll('recording') : undefined,
  })
}

function formatSource(
  source: QueueSource,
  set: (key: string, value: string | number | undefined) => void,
): void {
  set('from', source.from)
  if (source.from === 'run') set('of', source.runId)
  if (source.from === 'search') {
    set('of', source.searchId)
    set('kind', source.filter?.kinds?.join(','))
    set('severity', source.filter?.severities?.join(','))
    set('class', source.filter?.classIds?.join(','))
    set('suggested', source.filter?.suggestedClassIds?.join(','))
    set('fold', source.filter?.folds?.join(','))
    for (const recording of source.filter?.recordings ?? []) set('recording', recording)
  }
  if (source.from === 'run' || source.from === 'set') set('only', source.only)
  if (source.from === 'library') formatList(source, set)
  if (source.from === 'clips') set('ids', source.clipIds.join(','))
}

function parseView(params: URLSearchParams): RunView {
  const tab = RUN_TABS.find((known) => known === params.get('tab'))
  return defined({
    tab: tab === 'confusion' ? undefined : tab,
    matrix: (['rows', 'columns'] as const).find((known) => known === params.get('matrix')),
    order: params.get('order') === 'similarity' ? ('similarity' as const) : undefined,
    folds: integers(params.get('fold')),
  })
}

function parseFilter(params: URLSearchParams): ClipFilter {
  const saliences = integers(params.get('salience'))?.filter((value) => value === 1 || value === 2)
  return defined({
    classIds: integers(params.get('class')),
    folds: integers(params.get('fold')),
    saliences: saliences?.length ? saliences : undefined,
    text: params.get('q')?.slice(0, 200) || undefined,
    recordings: params.has('recording') ? params.getAll('recording') : undefined,
    sampleRatesHz: integers(params.get('rate')),
    channels: integers(params.get('channels')),
    durationFromSeconds: seconds(params.get('from')),
    durationBelowSeconds: seconds(params.get('below')),
    formats: params.has('format') ? params.getAll('format') : undefined,
    withProblems: truth(params.get('problems')),
    problemCodes: problemCodes(params.get('problem')),
    tags: params.has('tag') ? params.getAll('tag') : undefined,
    withTags: truth(params.get('tagged')),
    chosenId: params.get('chosen')?.slice(0, 64) || undefined,
    verdictSetId: integer(params.get('verdicts')),
    verdicts: clipVerdicts(params.get('verdict')),
    runId: params.get('run') || undefined,
    predictedClassIds: integers(params.get('predicted')),
    correct: truth(params.get('correct')),
    confidenceFrom: share(params.get('surefrom')),
    confidenceBelow: share(params.get('surebelow')),
    against: parseAgainst(params.get('against')),
  })
}

/** A run's id after 1 (right) or 0 (wrong). */
function parseAgainst(text: string | null): ClipFilter['against'] {
  const correct = truth(text?.slice(0, 1) ?? null)
  const runId = text?.slice(2)
  return correct === undefined || !runId ? undefined : { runId, correct }
}

function truth(text: string | null): boolean | undefined {
  return text === '1' ? true : text === '0' ? false : undefined
}

const digit = (value: boolean | undefined) => (value === undefined ? undefined : value ? '1' : '0')

function problemCodes(text: string | null): ClipFilter['problemCodes'] {
  const named = text?.split(',') ?? []
  const known = PROBLEM_CODES.filter((code) => named.includes(code))
  return known.length > 0 ? known : undefined
}

function clipVerdicts(text: string | null): ClipFilter['verdicts'] {
  const named = text?.split(',') ?? []
  const known = CLIP_VERDICTS.filter((verdict) => named.includes(verdict))
  return known.length > 0 ? known : undefined
}

function share(text: string | null): number | undefined {
  const value = seconds(text)
  return value !== undefined && value <= 1 ? value : undefined
}

function seconds(text: string | null): number | undefined {
  return text !== null && /^\d{1,9}(\.\d{1,9})?$/.test(text) ? Number(text) : undefined
}

function formatList(
  { filter, sort }: ClipsRoute,
  set: (key: string, value: string | undefined) => void,
): void {
  formatFilter(filter, set)
  if (sort.key !== DEFAULT_SORT.key || sort.direction !== DEFAULT_SORT.direction)
    set('sort', (sort.direction === 'desc' ? '-' : '') + sort.key)
}

function formatFilter(filter: ClipFilter, set: (key: string, value: string | undefined) => void): void {
  set('class', filter.classIds?.join(','))
  set('fold', filter.folds?.join(','))
  set('salience', filter.saliences?.join(','))
  set('q', filter.text)
  for (const recording of filter.recordings ?? []) set('recording', recording)
  set('rate', filter.sampleRatesHz?.join(','))
  set('channels', filter.channels?.join(','))
  set('from', filter.durationFromSeconds?.toString())
  set('below', filter.durationBelowSeconds?.toString())
  for (const format of filter.formats ?? []) set('format', format)
  set('problems', digit(filter.withProblems))
  set('problem', filter.problemCodes?.join(','))
  for (const tag of filter.tags ?? []) set('tag', tag)
  set('tagged', digit(filter.withTags))
  set('chosen', filter.chosenId)
  set('verdicts', filter.verdictSetId?.toString())
  set('verdict', filter.verdicts?.join(','))
  set('run', filter.runId)
  set('predicted', filter.predictedClassIds?.join(','))
  set('correct', digit(filter.correct))
  set('surefrom', filter.confidenceFrom?.toString())
  set('surebelow', filter.confidenceBelow?.toString())
  set('against', filter.against && `${filter.against.correct ? 1 : 0}-${filter.against.runId}`)
}

function parseSort(text: string | null): ClipSort {
  const name = text?.replace(/^-/, '')
  const key = CLIP_SORT_KEYS.find((known) => known === name)
  return key ? { key, direction: text?.startsWith('-') ? 'desc' : 'asc' } : DEFAULT_SORT
}

function parseCell(params: URLSearchParams): MatrixCell | undefined {
  const trueClassId = integer(params.get('true'))
  const predictedClassId = integer(params.get('predicted'))
  if (trueClassId === undefined || predictedClassId === undefined) return undefined
  return { trueClassId, predictedClassId }
}

function integer(text: string | null): number | undefined {
  return text !== null && /^-?\d{1,15}$/.test(text) ? Number(text) : undefined
}

function integers(text: string | null): number[] | undefined {
  const values = text?.split(',').map(integer)
  const known = values?.filter((value) => value !== undefined)
  return known?.length ? known : undefined
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return ''
  }
}

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
}

/** The object without its undefined members: under `exactOptionalPropertyTypes` absent and undefined differ. */
export function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Defined<T>
}
