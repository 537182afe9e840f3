import type { SliceFilter } from '../../contract/evaluation.ts'
import { countClips, watchClips } from '../db/clip-columns.ts'
import {
  channels,
  countPredictions,
  factPages,
  predictionPages,
  recordingPages,
  salience,
  sampleRateHz,
  tagPages,
} from '../db/evaluation-columns.ts'
import type { Database } from '../db/open.ts'
import { classesOfRun, planOfRun } from '../db/runs.ts'
import { pause } from '../steps.ts'
import { Kept } from './kept.ts'
import { type RunColumns, shared } from './predictions.ts'
import type { FactColumns, Known, RecordingColumns, RunTable, TagColumns } from './run-table.ts'

/** Columns in which texts are numbers, and the texts by their numbers. */
interface Named<C> {
  readonly columns: C
  readonly names: readonly string[]
}

/** A table, and what its numbers stand for. */
export interface NamedTable<K extends Known | null = Known | null> {
  readonly table: RunTable<K>
  readonly recordings: readonly string[]
  readonly tags: readonly string[]
}

/** Bytes that stay in memory: four runs of a million clips in ten classes, and what is known of several million clips. */
const MOST_BYTES = { runs: 256 * 2 ** 20, recordings: 64 * 2 ** 20, facts: 96 * 2 ** 20, tags: 32 * 2 ** 20 }
/** A short text in a list. */
const BYTES_A_NAME = 40

const bytesOf = (columns: object) =>
  Object.values(columns).reduce(
    (sum, column) => sum + (ArrayBuffer.isView(column) ? column.byteLength : 0),
    0,
  )
const bytesOfNamed = ({ columns, names }: Named<object>) => bytesOf(columns) + BYTES_A_NAME * names.length

/**
 * Predictions and what is known of clips, read from the database in steps that let others go on, and kept for the next question
 * until they are written.
 */
export class Columns {
  readonly #db: Database
  readonly #runs = new Kept<RunColumns>(MOST_BYTES.runs, bytesOf)
  readonly #recordings = new Kept<Named<RecordingColumns>>(MOST_BYTES.recordings, bytesOfNamed)
  readonly #facts = new Kept<FactColumns>(MOST_BYTES.facts, bytesOf)
  readonly #tags = new Kept<Named<TagColumns>>(MOST_BYTES.tags, bytesOfNamed)
  readonly #closing = new AbortController()

  constructor(db: Database) {
    this.#db = db
    const forgetClips = (datasetId: number) => {
      this.#recordings.forget(String(datasetId))
      this.#facts.forget(String(datasetId))
    }
    watchClips(db, {
      clips: forgetClips,
      clip: forgetClips,
      tags: () => this.#tags.forget(''),
      verdicts: () => {},
      run: (runId) => this.#runs.forget(runId),
    })
  }

  close(): void {
    this.#closing.abort()
  }

