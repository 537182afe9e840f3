import { resolve } from 'node:path'
import {
  type Agreement,
  type AnnotationFormat,
  type AnnotationImport,
  annotationExportSchema,
  annotationImportSchema,
  type CutSettings,
  cutResultSchema,
} from '../../contract/annotation.ts'
import { hertz, longDuration, MISSING, plural } from '../../contract/words.ts'
import { percent, table } from '../output.ts'
import { type GlobalOptions, madeBy, pickDataset, runJob, withSession } from '../session.ts'
import { exportingTo } from './report.ts'

interface OfDataset extends GlobalOptions {
  dataset?: string
}

export function listAnnotations(
  options: OfDataset & { label?: string; annotator?: string; limit: number },
): Promise<void> {
  return withSession(options, async ({ core, output }) => {
    const dataset = await pickDataset(core, options.dataset)
    const page = await core.call('annotations.list', {
      datasetId: dataset.id,
      limit: options.limit,
      ...(options.label !== undefined && { label: options.label }),
      ...(options.annotator !== undefined && { author: options.annotator }),
    })
    output.result(page, () =>
      page.total === 0
        ? `${dataset.name} has no such annotation. Draw some on the page of a clip, or: soundfold annotations import FILE`
        : [
            table(
              ['clip', 'from s', 'to s', 'band', 'label', 'salience', 'confidence', 'by'],
              page.rows.map(({ fileName, startSeconds, endSeconds, lowHz, highHz, label, ...row }) => [
                fileName,
                startSeconds.toFixed(3),
                endSeconds.toFixed(3),
                lowHz === null && highHz === null ? MISSING : `${hertz(lowHz)} to ${hertz(highHz)}`,
                label,
                String(row.salience ?? MISSING),
                String(row.confidence ?? MISSING),
                row.author,
              ]),
              [1, 2],
            ),
            ...(page.total > page.rows.length
              ? [`… of ${plural(page.total, ['annotation', 'annotations'])}; --limit shows more`]
              : []),
          ].join('\n'),
    )
  })
}

export function importAnnotations(
  paths: string[],
  options: OfDataset & { format: AnnotationFormat | 'auto'; annotator?: string; author?: string },
): Promise<void> {
  return withSession(options, async (session) => {
    const dataset = await pickDataset(session.core, options.dataset)
    const job = await runJob(session, 'annotations.import', {
      by: await madeBy(session.core, options.author),
      datasetId: dataset.id,
      paths: paths.map((path) => resolve(path)),
      format: options.format,
      ...(options.annotator !== undefined && { annotator: options.annotator }),
    })
    const result = annotationImportSchema.parse(job.result)
    session.output.result(result, () => importInWords(result))
  })
}

const LEFT_OUT_SHOWN = 20

function importInWords({
  files,
  annotations,
  clips,
  alreadyThere,
  leftOut,
  leftOutTotal,
  notes,
}: AnnotationImport): string {
  return [
    `${plural(annotations, ['annotation', 'annotations'])} of ${plural(clips, ['clip', 'clips'])} imported from ${plural(files, ['file', 'files'])}.`,
    ...(alreadyThere > 0
      ? [`${plural(alreadyThere, ['annotation', 'annotations'])} were there already.`]
      : []),
    ...notes.map((note) => `  ${note}`),
    ...leftOut.slice(0, LEFT_OUT_SHOWN).map(({ file, message }) => `  ${file}: ${message}`),
    ...(leftOutTotal > LEFT_OUT_SHOWN
      ? [`  … and ${leftOutTotal - LEFT_OUT_SHOWN} more; --json gives more of them`]
      : []),
  ].join('\n')
}

export function exportAnnotations({
  out,
  ...options
}: OfDataset & { format: AnnotationFormat; out?: string }): Promise<void> {
  return withSession(exportingTo(options, out), async (session) => {
    const dataset = await pickDataset(session.core, options.dataset)
    const job = await runJob(session, 'annotations.export', { datasetId: dataset.id, format: options.format })
    const written = annotationExportSchema.parse(job.result)
    session.output.result(written, () =>
      [
        `${plural(written.annotations, ['annotation', 'annotations'])} of ${plural(written.clips, ['clip', 'clips'])} in ${plural(written.files, ['file', 'files'])}: ${written.folder}`,
        ...written.notes.map((note) => `  ${note}`),
      ].join('\n'),
    )
  })
}

