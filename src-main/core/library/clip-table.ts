import { PROBLEM_CODES } from '../../contract/model.ts'
import {
  type ClipProblems,
  cellFactsOf,
  classNames,
  clipFacts,
  clipFactsAfter,
  clipsByName,
  countClips,
  problemsOfClips,
  recordingsAfter,
  tagsOfClips,
  tagsOfEach,
} from '../db/clip-columns.ts'
import type { Database } from '../db/open.ts'
import { inSteps, pause } from '../steps.ts'
import { type Bars, barOf, barsFor } from './bars.ts'
import { CellColumn, CellTable } from './cells.ts'
import { folded, foldedLines, TextColumn } from './text-column.ts'

/** Rows that one step asks of the database: some 5 ms. */
export const READ_ROWS = 2000

/** What few clips differ in. */
export interface Cell {
  readonly classId: number
  readonly fold: number
  readonly salience: 1 | 2 | null
  readonly sampleRateHz: number | null
  readonly channels: number | null
  readonly format: string | null
  /** Bit i for `PROBLEM_CODES[i]`. */
  readonly problemCodes: number
  readonly problems: number
  readonly tags: readonly string[]
}

export const NO_RECORDING = 0

/**
 * What the library filters and sorts by, of all clips of a dataset, a column each. A row is a clip's place in the order
 * of the ids.
 */
export class ClipTable {
  readonly datasetId: number
  readonly rows: number
  readonly ids: Float64Array
  /** Index into `cells`, of each row. */
  readonly cellOf: Uint32Array
  readonly cells: readonly Cell[]
  readonly columns: CellCodes['columns']
  /** NaN where it is not known. */
  readonly durationSeconds: Float64Array
  readonly durationBars: Bars
  /** Of `durationBars`. */
  readonly durationBar: Uint32Array
  /** Index into `recordings`, of each row. */
  readonly recordingOf: Uint32Array
  /** In order, behind an empty one that stands for none. */
  readonly recordings: readonly string[]
  readonly fileNames: TextColumn
  readonly recordingTexts: TextColumn
  readonly classes: ReadonlyMap<number, { name: string; rank: number }>
  readonly #db: Database
  readonly #codes: CellCodes
  readonly #codeOfRecording: ReadonlyMap<string, number>

  private constructor(db: Database, parts: Parts) {
    this.#db = db
    this.datasetId = parts.datasetId
    this.rows = parts.rows
    this.ids = parts.ids
    this.cellOf = parts.cellOf
    this.cells = parts.codes.cells
    this.columns = parts.codes.columns
    this.durationSeconds = parts.durationSeconds
    this.durationBars = parts.durationBars
    this.durationBar = parts.durationBar
    this.recordingOf = parts.recordingOf
    this.recordings = parts.recordings
    this.fileNames = parts.fileNames
    this.recordingTexts = parts.recordingTexts
    this.classes = new Map(
      classNames(db, parts.datasetId).map(({ classId, name }, rank) => [classId, { name, rank }]),
    )
    this.#codes = parts.codes
    this.#codeOfRecording = parts.codeOfRecording
  }

  /** Reads all clips in steps. Nobody may write clips meanwhile; the library starts over when somebody did. */
  static async read(db: Database, datasetId: number, signal: AbortSignal): Promise<ClipTable> {
    const rows = countClips(db, datasetId)
    const recordings = ['']
    const codeOfRecording = new Map([['', NO_RECORDING]])
    const recordingTexts = [Buffer.from(foldedLines(recordings))]
    for (let after = ''; ; ) {
      const some = recordingsAfter(db, datasetId, after, READ_ROWS)
      const last = some.at(-1)
      if (last === undefined) break
      for (const recording of some) codeOfRecording.set(recording, recordings.push(recording) - 1)
      recordingTexts.push(Buffer.from(foldedLines(some)))
      after = last
      await pause(signal)
    }
    const codes = new CellCodes()
    const ids = new Float64Array(rows)
    const cellOf = new Uint32Array(rows)
    const durationSeconds = new Float64Array(rows)
    const recordingOf = new Uint32Array(rows)
    const parts: Buffer[] = []
    let row = 0
    for (let after = 0; row < rows; ) {
      const some = clipFactsAfter(db, datasetId, after, READ_ROWS)
      const last = some.ids.at(-1)
      if (last === undefined) break
      const problems = byClip(problemsOfClips(db, after + 1, last))
      const tags = tagsOfClips(db, after + 1, last)
      for (const [place, id] of some.ids.entries()) {
        ids[row] = id
        cellOf[row] = codes.code(some.cells[place] ?? '', problems.get(id) ?? NONE, tags.get(id) ?? NONE)
        durationSeconds[row] = some.durationsSeconds[place] ?? Number.NaN
        recordingOf[row] = codeOfRecording.get(some.recordings[place] ?? '') ?? NO_RECORDING
        row++
      }
      parts.push(Buffer.from(foldedLines(some.fileNames)))
      after = last
      await pause(signal)
    }
    const durationBars = barsFor(durationSeconds)
    const durationBar = new Uint32Array(rows)
    await inSteps(rows, (first, end) => {
      for (let one = first; one < end; one++)
        durationBar[one] = barOf(durationSeconds[one] ?? Number.NaN, durationBars)
    })
    return new ClipTable(db, {
      datasetId,
      rows,
      ids,
      cellOf,
      codes,
      durationSeconds,
      durationBars,
      durationBar,
      recordingOf,
      recordings,
      codeOfRecording,
      fileNames: await TextColumn.of(parts, rows, signal),
      recordingTexts: await TextColumn.of(recordingTexts, recordings.length, signal),
    })
  }

