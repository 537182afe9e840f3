import type { ClipOverview, ClipSelection } from '../../contract/library.ts'
import {
  CLIP_VERDICTS,
  type ClipFacets,
  type ClipFilter,
  type ClipRow,
  type ClipSort,
} from '../../contract/model.ts'
import { outcomesOf } from '../audit/outcomes.ts'
import { chosenClips } from '../db/chosen-clips.ts'
import { clipRows, clipsByNameFrom, countClips, watchClips } from '../db/clip-columns.ts'
import { getDataset } from '../db/datasets.ts'
import type { Database } from '../db/open.ts'
import { verdictsInForce, verdictsOfClips } from '../db/verdicts.ts'
import { inSteps, pause } from '../steps.ts'
import { ClipTable, READ_ROWS } from './clip-table.ts'
import { facetsOf } from './facets.ts'
import { type Match, matchClips } from './match.ts'
import { orderOf } from './order.ts'
import { overviewOf } from './overview.ts'
import { PredictionTable } from './prediction-table.ts'

export interface ClipQuery {
  datasetId: number
  filter: ClipFilter
  sort: ClipSort
}

/** Datasets and runs whose columns stay in memory, and answers that are kept for the next page. */
const KEPT = { datasets: 2, runs: 3, verdictSets: 2, choices: 3, matches: 6, lists: 4, orders: 6 } as const
/** With more clips written than so many, all are read again. */
const MOST_REFRESHED = 5000

/** Everything known of one dataset, until its clips are written. */
interface Held {
  clips: ClipTable
  predictions: Recent<PredictionTable>
  orders: Recent<Uint32Array>
  matches: Recent<Match>
  lists: Recent<Uint32Array>
  /** Of sets of verdicts, a place in `CLIP_VERDICTS` a row. */
  verdicts: Recent<Uint32Array>
  /** Of clips chosen elsewhere: 1 for each row that is one of them. */
  choices: Recent<Uint32Array>
  stale: Stale
}

/** What was written since it was read. */
interface Stale {
  clipIds: Set<number>
  /** Clips whose tags alone changed; brought up to date many at once. */
  taggedIds: Set<number>
  runIds: Set<string>
  verdictSetIds: Set<number>
  /** More than can be brought up to date clip by clip. */
  all: boolean
}

/**
 * Answers which clips fit a filter, in which order, and how many would fit another one. It holds small columns of every clip
 * in memory, read from the database in steps and kept right by watching its writes, and passes over them once per filter:
 * a list is then an array of rows, so that any position of it, and the page there, is at hand.
 */
export class Library {
  readonly #db: Database
  readonly #held = new Recent<Held>(KEPT.datasets)
  /** Of the datasets that are held or being read. */
  readonly #stale = new Map<number, Stale>()
  /** Answers come one after another: each may have to read what the next one needs too. */
  #last: Promise<unknown> = Promise.resolve()
  readonly #closing = new AbortController()