  /** @throws SoundfoldError not-found */
  async run(runId: string): Promise<RunColumns> {
    const classes = classesOfRun(this.#db, runId)
    return this.#runs.get(runId, () => this.#readRun(runId, classes))
  }

  /** What is known of the clips is read for a filter that asks for more than folds. @throws SoundfoldError not-found */
  async table(runId: string, filter: SliceFilter): Promise<NamedTable> {
    const { folds, ...others } = filter
    if (Object.keys(others).length > 0) return this.knownTable(runId, filter)
    const { datasetId } = planOfRun(this.#db, runId)
    const run = await this.run(runId)
    const { columns: recordings, names } = await this.#recordingsOf(datasetId)
    return { table: { run, recordings, folds: folds ?? null, known: null }, recordings: names, tags: [] }
  }

  /** @throws SoundfoldError not-found */
  async knownTable(runId: string, filter: SliceFilter): Promise<NamedTable<Known>> {
    const { datasetId } = planOfRun(this.#db, runId)
    const run = await this.run(runId)
    const { columns: recordings, names } = await this.#recordingsOf(datasetId)
    const facts = await this.facts(datasetId)
    const tags = await this.#tags.get('', () => this.#readTags())
    const { folds, recordings: recorded, tags: tagged, ...plain } = filter
    const numbered: Known['filter'] = {
      ...plain,
      ...(recorded && { recordings: recorded.map((name) => numberIn(names, name)) }),
      ...(tagged && { tags: tagged.map((name) => numberIn(tags.names, name)) }),
    }
    const known = { facts, tags: tags.columns, filter: numbered }
    return { table: { run, recordings, folds: folds ?? null, known }, recordings: names, tags: tags.names }
  }

  async facts(datasetId: number): Promise<FactColumns> {
    return this.#facts.get(String(datasetId), () => this.#readFacts(datasetId))
  }

  async #recordingsOf(datasetId: number): Promise<Named<RecordingColumns>> {
    return this.#recordings.get(String(datasetId), () => this.#readRecordings(datasetId))
  }

  async #readRun(runId: string, classes: RunColumns['classes']): Promise<RunColumns> {
    // What came with the question is answered first.
    await pause(this.#closing.signal)
    const most = countPredictions(this.#db, runId)
    const width = classes.length
    const placeOf = new Map(classes.map(({ id }, place) => [id, place]))
    const clipIds = shared.whole32(most)
    const folds = shared.whole32(most)
    const truth = shared.whole16(most)
    const predicted = shared.whole16(most)
    const probabilities = shared.floats(most * width)
    const bytes = new Uint8Array(probabilities.buffer)
    let count = 0
    for (const page of predictionPages(this.#db, runId)) {
      clipIds.set(page.clipIds, count)
      folds.set(page.folds, count)
      for (const [row, id] of page.trueClassIds.entries()) truth[count + row] = placeOf.get(id) ?? 0
      for (const [row, id] of page.predictedClassIds.entries()) predicted[count + row] = placeOf.get(id) ?? 0
      bytes.set(page.probabilities, count * width * Float32Array.BYTES_PER_ELEMENT)
      count += page.clipIds.length
      await pause(this.#closing.signal)
    }
    return { classes, clipIds, folds, truth, predicted, probabilities }
  }

  async #readRecordings(datasetId: number): Promise<Named<RecordingColumns>> {
    await pause(this.#closing.signal)
    const most = countClips(this.#db, datasetId)
    const columns = { clipIds: shared.whole32(most), recordings: shared.whole32(most) }
    const numbering = new Numbering()
    let count = 0
    for (const page of recordingPages(this.#db, datasetId)) {
      columns.clipIds.set(page.clipIds, count)
      for (const [row, name] of page.recordings.entries())
        columns.recordings[count + row] = numbering.of(name)
      count += page.clipIds.length
      await pause(this.#closing.signal)
    }
    const { names } = numbering
    return { columns: { ...columns, recordingCount: names.length }, names }
  }

  async #readFacts(datasetId: number): Promise<FactColumns> {
    const most = countClips(this.#db, datasetId)
    const columns = {
      clipIds: shared.whole32(most),
      classIds: shared.whole32(most),
      saliences: shared.bytes(most),
      sampleRatesHz: shared.whole32(most),
      channels: shared.whole16(most),
      durationsSeconds: shared.doubles(most),
    }
    let count = 0
    for (const page of factPages(this.#db, datasetId)) {
      columns.clipIds.set(page.clipIds, count)
      columns.classIds.set(page.classIds, count)
      for (const [row, facts] of page.facts.entries()) {
        columns.saliences[count + row] = salience(facts)
        columns.sampleRatesHz[count + row] = sampleRateHz(facts)
        columns.channels[count + row] = channels(facts)
        columns.durationsSeconds[count + row] = page.durationsSeconds[row] ?? Number.NaN
      }
      count += page.clipIds.length
      await pause(this.#closing.signal)
    }
    return columns
  }

  async #readTags(): Promise<Named<TagColumns>> {
    const clipIds: number[] = []
    const numbers: number[] = []
    const tags = new Numbering()
    for (const page of tagPages(this.#db)) {
      for (const id of page.clipIds) clipIds.push(id)
      for (const tag of page.tags) numbers.push(tags.of(tag))
      await pause(this.#closing.signal)
    }
    const { names } = tags
    const columns = { clipIds: shared.whole32(clipIds.length), tags: shared.whole32(clipIds.length) }
    columns.clipIds.set(clipIds)
    columns.tags.set(numbers)
    return { columns: { ...columns, tagCount: names.length }, names }
  }
}

/** A number that nothing has, where there is no such text: −1 is what has none. */
function numberIn(names: readonly string[], name: string): number {
  const number = names.indexOf(name)
  return number < 0 ? -2 : number
}

/** Numbers texts from 0 as they come. */
class Numbering {
  readonly names: string[] = []
  readonly #numbers = new Map<string, number>()
  #last: { name: string; number: number } | undefined

  /** −1 for none. */
  of(name: string | null): number {
    if (name === null) return -1
    // Clips of a recording mostly follow one another.
    if (this.#last?.name === name) return this.#last.number
    const number = this.#numbers.get(name) ?? this.names.push(name) - 1
    this.#numbers.set(name, number)
    this.#last = { name, number }
    return number
  }
}
