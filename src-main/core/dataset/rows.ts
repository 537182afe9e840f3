import type { Problem } from '../../contract/model.ts'
import { type CsvRow, type CsvTable, rowProblem } from './csv-file.ts'
import type { PlannedClip } from './import-plan.ts'

/** What an importer reads from one row, still as text. */
export interface RawClip {
  relativePath: string
  classId: string
  fold: string
  salience?: string | undefined
  recording?: string | undefined
  start?: string | undefined
  end?: string | undefined
}

export interface RowLimits {
  classIds?: readonly [number, number]
  folds: readonly [number, number]
}

/**
 * Turns rows into clips. A row that can't be one is left out and becomes a problem with its line; none is lost silently.
 */
export function planClips(
  table: CsvTable,
  limits: RowLimits,
  read: (values: CsvRow['values']) => RawClip,
): { clips: PlannedClip[]; problems: Problem[] } {
  const clips: PlannedClip[] = []
  const problems = [...table.problems]
  const lineOf = new Map<string, number>()
  for (const { line, values } of table.rows) {
    const raw = read(values)
    const clip = planClip(raw, line, limits)
    if ('code' in clip) problems.push(clip)
    else if (lineOf.has(clip.relativePath))
      problems.push(
        rowProblem(
          'duplicate-row',
          line,
          clip.fileName,
          `line ${lineOf.get(clip.relativePath)} names the same file`,
        ),
      )
    else {
      lineOf.set(clip.relativePath, line)
      clips.push(clip)
    }
  }
  return { clips, problems }
}

function planClip(raw: RawClip, line: number, limits: RowLimits): PlannedClip | Problem {
  const file = raw.relativePath.split('/').at(-1) || null
  const bad = (code: Problem['code'], why: string) => rowProblem(code, line, file, why)
  if (!file) return bad('malformed-row', 'it names no file')
  if (!isInside(raw.relativePath))
    return bad('path-outside-folder', `"${raw.relativePath}" leads out of the folder`)
  const classId = wholeNumber(raw.classId)
  const fold = wholeNumber(raw.fold)
  if (raw.classId === '') return bad('malformed-row', 'it names no class')
  if (classId === undefined) return bad('malformed-row', `"${raw.classId}" is not a class number`)
  if (fold === undefined) return bad('malformed-row', `"${raw.fold}" is not a fold`)
  const [lowestClass, highestClass] = limits.classIds ?? [classId, classId]
  if (classId < lowestClass || classId > highestClass)
    return bad('class-out-of-range', `class ${classId} is not one of ${lowestClass} to ${highestClass}`)
  const [lowestFold, highestFold] = limits.folds
  if (fold < lowestFold || fold > highestFold)
    return bad('fold-out-of-range', `fold ${fold} is not one of ${lowestFold} to ${highestFold}`)
  const start = optionalNumber(raw.start)
  const end = optionalNumber(raw.end)
  if (start === undefined || end === undefined)
    return bad('malformed-row', `start "${raw.start}" or end "${raw.end}" is not a number of seconds`)
  const salience = raw.salience === undefined || raw.salience === '' ? null : wholeNumber(raw.salience)
  if (salience !== null && salience !== 1 && salience !== 2)
    return bad('malformed-row', `salience "${raw.salience}" is not 1 (foreground) or 2 (background)`)
  return {
    relativePath: raw.relativePath,
    fileName: file,
    classId,
    fold,
    salience,
    recording: raw.recording || null,
    startSeconds: start,
    endSeconds: end,
    line,
  }
}

/** A path below the folder. An empty part comes of an absolute path put below a fold. */
function isInside(path: string): boolean {
  const parts = path.split(/[/\\]/)
  return !parts.includes('') && !parts.includes('..') && !/^[a-z]:/i.test(path) && !path.includes('\0')
}

function wholeNumber(text: string): number | undefined {
  return /^-?\d{1,9}$/.test(text) ? Number(text) : undefined
}

/** Null for an empty field, undefined for one that is no number. */
function optionalNumber(text: string | undefined): number | null | undefined {
  if (text === undefined || text === '') return null
  const value = Number(text)
  return Number.isFinite(value) ? value : undefined
}
