import { resolve } from 'node:path'
import { SoundfoldError } from '../../contract/errors.ts'
import {
  type DatasetFormat,
  type FeatureExportFormat,
  type FeatureResult,
  featureExportSchema,
  featureResultSchema,
  importResultSchema,
  type ValidationReport,
  validationReportSchema,
} from '../../contract/model.ts'
import { keptAsideText, unpredictedText } from '../../contract/words.ts'
import { EXIT, table } from '../output.ts'
import { type GlobalOptions, pickDataset, runJob, withSession } from '../session.ts'

export interface ImportOptions extends GlobalOptions {
  format: DatasetFormat | 'auto'
  name?: string
  csv?: string
  fileColumn?: string
  labelColumn?: string
  /** False for a CSV without. */
  foldColumn?: string | false
  groupColumn?: string
  salienceColumn?: string
  startColumn?: string
  endColumn?: string
}

export function importFolder(folder: string, options: ImportOptions): Promise<void> {
  return withSession(options, async (session) => {
    const optional = (key: string, value: string | undefined) => (value === undefined ? {} : { [key]: value })
    const mapping =
      options.csv === undefined
        ? undefined
        : {
            csv: options.csv,
            file: options.fileColumn ?? 'file',
            label: options.labelColumn ?? 'label',
            ...(options.foldColumn === false ? {} : { fold: options.foldColumn ?? 'fold' }),
            ...optional('group', options.groupColumn),
            ...optional('salience', options.salienceColumn),
            ...optional('start', options.startColumn),
            ...optional('end', options.endColumn),
          }
    const job = await runJob(session, 'datasets.import', {
      folder: resolve(folder),
      format: mapping ? 'csv' : options.format,
      ...(mapping ? { mapping } : {}),
      ...(options.name === undefined ? {} : { name: options.name }),
    })
    const result = importResultSchema.parse(job.result)
    const report = await session.core.call('datasets.report', { datasetId: result.datasetId, limit: 20 })
    session.output.result({ ...result, report }, () =>
      [
        result.changed
          ? `Imported ${result.name} (${result.format}): ${result.clips} clips, ${result.readableClips} readable.`
          : `${result.name} is as it was imported before: ${result.clips} clips, nothing changed.`,
        ...(result.skippedRows > 0 ? [`${result.skippedRows} rows were left out.`] : []),
        ...[unpredictedText(result.unpredicted)].filter((text) => text !== null),
        describeReport(report),
      ].join('\n'),
    )
  })
}

export function validate(wanted: string | undefined, options: GlobalOptions): Promise<void> {
  return withSession(options, async (session) => {
    const dataset = await pickDataset(session.core, wanted)
    const job = await runJob(session, 'datasets.validate', { datasetId: dataset.id })
    const report = validationReportSchema.parse(job.result)
    session.output.result(report, () => describeReport(report))
    // So that a script can stop at a dataset with errors; warnings pass.
    if (report.counts.some(({ severity }) => severity === 'error')) process.exitCode = EXIT.failed
  })
}

export function relink(folder: string, options: GlobalOptions & { dataset?: string }): Promise<void> {
  return withSession(options, async (session) => {
    const dataset = await pickDataset(session.core, options.dataset)
    const job = await runJob(session, 'datasets.relink', { datasetId: dataset.id, folder: resolve(folder) })
    session.output.result(job.result, () => `${dataset.name} is now read from ${resolve(folder)}.`)
  })
}

export function features(options: GlobalOptions & { dataset?: string; recipe: string }): Promise<void> {
  return withSession(options, async (session) => {
    const dataset = await pickDataset(session.core, options.dataset)
    const job = await runJob(session, 'features.extract', { datasetId: dataset.id, recipe: options.recipe })
    const result = featureResultSchema.parse(job.result)
    session.output.result(result, () => describeFeatures(result))
  })
}

export function featureCache(options: GlobalOptions): Promise<void> {
  return withSession(options, async ({ core, output }) => {
    const parts = await core.call('features.cache', {})
    output.result(parts, () =>
      table(
        ['part', 'name', 'files', 'MB'],
        parts.map(({ id, name, files, sizeBytes }) => [
          id,
          name ?? '–',
          String(files),
          (sizeBytes / 1e6).toFixed(1),
        ]),
        [2, 3],
      ),
    )
  })
}

/** @param wanted - parts by id or name */
export function pruneFeatures(
  wanted: string[],
  options: GlobalOptions & { unnamed?: boolean },
): Promise<void> {
  return withSession(options, async ({ core, output }) => {
    const parts = await core.call('features.cache', {})
    const chosen = parts.filter(
      ({ id, name }) =>
        wanted.includes(id) || wanted.includes(name ?? id) || (options.unnamed && name === null),
    )
    const unknown = wanted.find((text) => !chosen.some(({ id, name }) => text === id || text === name))
    if (unknown !== undefined || (wanted.length === 0 && !options.unnamed))
      throw new SoundfoldError('not-found', `The cache has no part ${unknown ?? 'that is named here'}.`, {
        hint: 'Name some that soundfold features cache lists, or take --unnamed.',
      })
    if (chosen.length > 0) await core.call('features.prune', { ids: chosen.map(({ id }) => id) })
    const freedBytes = chosen.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    output.result({ removed: chosen, freedBytes }, () => `${(freedBytes / 1e6).toFixed(1)} MB freed.`)
  })
}

export interface ExportOptions extends GlobalOptions {
  dataset?: string
  recipe: string
  format: FeatureExportFormat
  out?: string
}

export function exportFeatures({ out, ...options }: ExportOptions): Promise<void> {
  const exportTo = out === undefined ? {} : { exportTo: resolve(out) }
  return withSession({ ...options, ...exportTo }, async (session) => {
    const dataset = await pickDataset(session.core, options.dataset)
    const { recipe, format } = options
    const job = await runJob(session, 'features.export', { datasetId: dataset.id, recipe, format })
    const written = featureExportSchema.parse(job.result)
    session.output.result(written, () =>
      [
        `${written.clips} clips, ${written.files} files of ${(written.sizeBytes / 1e6).toFixed(1)} MB in ${written.folder}`,
        ...written.failed.map((failure) => `  left out: ${failure.file}: ${failure.message}`),
      ].join('\n'),
    )
  })
}

function describeFeatures(result: FeatureResult): string {
  const failed = result.failed.map((failure) => `  ${failure.file}: ${failure.message}`)
  return [
    `Recipe ${result.recipe}: ${result.extracted} extracted, ${result.alreadyThere} were there, ${result.failed.length} failed.`,
    ...failed,
  ].join('\n')
}

const PROBLEMS_SHOWN = 20

function describeReport(report: ValidationReport): string {
  return [describeProblems(report), keptAsideText(report.keptAside)].filter(Boolean).join('\n')
}

function describeProblems(report: ValidationReport): string {
  if (report.counts.length === 0) return `No problems found in ${report.clips} clips.`
  const counts = table(
    ['problem', 'severity', 'count'],
    report.counts.map((row) => [row.code, row.severity, String(row.count)]),
    [2],
  )
  const total = report.counts.reduce((sum, row) => sum + row.count, 0)
  const shown = report.problems.slice(0, PROBLEMS_SHOWN).map((problem) => {
    const line = problem.line === null ? '' : ` (line ${problem.line})`
    return `  ${problem.code}${line}: ${problem.message}`
  })
  const rest = total > shown.length ? [`  … and ${total - shown.length} more; --json gives more of them`] : []
  return [`${report.readableClips} of ${report.clips} clips can be read.`, counts, ...shown, ...rest].join(
    '\n',
  )
}
