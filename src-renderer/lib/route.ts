import {
  ISSUE_KINDS,
  ISSUE_SEVERITIES,
  type IssueFilter,
  type IssueKind,
  type IssueSeverity,
} from '../../src-main/contract/audit-issues.ts'
import { AUDITED_BASES } from '../../src-main/contract/label-basis.ts'
import { type ClipFilter, type ClipSort, PROBLEM_CODES } from '../../src-main/contract/model.ts'
import { REVIEWS, type Review } from '../../src-main/contract/verdict.ts'
import { clipFilter, clipSort, DEFAULT_SORT, ISSUE_FILTER } from './address/clips.ts'
import {
  integer,
  list,
  number,
  numberList,
  numbers,
  oneOf,
  type Part,
  type Parts,
  readParts,
  text,
  writeParts,
} from './address/parts.ts'
import { defined } from './defined.ts'

/**
 * Where the person is, as the address after `#` says it: `#/library?class=3,4&sort=-durationSeconds&clip=12`.
 * Everything that a reload or a link should bring back is in here; unknown or malformed parts are left out.
 */
export type Route =
  | ({ screen: 'library'; clipId?: number; view?: 'grid' | 'overview' } & ClipsRoute)
  | ({ screen: 'clip'; clipId: number } & ClipsRoute)
  | { screen: 'dataset'; datasetId?: number; code?: (typeof PROBLEM_CODES)[number] }
  | { screen: 'import' }
  /** `setId`: verdicts whose labels the form begins with. */
  | { screen: 'train'; datasetId?: number; from?: string; setId?: number }
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

/** What the address of a screen says after its path. */
type Said<S extends Screen, InPath extends string = never> = Parts<
  Omit<Extract<Route, { screen: S }>, 'screen' | InPath>
>

const datasetId = number('dataset')
const clipId = number('clip')
const runId = text('run')
const CLIPS: Parts<ClipsRoute> = { datasetId, filter: clipFilter, sort: clipSort }
const LIBRARY: Said<'library'> = {
  datasetId,
  view: oneOf('view', ['grid', 'overview']),
  filter: clipFilter,
  sort: clipSort,
  clipId,
}
const DATASET: Said<'dataset'> = { datasetId, code: oneOf('code', PROBLEM_CODES) }
const TRAIN: Said<'train'> = { datasetId, from: text('from'), setId: number('set') }
const RECIPES: Said<'recipes'> = { datasetId, clipId, left: text('left'), right: text('right') }
const BESIDE: Said<'clips'> = { clipIds: numberList('ids', MOST_BESIDE) }
const PREDICT: Said<'predict'> = { jobId: number('job'), runId }
const HISTORY: Said<'history'> = { datasetId, clipId }
const MAP: Said<'map'> = { datasetId, runId, fold: number('fold'), clipId }
const COMPARE: Said<'compare'> = { runIds: list('runs'), labels: oneOf('labels', AUDITED_BASES) }

const trueClassId = number('true')
const predictedClassId = number('predicted')
const RUN: Said<'runs', 'runId'> = {
  cell: {
    read(params) {
      const [given, predicted] = [trueClassId.read(params), predictedClassId.read(params)]
      if (given === undefined || predicted === undefined) return undefined
      return { trueClassId: given, predictedClassId: predicted }
    },
    write(cell, params) {
      trueClassId.write(cell.trueClassId, params)
      predictedClassId.write(cell.predictedClassId, params)
    },
  },
  clipId,
  tab: oneOf('tab', ['folds', 'classes', 'curves', 'slices']),
  matrix: oneOf('matrix', ['rows', 'columns']),
  order: oneOf('order', ['similarity']),
  folds: numbers('fold'),
}
const ISSUES: Said<'issues'> = {
  datasetId,
  searchId: number('search'),
  kind: oneOf('kind', ISSUE_KINDS),
  severity: oneOf('severity', ISSUE_SEVERITIES),
  classId: number('class'),
  suggestedId: number('suggested'),
  fold: number('fold'),
  recording: text('recording'),
  order: oneOf('order', ['recording']),
  issueId: number('issue'),
  clipId,
}

