import { realpath, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { SoundfoldError } from '../../contract/errors.ts'
import type {
  CsvMapping,
  DatasetFormat,
  ImportResult,
  Problem,
  ValidationReport,
} from '../../contract/model.ts'
import { annotatedClipIds } from '../db/annotations.ts'
import { type ClipRecord, clipsOfDataset, moveClip, removeClip, saveClip } from '../db/clips.ts'
import {
  classesOf,
  type DatasetSource,
  datasetAt,
  datasetSource,
  getDataset,
  removeUnusedClasses,
  saveClass,
  saveDataset,
  setDatasetFolder,
} from '../db/datasets.ts'
import { countKept, freeClipId, giveBack, pairsAlike, returning, setAside } from '../db/kept-clips.ts'
import type { Database } from '../db/open.ts'
import { countPredicted } from '../db/predictions.ts'
import { problemsOfDataset, replaceProblems, validationReport } from '../db/problems.ts'
import { transaction } from '../db/query.ts'
import { planImport } from './detect.ts'
import type { ImportPlan, PlannedClip } from './import-plan.ts'
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
 * is brought up to date; nothing is written when nothing differs, or when it is cancelled. A clip whose file was moved
 * stays the clip that it was. What people made of clips that are gone is kept aside, and given back when they return; what
 * runs predicted of them goes with them.
 * @throws SoundfoldError not-a-dataset | malformed-csv | cancelled
 */
export async function importDataset(
  db: Database,
  request: ImportRequest,
  context: ImportContext,
): Promise<ImportResult> {
  context.progress('Reading the metadata', 0, 0)
  const folder = await realpath(request.folder).catch(() => request.folder)
  const earlier = datasetAt(db, folder)
  const plan = keepAnnotated(db, await planImport(folder, request.format, request.mapping), earlier?.id)
  if (plan.clips.length === 0)
    throw new SoundfoldError('not-a-dataset', `No row of the metadata in ${folder} can be used.`, {
      hint: plan.problems[0]?.message ?? 'The metadata has no rows.',
    })
  const scan = await scanFolder(db, folder, plan, earlier?.id ?? null, context)
  const name = request.name ?? (earlier ? getDataset(db, earlier.id).name : basename(folder))
  return save(db, earlier?.id ?? null, { name, folder, plan, ...scan })
}

/**
 * Recordings are known by their files alone: one that is annotated and not found stays a clip, without audio, until it is back.
 * Its annotations would go with it.
 */
function keepAnnotated(db: Database, plan: ImportPlan, datasetId: number | undefined): ImportPlan {
  if (plan.format !== 'recordings' || datasetId === undefined) return plan
  const found = new Set(plan.clips.map(({ relativePath }) => relativePath))
  const annotated = new Set(annotatedClipIds(db, datasetId))
  const gone = clipsOfDataset(db, datasetId).filter(
    ({ id, relativePath }) => annotated.has(id) && !found.has(relativePath),
  )
  return { ...plan, clips: [...plan.clips, ...gone] }
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
  // A file that was cut short is read again: its row alone doesn't tell.
  if (datasetId !== null)
    for (const { code, file } of problemsOfDataset(db, datasetId))
      if (code === 'truncated-file' && file !== null) known.delete(file)
  const clips = await scanClips(folder, plan.clips, known, signal, (done, total) =>
    progress('Reading the audio files', done, total),
  )
  const unlisted = await findUnlistedFiles(folder, plan.audioFolders, plan.clips)
  signal.throwIfAborted()
  return { clips, unlisted }
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
    isSameSource(datasetSource(db, datasetId), plan) &&
    getDataset(db, datasetId).name === name &&
    fingerprint(before) === fingerprint(clips)
  let unpredicted = 0
  const id = transaction(db, () => {
    const saved =
      same && datasetId !== null ? datasetId : saveDataset(db, datasetId, { ...plan, name, folder })
    if (!same) {
      for (const { id: classId, name: className } of plan.classes) saveClass(db, saved, classId, className)
      const there = new Set(clips.map((clip) => clip.relativePath))
      const known = new Set(before.map((clip) => clip.relativePath))
      const left = before.filter((clip) => !there.has(clip.relativePath))
      const moved = pairsAlike(
        left,
        clips.filter((clip) => !known.has(clip.relativePath)),
      )
      for (const [clip, now] of moved) moveClip(db, clip.id, now.relativePath)
      const stayed = new Set(moved.map(([clip]) => clip))
      const gone = left.filter((clip) => !stayed.has(clip)).map((clip) => clip.id)
      unpredicted = countPredicted(db, gone)
      setAside(db, gone)
      for (const clipId of gone) removeClip(db, clipId)
      const back = returning(db, saved, clips)
      for (const { problem, ...clip } of clips)
        saveClip(db, saved, clip, back.get(clip.relativePath) ?? freeClipId(db))
      giveBack(db, back.values())
      removeUnusedClasses(db, saved)
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
    keptAside: countKept(db, id),
    unpredicted,
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

/** The same file, read in the same way. */
function isSameSource(source: DatasetSource, plan: ImportPlan): boolean {
  return (
    source.sourceHash === plan.sourceHash &&
    source.format === plan.format &&
    isDeepStrictEqual(source.mapping, plan.mapping)
  )
}

type Row = Omit<PlannedClip, 'line' | 'fileName'>

/** Equal for equal labels, folds and times, in whatever order and layout of the metadata. */
function metadataOf(clips: readonly Row[]): string {
  return rowsInOrder(clips, () => [])
}

/** Equal for equal clips with the same audio. */
function fingerprint(clips: readonly (Omit<ClipRecord, 'id'> | Scanned)[]): string {
  return rowsInOrder(clips, (clip) => [clip.line, clip.contentHash, clip.modifiedMs])
}

function rowsInOrder<T extends Row>(clips: readonly T[], more: (clip: T) => unknown[]): string {
  return clips
    .map((clip) =>
      JSON.stringify([
        clip.relativePath,
        clip.classId,
        clip.fold,
        clip.salience,
        clip.recording,
        clip.startSeconds,
        clip.endSeconds,
        ...more(clip),
      ]),
    )
    .sort()
    .join('\n')
}

/**
 * Looks at every file again and renews the report. Labels and folds stay as imported.
 * @throws SoundfoldError missing-file when the folder is gone | conflict when its metadata is no longer the same
 */
export async function revalidate(
  db: Database,
  datasetId: number,
  context: ImportContext,
): Promise<ValidationReport> {
  const source = datasetSource(db, datasetId)
  const { folder } = source
  const { name } = getDataset(db, datasetId)
  if (!(await stat(folder).catch(() => undefined)))
    throw new SoundfoldError('missing-file', `${folder}, the folder of ${name}, is not there.`, {
      hint: 'If it was moved, relink the dataset to where it is now.',
    })
  const found = await planImport(folder, source.format, source.mapping ?? undefined)
  const plan = keepAnnotated(db, found, datasetId)
  if (!isSameSource(source, plan))
    throw new SoundfoldError('conflict', `The metadata of ${name} has changed since it was imported.`, {
      hint: `Import ${folder} again to take it over.`,
    })
  save(db, datasetId, { name, folder, plan, ...(await scanFolder(db, folder, plan, datasetId, context)) })
  return validationReport(db, datasetId, REPORT_LIMIT)
}

/**
 * Points a dataset to the folder it was moved to: its metadata must say the same, and its audio be there when it was
 * there before.
 * @throws SoundfoldError conflict when it is another dataset's folder, or other data
 */
export async function relinkDataset(
  db: Database,
  datasetId: number,
  newFolder: string,
  context: ImportContext,
): Promise<ImportResult> {
  const source = datasetSource(db, datasetId)
  const { name, readableClips } = getDataset(db, datasetId)
  const folder = await realpath(newFolder).catch(() => newFolder)
  const found = await planImport(folder, source.format, source.mapping ?? undefined)
  const plan = keepAnnotated(db, found, datasetId)
  const taken = datasetAt(db, folder)
  if (taken && taken.id !== datasetId)
    throw new SoundfoldError('conflict', `${folder} is imported already, as dataset ${taken.id}.`)
  // Other bytes may say the same: line endings, quotes or the order of rows.
  if (!isSameSource(source, plan) && metadataOf(clipsOfDataset(db, datasetId)) !== metadataOf(plan.clips))
    throw new SoundfoldError('conflict', `${folder} holds other metadata than ${name} was imported from.`, {
      hint: 'Choose the folder that was moved, or import this one as a dataset of its own.',
    })
  const scan = await scanFolder(db, folder, plan, datasetId, context)
  if (readableClips > 0 && scan.clips.every((clip) => clip.contentHash === null))
    throw new SoundfoldError('conflict', `${folder} holds the metadata of ${name} but none of its audio.`, {
      hint: 'Choose the folder that has both.',
    })
  return transaction(db, () => {
    setDatasetFolder(db, datasetId, folder)
    return save(db, datasetId, { name, folder, plan, ...scan })
  })
}
