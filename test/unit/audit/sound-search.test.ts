import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type IssueKind, searchResultSchema } from '../../../src-main/contract/audit-issues.ts'
import { isOver } from '../../../src-main/contract/job.ts'
import { type Core, createCore } from '../../../src-main/core/create-core.ts'
import { createRandom } from '../../../src-main/core/ml/random.ts'
import { workerEntries } from '../../../src-main/host/entries.ts'
import { monoWav } from '../../support/tiny-workspace.ts'

const RATE = 22_050
let root: string
let core: Core

/** Two seconds that no other seed has. */
function sound(seed: number): Float32Array {
  const { normal, uniform } = createRandom(seed)
  const samples = Float32Array.from({ length: 2 * RATE }, () => 0.01 * normal())
  for (let burst = 0; burst < 12; burst++) {
    const start = Math.floor(uniform() * 1.8 * RATE)
    const hertz = 300 + 3000 * uniform()
    for (let at = 0; at < RATE / 5 && start + at < samples.length; at++)
      samples[start + at] =
        (samples[start + at] ?? 0) + 0.2 * Math.exp(-at / 1500) * Math.sin((2 * Math.PI * hertz * at) / RATE)
  }
  return samples
}

function wav(samples: Float32Array): Buffer {
  const bytes = Buffer.alloc(2 * samples.length)
  samples.forEach((value, at) => {
    bytes.writeInt16LE(Math.round(32_767 * Math.max(-1, Math.min(1, value))), 2 * at)
  })
  return monoWav(bytes, { coding: 1, bytesPerSample: 2, rateHz: RATE })
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'soundfold-sounds-'))
  const folder = join(root, 'set')
  await mkdir(folder)
  const original = sound(1)
  const late = new Float32Array(original.length)
  late.set(original.subarray(0, -4000), 4000)
  const files: [name: string, label: string, fold: number, recording: string, samples: Float32Array][] = [
    ['original', 'a', 1, 'r1', original],
    ['quiet-and-late', 'b', 2, 'r2', late.map((value) => value / 3)],
    ['same-recording', 'a', 1, 'r1', original.map((value) => value / 2)],
    ['bytes-again', 'a', 2, 'r3', original],
    ['silent', 'b', 1, 'r4', new Float32Array(RATE)],
    ...[2, 3, 4].map((seed): (typeof files)[number] => [`other-${seed}`, 'b', 1, `s${seed}`, sound(seed)]),
  ]
  for (const [name, , , , samples] of files) await writeFile(join(folder, `${name}.wav`), wav(samples))
  const rows = files.map(([name, label, fold, recording]) => `${name}.wav,${label},${fold},${recording}`)
  await writeFile(join(folder, 'set.csv'), `file,label,fold,group\n${rows.join('\n')}\n`)
  core = await createCore({
    workspaceFolder: join(root, 'workspace'),
    entries: workerEntries(),
    mediaBase: '/media/',
  })
  const mapping = { csv: 'set.csv', file: 'file', label: 'label', fold: 'fold', group: 'group' }
  await ended((await core.call('datasets.import', { folder, format: 'csv', mapping })).jobId)
})
afterAll(async () => {
  await core.close()
  await rm(root, { recursive: true, force: true })
})

async function ended(jobId: number) {
  for (;;) {
    const job = await core.call('jobs.get', { jobId })
    if (isOver(job)) return job
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

async function found(kinds: IssueKind[]) {
  const { jobId } = await core.call('audit.search', { datasetId: 1, settings: { kinds } })
  const { searchId } = searchResultSchema.parse((await ended(jobId)).result)
  const { rows } = await core.call('audit.issues', { searchId })
  const names = new Map<number, string>()
  for (const { id, fileName } of (await core.call('clips.page', { datasetId: 1 })).rows)
    names.set(id, fileName)
  return rows.map(({ kind, severity, fileName, relatedClipIds }) => ({
    kind,
    severity,
    files: [fileName, ...relatedClipIds.map((id) => names.get(id) ?? '')].map((name) =>
      name.replace('.wav', ''),
    ),
  }))
}

it('the same sound is found at another level, place, fold and label, but not where it is expected', async () => {
  const pairs = await found(['near-duplicate'])
  // The pairs under two labels come first; not original and same-recording, nor original and bytes-again.
  expect(pairs.map(({ severity, files }) => [severity, ...files.sort()])).toEqual(
    [
      ['error', 'original', 'quiet-and-late'],
      ['error', 'quiet-and-late', 'same-recording'],
      ['error', 'bytes-again', 'quiet-and-late'],
      ['error', 'bytes-again', 'same-recording'],
    ].map((row) => expect.arrayContaining(row)),
  )
})

it('kinds that were not asked for are not reported', async () => {
  expect(await found(['silence'])).toEqual([{ kind: 'silence', severity: 'error', files: ['silent'] }])
})

it('a search that is cancelled leaves nothing', async () => {
  const before = await core.call('audit.searches', {})
  const { jobId } = await core.call('audit.search', { datasetId: 1 })
  await core.call('jobs.cancel', { jobId })
  expect(await ended(jobId)).toMatchObject({ status: 'cancelled' })
  expect(await core.call('audit.searches', {})).toEqual(before)
})

it('a recipe that is not there is said before anything starts', async () => {
  await expect(
    core.call('audit.search', { datasetId: 1, settings: { recipe: 'no-such' } }),
  ).rejects.toMatchObject({ code: 'not-found' })
})

it('clips are alike by a recipe of one’s choice', async () => {
  const { jobId } = await core.call('audit.search', {
    datasetId: 1,
    settings: { kinds: ['near-duplicate'], recipe: 'article' },
  })
  expect(await ended(jobId)).toMatchObject({ status: 'succeeded', result: { issues: expect.any(Number) } })
})
