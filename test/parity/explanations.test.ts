import { readFileSync } from 'node:fs'
import * as tf from '@tensorflow/tfjs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { occlusionSchema } from '../../src-main/contract/explanation.ts'
import type { EngineName } from '../../src-main/contract/run.ts'
import { ARCHITECTURES } from '../../src-main/core/ml/architectures/index.ts'
import { loadEngine } from '../../src-main/core/ml/engines/load.ts'
import { probeEngines } from '../../src-main/core/ml/engines/probe.ts'
import { reducedShape } from '../../src-main/core/ml/examples.ts'
import { type ClassMaps, embeddingOf, gradCam, occlusion } from '../../src-main/core/ml/explain.ts'
import { createRandom } from '../../src-main/core/ml/random.ts'
import type { SavedNetwork } from '../../src-main/core/ml/saved-network.ts'
import { assignValues } from '../../src-main/core/ml/variables.ts'
import { workerEntries } from '../../src-main/host/entries.ts'
import { architecture } from '../support/architectures.ts'
import { explanationArray } from './feature-references.ts'

/** Grad-CAM and occlusion of our networks, and Captum's of the same ones in PyTorch (generate/explanations.py). */

const size = z.object({ bands: z.int(), frames: z.int() })
const stored = z.object({ offset: z.int(), shape: z.array(z.int()) })
const { normalisation, patch, stride, cases } = z
  .object({
    normalisation: z.object({ mean: z.number(), deviation: z.number() }),
    patch: size,
    stride: size,
    cases: z.array(
      z.object({
        architecture: z.string(),
        settings: z.record(z.string(), z.unknown()),
        seed: z.int(),
        pictures: z.array(z.object({ rows: z.int(), frames: z.int() })),
        reduction: size,
        variables: z.array(z.object({ shape: z.array(z.int()), centre: z.number(), spread: z.number() })),
        fill: z.enum(['mean', 'minimum']),
        probabilities: z.array(z.number()),
        embedding: stored,
        targets: z.array(z.int()),
        maps: z.array(z.object({ gradCam: z.array(stored), occlusion: z.array(stored) })),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL('data/explanations.json', import.meta.url), 'utf8')))
type Case = (typeof cases)[number]

const CLASSES = 10

/** The network with the case's weights as a run would have saved it, and a clip's pictures. */
function prepare(given: Case) {
  const chosen = architecture(given.architecture)
  expect(chosen.reduction).toEqual(given.reduction)
  const settings = chosen.settings(given.settings)
  const inputs = given.pictures.map((picture) => reducedShape(picture, chosen.reduction))
  const network = chosen.build(inputs, CLASSES, createRandom(0), settings)
  const variables = [...network.trainable, ...network.state]
  const random = createRandom(given.seed)
  const draw = (length: number, centre: number, spread: number) =>
    Float32Array.from({ length }, () => centre + spread * (2 * random.uniform() - 1))
  assignValues(
    variables,
    given.variables.map(({ shape, centre, spread }) => draw(tf.util.sizeFromShape(shape), centre, spread)),
  )
  const pictures = given.pictures.map(({ rows, frames }) => ({
    rows,
    frames,
    data: draw(rows * frames, 0, 1.7),
  }))
  const saved: SavedNetwork = {
    architecture: chosen,
    network,
    file: {
      preset: given.architecture,
      fold: 1,
      classes: CLASSES,
      seed: 1,
      network: settings,
      innerFold: null,
      resultEpoch: 1,
      loss: { name: 'cross-entropy' },
      inputs,
      normalisation,
      shapes: variables.map(({ shape }) => shape),
    },
  }
  return { saved, pictures }
}

/** Largest distance, as a share of the largest value where that is above 1. */
function distance(found: ArrayLike<number> | undefined, expected: ArrayLike<number>): number {
  expect(found?.length).toBe(expected.length)
  let [gap, most] = [0, 1]
  for (let index = 0; index < expected.length; index++) {
    const own = Math.abs((found?.[index] ?? Number.NaN) - (expected[index] ?? Number.NaN))
    gap = Math.max(gap, own)
    most = Math.max(most, Math.abs(expected[index] ?? 0))
  }
  return gap / most
}

const reports = await probeEngines(workerEntries().engineProbe, { benchmark: false, threads: 1 })
const isThere = (name: EngineName) => reports.some((report) => report.name === name && report.available)

describe.each<EngineName>(['wasm', 'tensorflow'])('explanations on %s equal Captum’s', (engine) => {
  const test = isThere(engine) ? it : it.skip
  beforeAll(async () => {
    if (isThere(engine)) await loadEngine(engine, { threads: 1 })
  })
  afterAll(() => tf.disposeVariables())

  test.each(cases)('$architecture', async (given) => {
    const { saved, pictures } = prepare(given)
    const before = tf.memory().numTensors
    const patches = occlusionSchema.parse({
      patchBands: patch.bands,
      patchFrames: patch.frames,
      strideBands: stride.bands,
      strideFrames: stride.frames,
      fill: given.fill,
    })
    const agrees = (found: ClassMaps, expected: z.infer<typeof stored>[]) => {
      expect(distance(found.probabilities, given.probabilities)).toBeLessThan(1e-4)
      expect(found.maps).toHaveLength(CLASSES)
      given.targets.forEach((target, index) => {
        const map = expected[index]
        if (!map) throw new Error('a map for each target')
        const values = explanationArray(map)
        expect(Math.max(...values)).toBeGreaterThan(Math.min(...values))
        expect(distance(found.maps[target], values)).toBeLessThan(1e-4)
      })
    }
    for (const [which, expected] of given.maps.entries()) {
      const signal = new AbortController().signal
      agrees(await occlusion(saved, pictures, which, patches, () => {}, signal), expected.occlusion)
      if (expected.gradCam.length > 0) agrees(gradCam(saved, pictures, which), expected.gradCam)
      else expect(() => gradCam(saved, pictures, which)).toThrow(/has no feature map/)
    }
    expect(distance(embeddingOf(saved, [pictures])[0], explanationArray(given.embedding))).toBeLessThan(1e-4)
    expect(tf.memory().numTensors).toBe(before)
    saved.network.dispose()
  })
})

describe('explanations', () => {
  it('are compared for every network', () => {
    const names = ARCHITECTURES.map(({ preset }) => preset.name)
    expect(cases.map(({ architecture }) => architecture)).toEqual(names.toSorted(byCase))
  })
})

const byCase = (a: string, b: string) => placeOf(a) - placeOf(b)
const placeOf = (name: string) => cases.findIndex((given) => given.architecture === name)