const ofRun = text('of')
const ofSearch = number('of')
const review = oneOf('only', REVIEWS)
const ids = numbers('ids')
const source: Part<QueueSource> = {
  read(params) {
    switch (params.get('from')) {
      case 'run': {
        const id = ofRun.read(params)
        if (id === undefined) return undefined
        return { from: 'run', runId: id, ...(params.get('only') === 'all' && { only: 'all' }) }
      }
      case 'search': {
        const searchId = ofSearch.read(params)
        const filter = readParts(ISSUE_FILTER, params)
        if (searchId === undefined) return undefined
        return { from: 'search', searchId, ...(Object.keys(filter).length > 0 && { filter }) }
      }
      case 'set': {
        const only = review.read(params)
        return only && { from: 'set', only }
      }
      case 'library':
        return { from: 'library', filter: clipFilter.read(params), sort: clipSort.read(params) }
      case 'clips': {
        const clipIds = ids.read(params)
        return clipIds && { from: 'clips', clipIds }
      }
      default:
        return undefined
    }
  },
  write(value, params) {
    params.append('from', value.from)
    switch (value.from) {
      case 'run':
        ofRun.write(value.runId, params)
        if (value.only) params.append('only', value.only)
        break
      case 'search':
        ofSearch.write(value.searchId, params)
        writeParts(ISSUE_FILTER, value.filter ?? {}, params)
        break
      case 'set':
        review.write(value.only, params)
        break
      case 'library':
        clipFilter.write(value.filter, params)
        clipSort.write(value.sort, params)
        break
      case 'clips':
        ids.write(value.clipIds, params)
    }
  },
}
const QUEUE: Said<'queue'> = {
  datasetId,
  setId: number('set'),
  source,
  mode: oneOf('mode', QUEUE_MODES),
  clipId,
}

export function libraryRoute(parts: Partial<Omit<Route & { screen: 'library' }, 'screen'>> = {}): Route {
  return { screen: 'library', filter: {}, sort: DEFAULT_SORT, ...parts }
}

/** @param hash - `location.hash`, with or without its `#` */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2)
  const params = new URLSearchParams(query)
  const [screen, id = ''] = path.split('/').map(decode)
  switch (screen) {
    case 'clip': {
      const shown = integer(id)
      const clips = readParts(CLIPS, params)
      return shown === undefined ? libraryRoute(clips) : { screen, clipId: shown, ...clips }
    }
    case 'dataset':
      return { screen, ...readParts(DATASET, params) }
    case 'import':
    case 'settings':
      return { screen }
    case 'train':
      return { screen, ...readParts(TRAIN, params) }
    case 'recipes':
      return { screen, ...readParts(RECIPES, params) }
    case 'clips':
      return { screen, ...readParts(BESIDE, params) }
    case 'predict':
      return { screen, ...readParts(PREDICT, params) }
    case 'history':
      return { screen, ...readParts(HISTORY, params) }
    case 'map':
      return { screen, ...readParts(MAP, params) }
    case 'sweeps':
      return defined({ screen, sweepId: id || undefined })
    case 'runs':
      return id ? { screen, runId: id, ...readParts(RUN, params) } : { screen }
    case 'audit':
      return id === 'queue'
        ? { screen: 'queue', ...readParts(QUEUE, params) }
        : { screen: 'issues', ...readParts(ISSUES, params) }
    case 'compare':
      return { screen, ...readParts(COMPARE, params) }
    default:
      return { screen: 'library', ...readParts(LIBRARY, params) }
  }
}

/** @returns with the leading `#`; `parseRoute` gives the same route back */
export function formatRoute(route: Route): string {
  // Commas are allowed in a fragment, and lists are easier to read with them.
  const query = paramsOf(route).toString().replaceAll('%2C', ',')
  return `#/${pathOf(route)}${query ? `?${query}` : ''}`
}

function pathOf(route: Route): string {
  switch (route.screen) {
    case 'clip':
      return `clip/${route.clipId}`
    case 'sweeps':
      return `sweeps${route.sweepId === undefined ? '' : `/${encodeURIComponent(route.sweepId)}`}`
    case 'runs':
      return `runs${route.runId === undefined ? '' : `/${encodeURIComponent(route.runId)}`}`
    case 'queue':
      return 'audit/queue'
    case 'issues':
      return 'audit'
    default:
      return route.screen
  }
}

function paramsOf(route: Route): URLSearchParams {
  switch (route.screen) {
    case 'library':
      return writeParts(LIBRARY, route)
    case 'clip':
      return writeParts(CLIPS, route)
    case 'dataset':
      return writeParts(DATASET, route)
    case 'train':
      return writeParts(TRAIN, route)
    case 'recipes':
      return writeParts(RECIPES, route)
    case 'clips':
      return writeParts(BESIDE, route)
    case 'predict':
      return writeParts(PREDICT, route)
    case 'history':
      return writeParts(HISTORY, route)
    case 'map':
      return writeParts(MAP, route)
    case 'runs':
      return route.runId === undefined ? new URLSearchParams() : writeParts(RUN, route)
    case 'queue':
      return writeParts(QUEUE, route)
    case 'issues':
      return writeParts(ISSUES, route)
    case 'compare':
      return writeParts(COMPARE, route)
    case 'import':
    case 'settings':
    case 'sweeps':
      return new URLSearchParams()
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return ''
  }
}