  constructor(db: Database) {
    this.#db = db
    watchClips(db, {
      clips: (datasetId) => {
        const stale = this.#stale.get(datasetId)
        if (stale) stale.all = true
      },
      clip: (datasetId, clipId) => {
        const stale = this.#stale.get(datasetId)
        if (!stale || stale.all) return
        stale.clipIds.add(clipId)
        stale.all = stale.clipIds.size > MOST_REFRESHED
      },
      tags: (clipId) => {
        for (const { taggedIds } of this.#stale.values()) taggedIds.add(clipId)
      },
      verdicts: (setId) => {
        for (const { verdictSetIds } of this.#stale.values()) verdictSetIds.add(setId)
      },
      run: (runId) => {
        for (const { runIds } of this.#stale.values()) runIds.add(runId)
      },
    })
  }

  close(): void {
    this.#closing.abort()
  }

  /** A page of the clips that fit, and how many there are. */
  async page(
    query: ClipQuery & { offset: number; limit: number },
    signal?: AbortSignal,
  ): Promise<{ total: number; rows: ClipRow[] }> {
    if (isByNameAlone(query)) {
      const held = this.#held.get(String(query.datasetId))
      if (!held || held.stale.all) return this.#pageByIndex(query)
      if (!held.orders.get(orderKey(query))) {
        // The index answers meanwhile.
        this.ids({ ...query, limit: 0 }).catch(() => {})
        return this.#pageByIndex(query)
      }
    }
    return this.#answer(query.datasetId, signal, async (held, going) => {
      const list = await this.#list(held, query, going)
      const rows = clipRows(this.#db, idsOf(held, list, query), query.filter.runId ?? null)
      return { total: list.length, rows: this.#judged(held, rows, query.filter) }
    })
  }

  /** All clips by name, which an index gives before the columns are read: seconds, of a million clips. */
  #pageByIndex({ datasetId, offset, limit }: { datasetId: number; offset: number; limit: number }) {
    getDataset(this.#db, datasetId)
    const ids = clipsByNameFrom(this.#db, datasetId, offset, limit)
    return { total: countClips(this.#db, datasetId), rows: clipRows(this.#db, ids, null) }
  }

  /** The ids of such a page. */
  ids(query: ClipQuery & { offset: number; limit: number }, signal?: AbortSignal): Promise<number[]> {
    return this.#answer(query.datasetId, signal, async (held, going) =>
      idsOf(held, await this.#list(held, query, going), query),
    )
  }

  /** Counts of each value under all the other filters. */
  facets(datasetId: number, filter: ClipFilter, signal?: AbortSignal): Promise<ClipFacets> {
    return this.#answer(datasetId, signal, async (held, going) =>
      facetsOf(
        held.clips,
        await this.#predictions(held, filter, going),
        filter,
        await this.#match(held, filter, going),
      ),
    )
  }

  /** Where a clip stands in the list, from 0; null where the filter leaves it out. */
  position(query: ClipQuery & { clipId: number }, signal?: AbortSignal): Promise<number | null> {
    return this.#answer(query.datasetId, signal, async (held, going) => {
      const row = held.clips.rowOf(query.clipId)
      const list = await this.#list(held, query, going)
      const position = row < 0 ? -1 : list.indexOf(row)
      return position < 0 ? null : position
    })
  }

  /** The ids of a selection's clips, ascending. */
  selected(datasetId: number, selection: ClipSelection, signal?: AbortSignal): Promise<number[]> {
    return this.#answer(datasetId, signal, async (held, going) => {
      if ('clipIds' in selection)
        return selection.clipIds.filter((id) => held.clips.rowOf(id) >= 0).sort((a, b) => a - b)
      const { misses } = await this.#match(held, selection.filter, going)
      const except = new Set(selection.except)
      return [...held.clips.ids.filter((id, row) => misses[row] === 0 && !except.has(id))]
    })
  }

  overview(datasetId: number, filter: ClipFilter, signal?: AbortSignal): Promise<ClipOverview> {
    return this.#answer(datasetId, signal, async (held, going) =>
      overviewOf(held.clips, (await this.#match(held, filter, going)).misses, going),
    )
  }

  #answer<T>(
    datasetId: number,
    signal: AbortSignal | undefined,
    work: (held: Held, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const going = signal ? AbortSignal.any([signal, this.#closing.signal]) : this.#closing.signal
    const answer = this.#last.then(async () => {
      going.throwIfAborted()
      return work(await this.#upToDate(datasetId, going), going)
    })
    this.#last = answer.catch(() => {})
    return answer
  }

  async #upToDate(datasetId: number, signal: AbortSignal): Promise<Held> {
    const held = this.#held.get(String(datasetId))
    if (held && (await this.#refreshed(held, signal))) return held
    for (;;) {
      const read = await this.#read(datasetId, signal)
      // Somebody may have written while it was read.
      if (await this.#refreshed(read, signal)) return read
    }
  }

  /** @returns false where all has to be read again */
  async #refreshed(held: Held, signal: AbortSignal): Promise<boolean> {
    const { clips, predictions, orders, matches, lists, verdicts, stale } = held
    while (stale.taggedIds.size > 0 && !stale.all) {
      for (const kept of [matches, lists]) kept.clear()
      const some: number[] = []
      for (const id of stale.taggedIds) if (some.push(id) === READ_ROWS) break
      clips.retag(some)
      for (const id of some) stale.taggedIds.delete(id)
      if (stale.taggedIds.size > 0) await pause(signal)
    }
    if (stale.all) return false
    for (const setId of stale.verdictSetIds) {
      verdicts.delete(String(setId))
      for (const kept of [orders, matches, lists]) kept.deleteWhere((key) => verdictKey(setId).test(key))
    }
    stale.verdictSetIds.clear()
    for (const runId of stale.runIds) {
      predictions.delete(runId)
      for (const kept of [orders, matches, lists])
        kept.deleteWhere((key) => key.includes(JSON.stringify(runId)))
    }
    stale.runIds.clear()
    if (stale.clipIds.size === 0) return true
    for (const kept of [orders, matches, lists]) kept.clear()
    const refreshed = [...stale.clipIds].every((id) => clips.refresh(id))
    stale.clipIds.clear()
    return refreshed
  }

  async #read(datasetId: number, signal: AbortSignal): Promise<Held> {
    getDataset(this.#db, datasetId)
    const stale = {
      clipIds: new Set<number>(),
      taggedIds: new Set<number>(),
      runIds: new Set<string>(),
      verdictSetIds: new Set<number>(),
      all: false,
    }
    this.#stale.set(datasetId, stale)
    const clips = await ClipTable.read(this.#db, datasetId, signal)
    const held: Held = {
      clips,
      predictions: new Recent(KEPT.runs),
      orders: new Recent(KEPT.orders),
      matches: new Recent(KEPT.matches),
      lists: new Recent(KEPT.lists),
      verdicts: new Recent(KEPT.verdictSets),
      choices: new Recent(KEPT.choices),
      stale,
    }
    this.#held.set(String(datasetId), held)
    return held
  }

  async #predictions(
    held: Held,
    { runId }: { runId?: string | undefined },
    signal: AbortSignal,
  ): Promise<PredictionTable | null> {
    if (runId === undefined) return null
    return held.predictions.make(runId, () => PredictionTable.read(this.#db, held.clips, runId, signal))
  }

  async #verdicts({ verdicts, clips }: Held, { verdictSetId }: ClipFilter): Promise<Uint32Array | null> {
    if (verdictSetId === undefined) return null
    return verdicts.make(String(verdictSetId), async () => {
      const places = new Uint32Array(clips.rows)
      for (const [clipId, { decision }] of outcomesOf(verdictsInForce(this.#db, verdictSetId))) {
        const row = clips.rowOf(clipId)
        if (row >= 0) places[row] = CLIP_VERDICTS.indexOf(decision)
      }
      return places
    })
  }

  async #chosen({ choices, clips }: Held, { chosenId }: ClipFilter): Promise<Uint32Array | null> {
    if (chosenId === undefined) return null
    return choices.make(chosenId, async () => {
      const marks = new Uint32Array(clips.rows)
      for (const clipId of chosenClips(this.#db, chosenId).clipIds) {
        const row = clips.rowOf(clipId)
        if (row >= 0) marks[row] = 1
      }
      return marks
    })
  }

  /** With what the filter's set of verdicts says of them. */
  #judged({ clips }: Held, rows: ClipRow[], { verdictSetId }: ClipFilter): ClipRow[] {
    if (verdictSetId === undefined) return rows
    const ids = rows.map(({ id }) => id)
    const outcomes = outcomesOf(verdictsOfClips(this.#db, verdictSetId, ids))
    return rows.map((row) => {
      const { decision = 'none', classId = null } = outcomes.get(row.id) ?? {}
      const verdictClassName = classId === null ? null : (clips.classes.get(classId)?.name ?? null)
      return { ...row, verdict: decision, verdictClassName }
    })
  }

  async #match(held: Held, filter: ClipFilter, signal: AbortSignal): Promise<Match> {
    const predictions = await this.#predictions(held, filter, signal)
    const against =
      predictions && filter.against ? await this.#predictions(held, filter.against, signal) : null
    const verdicts = await this.#verdicts(held, filter)
    const chosen = await this.#chosen(held, filter)
    return held.matches.make(keyOf(filter), () =>
      matchClips(held.clips, { predictions, against, verdicts, chosen }, filter, signal),
    )
  }

  async #list(held: Held, { filter, sort }: ClipQuery, signal: AbortSignal): Promise<Uint32Array> {
    const { misses, total } = await this.#match(held, filter, signal)
    return held.lists.make(keyOf(filter, sort), async () => {
      const predictions = await this.#predictions(held, filter, signal)
      const verdicts = sort.key === 'verdict' ? await this.#verdicts(held, filter) : null
      const order = await held.orders.make(orderKey({ filter, sort }), () =>
        orderOf(held.clips, predictions, verdicts, sort, signal),
      )
      return inOrder(order, misses, total, signal)
    })
  }
}

/** What a window opens with. */
const isByNameAlone = ({ filter, sort }: ClipQuery) =>
  sort.key === 'fileName' &&
  sort.direction === 'asc' &&
  Object.values(filter).every((value) => value === undefined)

const idsOf = (
  { clips }: Held,
  list: Uint32Array,
  { offset, limit }: { offset: number; limit: number },
): number[] => Array.from(list.subarray(offset, offset + limit), (row) => clips.ids[row] ?? 0)

async function inOrder(order: Uint32Array, misses: Uint8Array, total: number, signal: AbortSignal) {
  if (total === order.length) return order
  const list = new Uint32Array(total)
  let count = 0
  await inSteps(
    order.length,
    (first, end) => {
      for (let place = first; place < end; place++) {
        const row = order[place] ?? 0
        if (misses[row] === 0) list[count++] = row
      }
    },
    signal,
  )
  return list
}

/** As `verdictSetId` stands in the key of an answer. */
const verdictKey = (setId: number) => new RegExp(`"verdictSetId":${setId}\\b`)

/** Few orders need the run, or the set of verdicts. */
function orderKey({ filter: { runId, verdictSetId }, sort }: Pick<ClipQuery, 'filter' | 'sort'>): string {
  const byRun = ['confidence', 'margin', 'predictedClassName'].includes(sort.key)
  return keyOf(byRun ? runId : sort.key === 'verdict' ? { verdictSetId } : null, sort)
}

/** Has every run in it whose predictions the answer was made of. */
const keyOf = (...parts: unknown[]) => JSON.stringify(parts)

/** The values used last, so many of them. */
class Recent<T> {
  readonly #most: number
  readonly #values = new Map<string, T>()

  constructor(most: number) {
    this.#most = most
  }

  get(key: string): T | undefined {
    const value = this.#values.get(key)
    if (value !== undefined) this.set(key, value)
    return value
  }

  set(key: string, value: T): void {
    this.#values.delete(key)
    this.#values.set(key, value)
    for (const oldest of this.#values.keys()) {
      if (this.#values.size <= this.#most) break
      this.#values.delete(oldest)
    }
  }

  async make(key: string, work: () => Promise<T>): Promise<T> {
    const known = this.get(key)
    if (known !== undefined) return known
    const made = await work()
    this.set(key, made)
    return made
  }

  delete(key: string): void {
    this.#values.delete(key)
  }

  deleteWhere(test: (key: string) => boolean): void {
    for (const key of this.#values.keys()) if (test(key)) this.#values.delete(key)
  }

  clear(): void {
    this.#values.clear()
  }

  values(): Iterable<T> {
    return this.#values.values()
  }
}
