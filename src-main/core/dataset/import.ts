import { realpath } from 'node:fs/promises'
import { basename } from 'node:path'
import { SoundfoldError } from '../../contract/errors.ts'
import type {
  CsvMapping,
  DatasetFormat,
  ImportResult,
  Problem,
  ValidationReport,
} from '../../contract/model.ts'
import { type ClipRecord, clipsOfDataset, removeClip, saveClip } from '../db/clips.ts'
import {
  classesOf,
  datasetAt,
  datasetSource,
  getDataset,
  saveClass,
  saveDataset,
  setDatasetFolder,
} from '../db/datasets.ts'
import type { Database } from '../db/open.ts'
import { problemsOfDataset, replaceProblems, validationReport } from '../db/problems.ts'
import { transaction } from '../db/query.ts'
import { planImport } from './detect.ts'
import type { ImportPlan } from './import-plan.ts'
import { type Scanned, scanClips } from './scan.ts'
import { findProblems, findUnlistedFiles } from './validate.ts'

export interface ImportRequest {
  folder: string
  format: DatasetFormat | 'auto'
  mapping?: CsvMapping | undefined
  name?: string | undefined
}

export interface ImportContext {
  signal: AbortSignal
  progress(step: string, done: number, total: number): void
}

const REPORT_LIMIT = 1000

/**
 * Imports a folder: metadata, then every file's header and hash, then all rows in one transaction. The same folder again
 * is brought up to date; nothing is written when nothing differs, or when it is cancelled.
 * @throws SoundfoldError not-a-dataset | malformed-csv | cancelled
 */
export async function importDataset(
  db: Database,
  request: ImportRequest,
  context: ImportContext,
): Promise<ImportResult> {
  context.progress('Reading the metadata', 0, 0)
  const folder = await realpath(request.folder).catch(() => request.folder)
  const plan = await planImport(folder, request.format, request.mapping)
  if (plan.clips.length === 0)
    throw new SoundfoldError('not-a-dataset', `No row of the metadata in ${folder} can be used.`, {
      hint: plan.problems[0]?.message ?? 'The metadata has no rows.',
    })
  const earlier = datasetAt(db, folder)
  const scan = await scanFolder(db, folder, plan, earlier?.id ?? null, context)
  const name = request.name ?? (earlier ? getDataset(db, earlier.id).name : basename(folder))
  return save(db, earlier?.id ?? null, { name, folder, plan, ...scan })
}

interface Scan {
  clips: Scanned[]
  unlisted: Problem[]
}

async function scanFolder(
  db: Database,
  folder: string,
  plan: ImportPlan,
  datasetId: number | null,
  { signal, progress }: ImportContext,
): Promise<Scan> {
  const known = new Map(
    datasetId === null ? [] : clipsOfDataset(db, datasetId).map((clip) => [clip.relativePath, clip] as const),
  )
  const clips = await scanClips(folder, plan.clips, known, signal, (done, total) =>
    progress('Reading the audio files', done, total),
  )
  return { clips, unlisted: await findUnlistedFiles(folder, plan.audioFolders, plan.clips) }
}

/** Writes everything in one transaction, unless it is there already. */
function save(
  db: Database,
  datasetId: number | null,
  { name, folder, plan, clips, unlisted }: { name: string; folder: string; plan: ImportPlan } & Scan,
): ImportResult {
  const before = datasetId === null ? [] : clipsOfDataset(db, datasetId)
  const same =
    datasetId !== null &&
    datasetSource(db, datasetId).sourceHash === plan.sourceHash &&
    getDataset(db, datasetId).name === name &&
    fingerprint(before) === fingerprint(clips)
  const id = transaction(db, () => {
    const saved =
      same && datasetId !== null ? datasetId : saveDataset(db, datasetId, { ...plan, name, folder })
    if (!same) {
      for (const { id: classId, name: className } of plan.classes) saveClass(db, saved, classId, className)
      const kept = new Set(clips.map((clip) => clip.relativePath))
      for (const clip of before) if (!kept.has(clip.relativePath)) removeClip(db, clip.id)
      for (const { problem, ...clip } of clips) saveClip(db, saved, clip)
    }
    const problems = collectProblems(db, saved, plan, clips, unlisted)
    if (inOrder(problemsOfDataset(db, saved)) !== inOrder(problems)) replaceProblems(db, saved, problems)
    return saved
  })
  const dataset = getDataset(db, id)
  return {
    datasetId: id,
    name: dataset.name,
    format: dataset.format,
    clips: dataset.clips,
    readableClips: dataset.readableClips,
    skippedRows: plan.skippedRows,
    changed: !same,
    problems: dataset.problems,
  }
}

