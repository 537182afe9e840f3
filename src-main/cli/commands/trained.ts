import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import {
  learntFiles,
  type ModelChoice,
  type ModelFormat,
  modelExportSchema,
  type PredictionResult,
  predictionCsv,
  predictionResultSchema,
  ranked,
} from '../../contract/model-file.ts'
import { percent, table } from '../output.ts'
import { type GlobalOptions, runJob, withSession } from '../session.ts'

interface ExportModelOptions extends GlobalOptions {
  format: ModelFormat
  folds: ModelChoice
  out?: string
}

export function exportModel(runId: string, { out, ...options }: ExportModelOptions): Promise<void> {
  const exportTo = out === undefined ? {} : { exportTo: resolve(out) }
  return withSession({ ...options, ...exportTo }, async (session) => {
    const { format, folds: model } = options
    const job = await runJob(session, 'runs.exportModel', { runId, format, model })
    const written = modelExportSchema.parse(job.result)
    session.output.result(
      written,
      () =>
        `${written.files} files of ${(written.sizeBytes / 1e6).toFixed(1)} MB in ${written.folder}; card.md says what they are.`,
    )
  })
}

interface PredictOptions extends GlobalOptions {
  fold?: number
  csv?: string
}

export function predict(runId: string, paths: string[], options: PredictOptions): Promise<void> {
  return withSession(options, async (session) => {
    const files = paths.map((path) => resolve(path))
    const fold = options.fold === undefined ? {} : { fold: options.fold }
    const job = await runJob(session, 'runs.predict', { runId, files, ...fold })
    const result = predictionResultSchema.parse(job.result)
    if (options.csv !== undefined) await writeFile(options.csv, predictionCsv(result))
    session.output.result(result, () => describe(result, options.csv))
  })
}

function describe(result: PredictionResult, csv: string | undefined): string {
  const { classes, predicted, failed } = result
  const learnt = learntFiles(result)
  return [
    table(
      ['file', 'most probable', '', 'second', '', 'third', '', 'in the dataset'],
      predicted.map(({ file, probabilities, fold }) => [
        file,
        ...ranked(classes, probabilities)
          .slice(0, 3)
          .concat(
            Array.from({ length: Math.max(0, 3 - classes.length) }, () => ({ name: '', probability: 0 })),
          )
          .flatMap(({ name, probability }) => [name, name && percent(probability)]),
        fold === null ? '' : `fold ${fold}`,
      ]),
      [2, 4, 6],
    ),
    ...(learnt > 0
      ? [
          `${learnt} of these files are clips that models asked here were trained on: that says nothing of new recordings.`,
        ]
      : []),
    ...failed.map(({ file, message }) => `left out: ${file}: ${message}`),
    ...(csv === undefined ? [] : [`All probabilities are in ${csv}.`]),
  ].join('\n')
}
