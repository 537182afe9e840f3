import { extname, resolve } from 'node:path'
import type { MethodInput } from '../../contract/api.ts'
import { SoundfoldError } from '../../contract/errors.ts'
import {
  PREDICTION_FORMATS,
  REPORT_FORMATS,
  type ReportFormat,
  writtenFileSchema,
  writtenFolderSchema,
} from '../../contract/report.ts'
import { bytes, plural } from '../../contract/words.ts'
import { type GlobalOptions, namedOrLatestRun, runJob, type Session, withSession } from '../session.ts'

interface WriteOptions extends GlobalOptions {
  out?: string
}

/** The session's options with the place that a person named for what is written, if any. */
export function exportingTo<O extends GlobalOptions>(options: O, place: string | undefined) {
  return place === undefined ? options : { ...options, exportTo: resolve(place) }
}

export function report(runId: string | undefined, { out, ...options }: WriteOptions): Promise<void> {
  return withSession(exportingTo(options, out), async (session) => {
    const format = out === undefined ? 'html' : reportFormat(out)
    const request = { runId: await namedOrLatestRun(session.core, runId), format }
    const job = await runJob(session, 'runs.report', request)
    const written = writtenFileSchema.parse(job.result)
    session.output.result(written, () => `${bytes(written.sizeBytes)} in ${written.file}`)
  })
}

export function predictions(
  runId: string | undefined,
  { out, folds, ...options }: WriteOptions & { folds?: number[] },
): Promise<void> {
  return withSession(exportingTo(options, out), async (session) => {
    const format = out === undefined ? 'csv' : formatOf(out, PREDICTION_FORMATS)
    const run = await namedOrLatestRun(session.core, runId)
    const request = { runId: run, filter: folds ? { folds } : {}, format }
    const job = await runJob(session, 'runs.predictions', request)
    const written = writtenFileSchema.parse(job.result)
    session.output.result(written, () => `${bytes(written.sizeBytes)} in ${written.file}`)
  })
}

/** Writes a page beside what a command prints, and notes where. */
export async function writeReport<M extends 'runs.report' | 'runs.comparisonReport'>(
  session: Session,
  method: M,
  input: MethodInput<M>,
): Promise<void> {
  const { file } = writtenFileSchema.parse((await runJob(session, method, input)).result)
  session.output.note(`Written to ${file}`)
}

export async function writeTables<M extends 'runs.tables' | 'runs.comparisonTables'>(
  session: Session,
  method: M,
  input: MethodInput<M>,
): Promise<void> {
  const { folder, files } = writtenFolderSchema.parse((await runJob(session, method, input)).result)
  session.output.note(`${plural(files, ['file', 'files'])} in ${folder}`)
}

export const reportFormat = (file: string): ReportFormat => formatOf(file, REPORT_FORMATS)

/** @throws SoundfoldError invalid-input for a file whose ending is not that of one of them */
function formatOf<F extends string>(file: string, formats: readonly F[]): F {
  const format = formats.find((known) => extname(file).toLowerCase() === `.${known}`)
  if (format) return format
  throw new SoundfoldError('invalid-input', `${file} does not say what to write by its ending.`, {
    hint: `It must end with ${formats.map((known) => `.${known}`).join(' or ')}.`,
  })
}