function collectProblems(
  db: Database,
  datasetId: number,
  plan: ImportPlan,
  scanned: readonly Scanned[],
  unlisted: readonly Problem[],
): Problem[] {
  const clips = clipsOfDataset(db, datasetId)
  const idOf = new Map(clips.map((clip) => [clip.relativePath, clip.id]))
  const unread = scanned.flatMap(({ problem, relativePath, line }) =>
    problem
      ? [
          {
            ...problem,
            severity: 'error' as const,
            clipId: idOf.get(relativePath) ?? null,
            file: relativePath,
            line,
          },
        ]
      : [],
  )
  const names = new Map(classesOf(db, datasetId).map(({ id, name }) => [id, name]))
  return [...plan.problems, ...unread, ...findProblems(clips, names), ...unlisted]
}

/** Equal for equal problems, in whatever order they were found and with whatever order of fields. */
function inOrder(problems: readonly Problem[]): string {
  return problems
    .map(({ code, clipId, message, file, line }) => JSON.stringify([code, clipId, message, file, line]))
    .sort()
    .join('\n')
}

/** Equal for equal rows, in whatever order. */
function fingerprint(clips: readonly (Omit<ClipRecord, 'id'> | Scanned)[]): string {
  return JSON.stringify(
    clips
      .map((clip) => [
        clip.relativePath,
        clip.classId,
        clip.fold,
        clip.salience,
        clip.recording,
        clip.startSeconds,
        clip.endSeconds,
        clip.line,
        clip.contentHash,
        clip.modifiedMs,
      ])
      .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
  )
}

/** Looks at every file again and renews the report. */
export async function revalidate(
  db: Database,
  datasetId: number,
  context: ImportContext,
): Promise<ValidationReport> {
  const source = datasetSource(db, datasetId)
  await importDataset(
    db,
    { folder: source.folder, format: source.format, mapping: source.mapping ?? undefined },
    context,
  )
  return validationReport(db, datasetId, REPORT_LIMIT)
}

/**
 * Points a dataset to the folder it was moved to.
 * @throws SoundfoldError conflict when the metadata there is another's, or the folder is another dataset's
 */
export async function relinkDataset(
  db: Database,
  datasetId: number,
  newFolder: string,
  context: ImportContext,
): Promise<ImportResult> {
  const source = datasetSource(db, datasetId)
  const folder = await realpath(newFolder).catch(() => newFolder)
  const plan = await planImport(folder, source.format, source.mapping ?? undefined)
  const taken = datasetAt(db, folder)
  if (taken && taken.id !== datasetId)
    throw new SoundfoldError('conflict', `${folder} is imported already, as dataset ${taken.id}.`)
  if (plan.sourceHash !== source.sourceHash)
    throw new SoundfoldError(
      'conflict',
      `${folder} holds other metadata than the dataset was imported from.`,
      {
        hint: 'Choose the folder that was moved, or import this one as a dataset of its own.',
      },
    )
  const scan = await scanFolder(db, folder, plan, datasetId, context)
  const name = getDataset(db, datasetId).name
  return transaction(db, () => {
    setDatasetFolder(db, datasetId, folder)
    return save(db, datasetId, { name, folder, plan, ...scan })
  })
}
