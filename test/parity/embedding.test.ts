import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type EmbeddingWorkspace,
  embeddingWorkspace,
  framedDeclaration,
  modelFile,
  RATE_HZ,
  waveform,
} from '../support/embedding-workspace.ts'
import { distance, embeddingArray, embeddings } from './feature-references.ts'

/** Against Python's onnxruntime, the whole way: import, model, extraction, what the window is given. */
let workspace: EmbeddingWorkspace
beforeAll(async () => {
  workspace = await embeddingWorkspace()
})
afterAll(() => workspace.close())

const pieces = { windowSamples: 4000, hopSamples: 1500 }
const mel = {
  kind: 'log-mel',
  sampleRateHz: RATE_HZ,
  durationSeconds: 1,
  nFft: 512,
  hopLength: 320,
  nMels: 16,
  fMinHz: 50,
  fMaxHz: 7500,
  decibelReference: 1,
  topDb: null,
}
const frames = { name: 'frames', axes: ['batch', 'frame', 'feature'] }
const CASES: [name: string, model: string, declaration: object][] = [
  ['framed-whole', 'framed', framedDeclaration],
  ['framed-frames', 'framed', { input: waveform, output: { ...frames, pooling: 'none' } }],
  ['framed-windows', 'framed', { input: { ...waveform, ...pieces }, output: { name: 'embedding' } }],
  ['framed-largest', 'framed', { input: { ...waveform, ...pieces }, output: { ...frames, pooling: 'max' } }],
  [
    'flat',
    'flat',
    {
      input: { ...waveform, ...pieces, name: 'waveform', axes: ['sample'] },
      output: { name: 'vector', axes: ['feature'] },
    },
  ],
  [
    'mel',
    'mel',
    {
      input: {
        kind: 'recipe',
        name: 'mel',
        recipe: mel,
        windowFrames: 20,
        hopFrames: 10,
        // From dB to the natural logarithm, of mean −5 and deviation 4.
        scale: Math.log(10) / 10 / 4,
        offset: 5 / 4,
      },
      output: { name: 'embedding' },
    },
  ],
]

describe.each(CASES)('%s', (name, model, declaration) => {
  it('equals onnxruntime under Python', async () => {
    const { core, datasetId } = workspace
    const added = await core.call('models.add', {
      file: modelFile(model),
      declaration: await workspace.declare(name, declaration),
      name,
    })
    const { jobId } = await core.call('features.extract', { datasetId, recipe: name })
    expect(await workspace.job(jobId)).toMatchObject({
      status: 'succeeded',
      result: { extracted: 2, failed: [] },
    })
    for (const [clipId, signal] of [
      [1, 'chirp'],
      [2, 'noise'],
    ] as const) {
      const key = `${name}-${signal}`
      const { shape } = embeddings.arrays[key] ?? {}
      expect([added.recipe.rows, added.recipe.frames]).toEqual(shape)
      const media = await core.media.open(`clips/${clipId}/spectrogram/${name}`)
      if (media.kind !== 'bytes') throw new Error('no bytes')
      const header = new Uint32Array(media.bytes.buffer, 0, 2)
      expect([...header]).toEqual(shape)
      const values = new Float32Array(media.bytes.buffer, 8)
      const expected = embeddingArray(key)
      expect(Math.max(...expected) - Math.min(...expected)).toBeGreaterThan(0.01)
      expect(distance(values, expected).max).toBeLessThan(1e-4)
    }
  })
})