interface CutOptions extends OfDataset {
  out?: string
  whole?: boolean
  window: number
  hop: number
  folds?: number
  seed: number
  annotator?: string
  labels?: string[]
  mostPerClass?: number
}

export function cutClips({ out, ...options }: CutOptions): Promise<void> {
  return withSession(exportingTo(options, out), async (session) => {
    const dataset = await pickDataset(session.core, options.dataset)
    const settings: Partial<CutSettings> = {
      pieces: options.whole ? 'whole' : 'windows',
      ...{ windowSeconds: options.window, hopSeconds: options.hop, seed: options.seed },
      ...(options.folds !== undefined && { folds: options.folds }),
      ...(options.annotator !== undefined && { annotator: options.annotator }),
      ...(options.labels !== undefined && { labels: options.labels }),
      ...(options.mostPerClass !== undefined && { mostPerClass: options.mostPerClass }),
    }
    const job = await runJob(session, 'annotations.cut', { datasetId: dataset.id, settings })
    const cut = cutResultSchema.parse(job.result)
    session.output.result(cut, () =>
      [
        `${plural(cut.clips, ['clip', 'clips'])} of ${plural(cut.recordings, ['recording', 'recordings'])}, ${longDuration(cut.totalDurationSeconds)}: ${cut.folder}`,
        table(
          ['class', 'name', 'clips', 'recordings'],
          cut.classes.map(({ id, name, clips, recordings }) => [
            String(id),
            name,
            String(clips),
            String(recordings),
          ]),
          [0, 2, 3],
        ),
        table(
          ['fold', 'clips', 'recordings'],
          cut.folds.map(({ fold, clips, recordings }) => [String(fold), String(clips), String(recordings)]),
          [0, 1, 2],
        ),
        ...cut.notes.map((note) => `  ${note}`),
        `To use it: soundfold import ${cut.folder}`,
      ].join('\n'),
    )
  })
}

const kappaText = (kappa: number | null) => kappa?.toFixed(3) ?? MISSING
const saidNothing = (label: string) => label || '(nothing)'

export function agreement(
  options: OfDataset & { clips?: boolean; segment: number; annotators?: string[] },
): Promise<void> {
  return withSession(options, async ({ core, output }) => {
    const dataset = await pickDataset(core, options.dataset)
    const report = await core.call('annotations.agreement', {
      datasetId: dataset.id,
      settings: {
        unit: options.clips ? 'clips' : 'segments',
        segmentSeconds: options.segment,
        ...(options.annotators && { authors: options.annotators }),
      },
    })
    output.result(report, () => agreementInWords(report))
  })
}

function agreementInWords({ unit, clips, units, authors, fleiss, pairs, classes }: Agreement): string {
  const what = unit === 'clips' ? 'clips' : 'segments'
  return [
    `${plural(clips, ['clip', 'clips'])} annotated by two people or more, ${plural(units, [unit.slice(0, -1), unit])}; ${authors.map(({ name }) => name).join(', ')}.`,
    `Fleiss’ kappa of all ${authors.length}: ${kappaText(fleiss.kappa)} over ${plural(fleiss.units, [unit.slice(0, -1), unit])}.`,
    table(
      ['pair', what, 'agreement', 'Cohen’s kappa'],
      pairs.map(({ a, b, units: both, agreement: share, kappa }) => [
        ...[`${a} and ${b}`, String(both), share === null ? MISSING : percent(share), kappaText(kappa)],
      ]),
      [1, 2, 3],
    ),
    table(
      ['label', what, 'Fleiss', ...pairs.map(({ a, b }) => `${a}/${b}`)],
      classes.map(({ label, units: own, fleiss: kappa, pairs: of }) => [
        ...[saidNothing(label), String(own), kappaText(kappa), ...of.map(kappaText)],
      ]),
      [1, 2, ...pairs.map((_, place) => place + 3)],
    ),
  ].join('\n')
}