  /** @returns −1 for a clip that is not here */
  rowOf(id: number): number {
    let first = 0
    let end = this.rows
    while (first < end) {
      const middle = (first + end) >>> 1
      if ((this.ids[middle] ?? 0) < id) first = middle + 1
      else end = middle
    }
    return this.ids[first] === id ? first : -1
  }

  /** Place in `recordings`; undefined for one that no clip is of. */
  codeOf(recording: string): number | undefined {
    return this.#codeOfRecording.get(recording)
  }

  /** Brings one clip up to date. @returns false where only reading all again does: another name or a new recording */
  refresh(id: number): boolean {
    const row = this.rowOf(id)
    const { fileNames, recordings, durationsSeconds, cells } = clipFacts(this.#db, id)
    const [fileName] = fileNames
    const [cell] = cells
    const seconds = durationsSeconds[0] ?? Number.NaN
    if (row < 0 || fileName === undefined || cell === undefined) return false
    const recording = this.#codeOfRecording.get(recordings[0] ?? '')
    if (recording === undefined || folded(fileName) !== this.fileNames.at(row)) return false
    const tags = tagsOfEach(this.#db, [id]).get(id) ?? NONE
    this.cellOf[row] = this.#codes.code(cell, problemsOfClips(this.#db, id, id), tags)
    this.durationSeconds[row] = seconds
    this.durationBar[row] = barOf(seconds, this.durationBars)
    this.recordingOf[row] = recording
    return true
  }

  /** Brings the tags of some clips up to date. */
  retag(clipIds: readonly number[]): void {
    const tags = tagsOfEach(this.#db, clipIds)
    for (const clipId of clipIds) {
      const row = this.rowOf(clipId)
      if (row >= 0) this.cellOf[row] = this.#codes.retagged(this.cellOf[row] ?? 0, tags.get(clipId) ?? NONE)
    }
  }

  /** Each row's place in the order of file names. */
  async nameRanks(signal: AbortSignal): Promise<Float64Array> {
    const ranks = new Float64Array(this.rows)
    let rank = 0
    for (let after = { name: '', id: 0 }; ; ) {
      const { ids, last } = clipsByName(this.#db, this.datasetId, after, READ_ROWS)
      for (const id of ids) {
        const row = this.rowOf(id)
        if (row >= 0) ranks[row] = rank++
      }
      const id = ids.at(-1)
      if (id === undefined || last === null) return ranks
      after = { name: last, id }
      await pause(signal)
    }
  }
}

interface Parts {
  datasetId: number
  rows: number
  ids: Float64Array
  cellOf: Uint32Array
  codes: CellCodes
  durationSeconds: Float64Array
  durationBars: Bars
  durationBar: Uint32Array
  recordingOf: Uint32Array
  recordings: readonly string[]
  codeOfRecording: ReadonlyMap<string, number>
  fileNames: TextColumn
  recordingTexts: TextColumn
}

const NONE: readonly never[] = []
const byClip = (problems: readonly ClipProblems[]) => Map.groupBy(problems, ({ clipId }) => clipId)

/** The different cells, and what facets are made of. */
class CellCodes {
  readonly columns = {
    classId: new CellColumn(({ classId }: Cell) => classId),
    fold: new CellColumn(({ fold }: Cell) => fold),
    salience: new CellColumn(({ salience }: Cell) => salience),
    sampleRateHz: new CellColumn(({ sampleRateHz }: Cell) => sampleRateHz),
    channels: new CellColumn(({ channels }: Cell) => channels),
    format: new CellColumn(({ format }: Cell) => format),
    problemCodes: new CellColumn(({ problemCodes }: Cell) => problemCodes),
    tags: new CellColumn(
      ({ tags }: Cell) => tags,
      (tags) => JSON.stringify(tags),
    ),
  }
  readonly #table = new CellTable(Object.values(this.columns))
  /** What a cell is but for its tags, by code. */
  readonly #bases: string[] = []

  get cells(): readonly Cell[] {
    return this.#table.cells
  }

  code(cell: string, problems: readonly ClipProblems[], tags: readonly string[]): number {
    const base =
      problems.length === 0 ? cell : cell + JSON.stringify(problems.map(({ code, count }) => [code, count]))
    return this.#code(base, tags, () => ({
      ...cellFactsOf(cell),
      problemCodes: problems.reduce((bits, { code }) => bits | (1 << PROBLEM_CODES.indexOf(code)), 0),
      problems: problems.reduce((sum, problem) => sum + problem.count, 0),
      tags,
    }))
  }

  /** The code of the same cell with other tags. */
  retagged(code: number, tags: readonly string[]): number {
    const cell = this.cells[code]
    const base = this.#bases[code]
    if (!cell || base === undefined) return code
    return this.#code(base, tags, () => ({ ...cell, tags }))
  }

  #code(base: string, tags: readonly string[], cell: () => Cell): number {
    const code = this.#table.code(tags.length === 0 ? base : `${base}\n${JSON.stringify(tags)}`, cell)
    this.#bases[code] = base
    return code
  }
}
