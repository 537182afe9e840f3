import { SoundfoldError } from '../../contract/errors.ts'
import {
  type ExplanationFiles,
  type ExplanationMethod,
  explanationFilesSchema,
  type Occlusion,
} from '../../contract/explanation.ts'
import { plural } from '../../contract/words.ts'
import type { Core } from '../../core/create-core.ts'
import { percent, table } from '../output.ts'
import { type GlobalOptions, runJob, withSession } from '../session.ts'
import { exportingTo } from './report.ts'

interface ExplainOptions extends GlobalOptions {
  method: ExplanationMethod
  classes: 'predicted' | 'given' | 'all'
  picture: number
  patch?: [bands: number, frames: number]
  stride?: [bands: number, frames: number]
  fill: Occlusion['fill']
  out?: string
}

export function explain(runId: string, clips: string[], { out, ...options }: ExplainOptions): Promise<void> {
  return withSession(exportingTo(options, out), async (session) => {
    const { method, classes, patch, stride, fill } = options
    if (method === 'grad-cam' && (patch || stride))
      throw new SoundfoldError('invalid-input', 'Grad-CAM has neither patch nor stride.', {
        hint: 'They are of --method occlusion.',
      })
    const { datasetId } = await session.core.call('runs.get', { runId })
    const clipIds: number[] = []
    for (const clip of clips) clipIds.push(await clipNamed(session.core, datasetId, clip))
    const job = await runJob(session, 'runs.explain', {
      runId,
      clipIds,
      method,
      classes,
      picture: options.picture - 1,
      occlusion: {
        ...(patch && { patchBands: patch[0], patchFrames: patch[1] }),
        ...(stride && { strideBands: stride[0], strideFrames: stride[1] }),
        fill,
      },
    })
    const written = explanationFilesSchema.parse(job.result)
    session.output.result(written, () => describe(written))
  })
}

/** @throws SoundfoldError not-found | invalid-input for a file name that several clips have */
async function clipNamed(core: Core, datasetId: number, text: string): Promise<number> {
  const { rows } = await core.call('clips.page', {
    datasetId,
    filter: { text: text.slice(0, 200) },
    limit: 500,
  })
  const named = rows.filter(({ fileName }) => fileName === text)
  const [found, ...others] = named
  if (found && others.length === 0) return found.id
  if (found)
    throw new SoundfoldError('invalid-input', `${named.length} clips are called ${text}.`, {
      hint: `Give the number of one: ${named.map(({ id }) => id).join(', ')}.`,
    })
  if (/^\d{1,15}$/.test(text)) return (await core.call('clips.get', { clipId: Number(text) })).id
  throw new SoundfoldError('not-found', `There is no clip ${text} in the run’s dataset.`, {
    hint: 'Name the file as the library does, or give the clip’s number.',
  })
}

const TOP = 3

function describe({ explanations, folder, files }: ExplanationFiles): string {
  const [first] = explanations
  const isDrop = first?.method === 'occlusion'
  return [
    table(
      [
        'file',
        'fold',
        'most probable',
        '',
        'second',
        '',
        'third',
        '',
        isDrop ? 'rests most on' : 'looks most at',
      ],
      explanations.map(({ fileName, fold, classes }) => {
        const ranked = classes.toSorted((a, b) => b.probability - a.probability).slice(0, TOP)
        const top = ranked[0]
        return [
          fileName,
          String(fold),
          ...ranked.flatMap(({ name, probability }) => [name, percent(probability)]),
          ...Array.from({ length: 2 * (TOP - ranked.length) }, () => ''),
          top && top.largest > 0 ? `${top.peak.seconds.toFixed(2)} s, row ${top.peak.row}` : 'no place',
        ]
      }),
      [1, 3, 5, 7],
    ),
    `${plural(files, 'file')} in ${folder}`,
  ].join('\n')
}
