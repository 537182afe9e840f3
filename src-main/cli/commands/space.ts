import { SoundfoldError } from '../../contract/errors.ts'
import { writtenFileSchema } from '../../contract/report.ts'
import type { Neighbours, SpaceSource } from '../../contract/space.ts'
import { bytes, MISSING } from '../../contract/words.ts'
import type { Core } from '../../core/create-core.ts'
import { clipNamed } from '../clips-named.ts'
import { table } from '../output.ts'
import { type GlobalOptions, pickDataset, runJob, withSession } from '../session.ts'
import { exportingTo } from './report.ts'

interface NearestOptions extends GlobalOptions {
  dataset?: string
  run?: string
  count: number
  all?: boolean
  ownRecording?: boolean
}

/** @param wanted - file name or number */
export function nearestClips(wanted: string, options: NearestOptions): Promise<void> {
  return withSession(options, async (session) => {
    const { core, output } = session
    const { run: runId } = options
    const dataset = await datasetOf(core, runId, options.dataset)
    const request = {
      clipId: await clipNamed(core, dataset, wanted),
      ...(runId !== undefined && { runId }),
      count: options.count,
      among: options.all ? ('all' as const) : ('training' as const),
      ownRecording: options.ownRecording ?? false,
    }
    let found = await core.call('clips.neighbours', request)
    if (!found.isMade) {
      await runJob(session, 'spaces.make', { source: found.source })
      found = await core.call('clips.neighbours', request)
    }
    output.result(found, () => describe(found))
  })
}

function describe({ neighbours, source }: Neighbours): string {
  return table(
    ['cosine', 'file', 'label', 'fold', 'recording', ...(source.kind === 'run' ? ['learnt'] : [])],
    neighbours.map(({ cosine, fileName, className, fold, recording, learnt }) => [
      ...[cosine.toFixed(4), fileName, className, String(fold), recording ?? MISSING],
      ...(source.kind === 'run' ? [learnt ? 'yes' : 'no'] : []),
    ]),
    [0, 3],
  )
}

interface MapOptions extends GlobalOptions {
  dataset?: string
  run?: string
  fold?: number
  recipe?: string
  neighbours: number
  minimumDistance: number
  seed: number
  out?: string
}

export function mapClips({ out, ...options }: MapOptions): Promise<void> {
  return withSession(exportingTo(options, out), async (session) => {
    const { core, output } = session
    if (out !== undefined && !out.toLowerCase().endsWith('.csv'))
      throw new SoundfoldError('invalid-input', `${out} does not say what to write by its ending.`, {
        hint: 'It must end with .csv.',
      })
    const { neighbours, minimumDistance, seed } = options
    const request = { source: await sourceOf(core, options), settings: { neighbours, minimumDistance, seed } }
    if ((await core.call('maps.get', request)) === null) await runJob(session, 'maps.make', request)
    const written = writtenFileSchema.parse((await runJob(session, 'maps.file', request)).result)
    output.result({ ...request, ...written }, () => `${bytes(written.sizeBytes)} in ${written.file}`)
  })
}

async function sourceOf(
  core: Core,
  { dataset, run, fold, recipe }: Omit<MapOptions, 'out'>,
): Promise<SpaceSource> {
  if (run === undefined) {
    if (fold !== undefined)
      throw new SoundfoldError('invalid-input', 'A fold is of a run.', { hint: 'Name the run by --run.' })
    const { id: datasetId } = await pickDataset(core, dataset)
    return { kind: 'dataset', datasetId, recipe: recipe ?? null }
  }
  if (recipe !== undefined)
    throw new SoundfoldError('invalid-input', 'A run has its own features.', {
      hint: 'Leave out --recipe, or --run.',
    })
  const { foldsDone } = await core.call('runs.get', { runId: run })
  const first = fold ?? foldsDone[0]
  if (first === undefined) throw new SoundfoldError('not-found', `Run ${run} has no model yet.`)
  return { kind: 'run', runId: run, fold: first }
}

async function datasetOf(core: Core, runId: string | undefined, wanted: string | undefined) {
  if (runId === undefined) return pickDataset(core, wanted)
  const { datasetId: id, datasetName: name } = await core.call('runs.get', { runId })
  return { id, name }
}
