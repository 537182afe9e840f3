import { readdir, stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { csvText } from '../../contract/csv.ts'
import { SoundfoldError } from '../../contract/errors.ts'
import {
  type ModelChoice,
  type ModelFormat,
  modelExportSchema,
  type PredictionResult,
  predictionResultSchema,
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

/** What the formats that are read end with. */
const AUDIO = /\.(wav|wave|flac|ogg|oga|opus|mp3|aiff?|aifc)$/i

export function predict(runId: string, paths: string[], options: PredictOptions): Promise<void> {
  return withSession(options, async (session) => {
    const files = (await Promise.all(paths.map(audioIn))).flat()
    if (files.length === 0)
      throw new SoundfoldError('invalid-input', 'There is no audio file in what was named.', {
        hint: 'Name files, or folders with WAV, FLAC, OGG, Opus, MP3 or AIFF files.',
      })
    const fold = options.fold === undefined ? {} : { fold: options.fold }
    const job = await runJob(session, 'runs.predict', { runId, files, ...fold })
    const result = predictionResultSchema.parse(job.result)
    if (options.csv !== undefined) await writeFile(options.csv, predictionCsv(result))
    session.output.result(result, () => describe(result, options.csv))
  })
}

/** A file itself, or the audio files of a folder and those below it. */
async function audioIn(path: string): Promise<string[]> {
  const whole = resolve(path)
  if (!(await stat(whole).catch(() => undefined))?.isDirectory()) return [whole]
  const entries = await readdir(whole, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && AUDIO.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

function predictionCsv({ classes, predicted }: PredictionResult): string {
  return csvText([
    ['file', 'predicted', 'fold_in_dataset', ...classes],
    ...predicted.map(({ file, fold, probabilities }) => [
      file,
      ranked(classes, probabilities)[0]?.name ?? '',
      fold ?? '',
      ...probabilities,
    ]),
  ])
}

const ranked = (classes: readonly string[], probabilities: readonly number[]) =>
  classes
    .map((name, index) => ({ name, probability: probabilities[index] ?? 0 }))
    .sort((a, b) => b.probability - a.probability)

function describe({ classes, folds, predicted, failed }: PredictionResult, csv: string | undefined): string {
  const learnt = predicted.filter(({ fold }) => fold !== null && folds.some((own) => own !== fold)).length
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
