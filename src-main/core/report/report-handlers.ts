import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { csvText } from '../../contract/csv.ts'
import { SoundfoldError } from '../../contract/errors.ts'
import type { ReportFormat, WrittenFile, WrittenFolder } from '../../contract/report.ts'
import { APP_VERSION } from '../app-version.ts'
import { clipNames } from '../db/clips.ts'
import { getRun } from '../db/runs.ts'
import { exportPlace } from '../export/names.ts'
import { contentOf, makeFile, makeFolder, type NewPlace } from '../export/new-folder.ts'
import type { HandlerParts, Handlers } from '../handlers.ts'
import { comparisonReport } from './comparison-report.ts'
import { confidentErrors } from './errors.ts'
import { writePredictions } from './predictions-file.ts'
import { runReport } from './run-report.ts'
import { comparisonTables, runTables, type Tables } from './tables.ts'

type Parts = Pick<HandlerParts, 'options' | 'db' | 'jobs' | 'runs' | 'evaluations'>
type ReportMethod =
  | 'runs.report'
  | 'runs.comparisonReport'
  | 'runs.tables'
  | 'runs.comparisonTables'
  | 'runs.predictions'

/** What writes a run's figures to files: reports, tables, predictions. */
export function reportHandlers(parts: Parts): Pick<Handlers, ReportMethod> {
  const { options, db, jobs, runs, evaluations } = parts
  const written = { writtenBy: `Soundfold ${APP_VERSION}` }
  const exportJob = (title: string, work: (signal: AbortSignal) => Promise<WrittenFile | WrittenFolder>) => ({
    jobId: jobs.start({ kind: 'export', title, work: ({ signal }) => work(signal) }).id,
  })
  /** A page as a file, printed where a PDF is wanted. */
  const reportJob = (
    title: string,
    name: readonly string[],
    format: ReportFormat,
    make: (signal: AbortSignal) => Promise<string>,
  ) => {
    const { printPdf } = options
    if (format === 'pdf' && !printPdf) throw noPrinter()
    const target = exportPlace(options, name, `.${format}`)
    return exportJob(title, (signal) =>
      makeFile(target, async (path) => {
        const page = await make(signal)
        const content = format === 'pdf' && printPdf ? await printPdf(page) : page
        signal.throwIfAborted()
        await writeFile(path, content, { flush: true })
      }),
    )
  }

  return {
    'runs.report': ({ runId, format }) => {
      const { settings, datasetName } = getRun(db, runId)
      return reportJob(
        `Report of ${settings.preset}`,
        [datasetName, settings.preset, 'report'],
        format,
        async (signal) => {
          const predictions = await evaluations.predictions(runId, {}, signal)
          return runReport({
            run: getRun(db, runId),
            evaluation: await evaluations.evaluation(runId, {}, signal),
            curves: await evaluations.curves(runId, {}, signal),
            slices: await evaluations.slices(runId, {}, signal),
            errors: confidentErrors(predictions, (ids) => clipNames(db, ids)),
            notes: runs.folds(runId).flatMap(({ fold, notes }) => notes.map((text) => ({ fold, text }))),
            ...written,
            writtenAt: new Date().toISOString(),
          })
        },
      )
    },
    'runs.comparisonReport': ({ runIds, labels, format }) => {
      const { datasetName } = getRun(db, runIds[0] ?? '')
      return reportJob(`Report of a comparison`, [datasetName, 'comparison'], format, async (signal) =>
        comparisonReport({
          comparison: await evaluations.compare(runIds, labels, signal),
          datasetName,
          ...written,
          writtenAt: new Date().toISOString(),
        }),
      )
    },
    'runs.tables': ({ runId, filter }) => {
      const { settings, datasetName } = getRun(db, runId)
      const target = exportPlace(options, [datasetName, settings.preset, 'tables'])
      return exportJob(`Tables of ${settings.preset}`, async (signal) => {
        const evaluation = await evaluations.evaluation(runId, filter, signal)
        const curves = await evaluations.curves(runId, filter, signal)
        const slices = await evaluations.slices(runId, filter, signal)
        const whole = { run: getRun(db, runId), filter, evaluation, curves, slices }
        return writeTables(target, runTables(evaluation, curves, slices), { evaluation: whole })
      })
    },
    'runs.comparisonTables': ({ runIds, labels }) => {
      const { datasetName } = getRun(db, runIds[0] ?? '')
      const target = exportPlace(options, [datasetName, 'comparison', 'tables'])
      return exportJob('Tables of a comparison', async (signal) => {
        const comparison = await evaluations.compare(runIds, labels, signal)
        return writeTables(target, comparisonTables(comparison), { comparison })
      })
    },
    'runs.predictions': ({ runId, filter, format }) => {
      const { settings, datasetName } = getRun(db, runId)
      const target = exportPlace(options, [datasetName, settings.preset, 'predictions'], `.${format}`)
      return exportJob(`Predictions of ${settings.preset}`, (signal) =>
        makeFile(target, async (path) => {
          const predictions = await evaluations.predictions(runId, filter, signal)
          const names = clipNames(db, predictions.clipIds)
          await writePredictions(path, format, { runId, predictions, names }, signal)
        }),
      )
    },
  }
}

/** A CSV file a table, and a JSON file of everything at full precision. */
async function writeTables(
  target: NewPlace,
  tables: Tables,
  documents: Record<string, unknown>,
): Promise<WrittenFolder> {
  const { folder, result } = await makeFolder(target, async (work) => {
    for (const [name, rows] of Object.entries(tables))
      await writeFile(join(work, `${name}.csv`), csvText(rows), { flush: true })
    for (const [name, document] of Object.entries(documents))
      await writeFile(join(work, `${name}.json`), `${JSON.stringify(document, null, 2)}\n`, { flush: true })
    return contentOf(work)
  })
  return { folder, ...result }
}

const noPrinter = () =>
  new SoundfoldError('invalid-input', 'A PDF can be made in the desktop app only: nothing here can print.', {
    hint: 'Write the report as HTML, open it in a browser, and print it to a PDF there.',
  })
