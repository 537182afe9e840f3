import { SoundfoldError } from '../../contract/errors.ts'
import {
  type ExplanationFiles,
  type ExplanationMethod,
  explanationFilesSchema,
  type Occlusion,
} from '../../contract/explanation.ts'
import { plural } from '../../contract/words.ts'
import { clipNamed } from '../clips-named.ts'
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
    const { datasetId: id, datasetName: name } = await session.core.call('runs.get', { runId })
    const clipIds: number[] = []
    for (const clip of clips) clipIds.push(await clipNamed(session.core, { id, name }, clip))
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
    `${plural(files, ['file', 'files'])} in ${folder}`,
  ].join('\n')
}
