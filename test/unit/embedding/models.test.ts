import { copyFile, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type EmbeddingWorkspace,
  embeddingWorkspace,
  framedDeclaration,
  modelFile,
  waveform,
} from '../../support/embedding-workspace.ts'

/** The models of a workspace: what is added, what is refused and why, and what a lost file means. */
let workspace: EmbeddingWorkspace
beforeAll(async () => {
  workspace = await embeddingWorkspace()
})
afterAll(() => workspace.close())

async function add(model: string, declaration: unknown = framedDeclaration, name = 'tried') {
  const path = await workspace.declare(name, declaration)
  return workspace.core.call('models.add', { file: modelFile(model), declaration: path, name })
}
const files = () => readdir(join(workspace.folder, 'models')).catch(() => [])
const names = async () => (await workspace.core.call('models.list', {})).map(({ name }) => name)
const extract = async (recipe: string) => {
  const { datasetId, core } = workspace
  return workspace.job((await core.call('features.extract', { datasetId, recipe })).jobId)
}

describe('a model', () => {
  it('becomes a recipe, is listed, exported by, and removed with its file', async () => {
    const { core, datasetId } = workspace
    const added = await add('framed', framedDeclaration, 'framed')
    expect(added).toMatchObject({
      name: 'framed',
      sizeBytes: 1918,
      recipe: {
        name: 'framed',
        builtIn: false,
        rows: 6,
        frames: 1,
        sampleRateHz: 16_000,
        description: '6 values of an embedding model, 1 s at 16000 Hz, 1 window',
      },
    })
    expect(await files()).toEqual([`${added.hash}.onnx`])
    const listed = (await core.call('features.recipes', {})).at(-1)
    expect(listed).toEqual(added.recipe)
    const { jobId } = await core.call('features.export', { datasetId, recipe: 'framed', format: 'npz' })
    expect(await workspace.job(jobId)).toMatchObject({
      status: 'succeeded',
      result: { clips: 2, failed: [] },
    })
    const png = await core.call('features.export', { datasetId, recipe: 'framed', format: 'png' })
    expect(await workspace.job(png.jobId)).toMatchObject({ status: 'succeeded', result: { clips: 2 } })
    await core.call('models.remove', { name: 'framed' })
    expect(await names()).toEqual([])
    expect(await files()).toEqual([])
    expect((await core.call('features.recipes', {})).some(({ name }) => name === 'framed')).toBe(false)
  })

  it('can be asked in several ways, and its file goes with the last', async () => {
    const whole = await add('framed', framedDeclaration, 'whole')
    const cut = { input: { ...waveform, windowSamples: 4000 }, output: { name: 'embedding' } }
    const pieces = await add('framed', cut, 'pieces')
    expect(pieces.hash).toBe(whole.hash)
    expect(pieces.recipe.hash).not.toBe(whole.recipe.hash)
    expect(pieces.recipe.frames).toBe(4)
    await workspace.core.call('models.remove', { name: 'whole' })
    expect(await files()).toEqual([`${whole.hash}.onnx`])
    await workspace.core.call('models.remove', { name: 'pieces' })
    expect(await files()).toEqual([])
  })

  it('is declared by the JSON beside it and named after its file', async () => {
    const { core } = workspace
    const beside = join(
      dirname(await workspace.declare('My Framed_Model', framedDeclaration)),
      'My Framed_Model',
    )
    await copyFile(modelFile('framed'), `${beside}.onnx`)
    expect(await core.call('models.add', { file: `${beside}.onnx` })).toMatchObject({
      name: 'my-framed-model',
    })
    // The same again changes nothing.
    await core.call('models.add', { file: `${beside}.onnx` })
    expect(await names()).toEqual(['my-framed-model'])
    await core.call('models.remove', { name: 'my-framed-model' })
  })

  it('takes no name of another recipe, and no recipe takes its name', async () => {
    const { core } = workspace
    await add('framed', framedDeclaration, 'mine')
    const cut = { input: { ...waveform, windowSamples: 4000 }, output: { name: 'embedding' } }
    await expect(add('framed', cut, 'mine')).rejects.toMatchObject({ code: 'conflict' })
    await expect(add('framed', cut, 'article')).rejects.toMatchObject({ code: 'conflict' })
    const [article] = await core.call('features.recipes', {})
    if (!article || article.settings.kind === 'embedding') throw new Error('no recipe')
    await expect(
      core.call('features.saveRecipe', { name: 'mine', settings: article.settings }),
    ).rejects.toMatchObject({ code: 'conflict' })
    await expect(core.call('features.removeRecipe', { name: 'mine' })).rejects.toMatchObject({
      code: 'conflict',
      hint: 'Remove the model: soundfold models remove mine',
    })
    await core.call('models.remove', { name: 'mine' })
    await expect(core.call('models.remove', { name: 'mine' })).rejects.toMatchObject({ code: 'not-found' })
  })
})

it('trains a linear probe, and is not removed meanwhile', async () => {
  const { core, datasetId } = workspace
  const cut = { input: { ...waveform, windowSamples: 4000 }, output: { name: 'embedding' } }
  const { hash } = await add('framed', cut, 'probed')
  const { runId, jobId } = await core.call('runs.start', {
    datasetId,
    settings: { preset: 'linear', recipe: 'probed', training: { epochs: 2 }, engine: 'wasm', processes: 1 },
  })
  await expect(core.call('models.remove', { name: 'probed' })).rejects.toMatchObject({
    code: 'conflict',
    message: 'A model can’t be removed while a job is going.',
  })
  expect(await workspace.job(jobId)).toMatchObject({ status: 'succeeded', error: null })
  await core.call('models.remove', { name: 'probed' })
  const run = await core.call('runs.get', { runId })
  expect(run).toMatchObject({
    foldsDone: [1, 2],
    settings: { recipe: 'probed', recipeSettings: { kind: 'embedding', modelHash: hash, dimensions: 6 } },
  })
  const level = { preset: 'linear', recipe: 'probed', training: { augmentation: { gainDb: 6 } } }
  await add('framed', cut, 'probed')
  await expect(core.call('runs.start', { datasetId, settings: level })).rejects.toMatchObject({
    code: 'invalid-input',
    message: expect.stringContaining('of the kind embedding do not follow the level'),
  })
  await core.call('models.remove', { name: 'probed' })
})

describe('what is refused leaves nothing', () => {
  const output = { name: 'embedding' }
  const CASES: [what: string, model: string, declaration: unknown, code: string, message: RegExp][] = [
    ['a missing field', 'framed', { input: waveform }, 'invalid-input', /declaration.*output: /],
    [
      'an unknown field',
      'framed',
      { input: { ...waveform, windowSeconds: 1 }, output },
      'invalid-input',
      /windowSeconds/,
    ],
    [
      'an axis twice',
      'framed',
      { input: { ...waveform, axes: ['sample', 'sample'] }, output },
      'invalid-input',
      /input\.axes: must name an axis once/,
    ],
    [
      'no such input',
      'framed',
      { input: { ...waveform, name: 'wave' }, output },
      'model-unusable',
      /no input "wave"/,
    ],
    [
      'no such output',
      'framed',
      { input: waveform, output: { name: 'logits' } },
      'model-unusable',
      /no output "logits"/,
    ],
    [
      'another rank',
      'framed',
      { input: { ...waveform, axes: ['sample'] }, output },
      'model-unusable',
      /"audio" is \[1, any\]; declared is \[16000\]/,
    ],
    [
      'another length',
      'flat',
      { input: { ...waveform, name: 'waveform', axes: ['sample'] }, output: { name: 'vector' } },
      'model-unusable',
      /"waveform" is \[4000\]; declared is \[16000\]/,
    ],
    [
      'windows that the model can’t take',
      'framed',
      { input: { ...waveform, windowSamples: 10 }, output },
      'embedding-failed',
      /Conv node/,
    ],
    [
      'another form of output',
      'framed',
      { input: waveform, output: { name: 'frames' } },
      'embedding-failed',
      /3 axes, \[1, 499, 6\], where 2 are declared/,
    ],
    [
      'a recipe that there is not',
      'mel',
      { input: { kind: 'recipe', name: 'mel', recipe: 'nobody' }, output },
      'not-found',
      /no feature recipe "nobody"/,
    ],
    [
      'a recipe of other size',
      'mel',
      { input: { kind: 'recipe', name: 'mel', recipe: 'article' }, output },
      'model-unusable',
      /"mel" is \[1, 1, 20, 16\]; declared is \[1, 1, 173, 128\]/,
    ],
    [
      'whole numbers as input',
      'whole-numbers',
      { input: { ...waveform, name: 'tokens' }, output },
      'model-unusable',
      /is int64/,
    ],
    ['weights in other files', 'external', framedDeclaration, 'model-unusable', /weights in other files/],
    [
      'values that are no numbers',
      'not-a-number',
      framedDeclaration,
      'embedding-failed',
      /no finite numbers/,
    ],
  ]
  it.each(CASES)('%s', async (_what, model, declaration, code, message) => {
    const failure = add(model, declaration)
    await expect(failure).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
    expect(await files()).toEqual([])
    expect(await names()).toEqual([])
  })

  it('a file that is no model, is cut short, or is missing', async () => {
    const { core } = workspace
    const declaration = await workspace.declare('bad', framedDeclaration)
    const file = declaration.replace('.json', '.onnx')
    const adding = () => core.call('models.add', { file, declaration })
    await expect(adding()).rejects.toMatchObject({ code: 'missing-file' })
    await writeFile(file, 'no model')
    await expect(adding()).rejects.toMatchObject({
      code: 'model-unusable',
      message: expect.stringContaining('onnxruntime can’t load the model'),
    })
    await copyFile(modelFile('framed'), file)
    await truncate(file, 1000)
    await expect(adding()).rejects.toMatchObject({ code: 'model-unusable' })
    await writeFile(file, '')
    await expect(adding()).rejects.toMatchObject({ code: 'model-unusable' })
    await rm(file)
    await expect(core.call('models.add', { file: dirname(file), declaration })).rejects.toMatchObject({
      code: 'invalid-input',
    })
    expect(await files()).toEqual([])
  })

  it('a file that is too large', async () => {
    const { core } = workspace
    const declaration = await workspace.declare('large', framedDeclaration)
    const file = declaration.replace('.json', '.onnx')
    await writeFile(file, '')
    await truncate(file, 2 ** 30 + 1)
    await expect(core.call('models.add', { file, declaration })).rejects.toMatchObject({
      code: 'invalid-input',
      message: expect.stringContaining('1.1 GB'),
    })
  })

  it('a model without a declaration, whose inputs and outputs are told', async () => {
    const { core } = workspace
    const file = join(dirname(await workspace.declare('x', {})), 'alone.onnx')
    await copyFile(modelFile('framed'), file)
    await expect(core.call('models.add', { file })).rejects.toMatchObject({
      code: 'invalid-input',
      message: expect.stringContaining('alone.json can’t be read'),
      hint: expect.stringContaining(
        'takes "audio" float32 [1, any] and gives "embedding" float32 [1, 6], "frames" float32 [1, any, 6]',
      ),
    })
    await writeFile(file.replace('.onnx', '.json'), '{ input')
    await expect(core.call('models.add', { file })).rejects.toMatchObject({
      code: 'invalid-input',
      message: expect.stringContaining('alone.json is no JSON'),
    })
  })

  it('one that is cancelled while it is tried', async () => {
    // Loud enough to go on for ever.
    const endless = { input: { ...waveform, scale: 10 }, output: { name: 'embedding' } }
    const declaration = await workspace.declare('cancelled', endless)
    const abort = new AbortController()
    const adding = workspace.core.call(
      'models.add',
      { file: modelFile('endless'), declaration },
      abort.signal,
    )
    setTimeout(() => abort.abort(), 1000)
    await expect(adding).rejects.toMatchObject({ name: 'AbortError' })
    expect(await files()).toEqual([])
    expect(await names()).toEqual([])
  })
})

describe('a model whose file is lost or changed', () => {
  it('ends the extraction with what to do; features that are there stay', async () => {
    const { core, folder } = workspace
    const { hash } = await add('framed', framedDeclaration, 'lost')
    const file = join(folder, 'models', `${hash}.onnx`)
    expect(await extract('lost')).toMatchObject({
      status: 'succeeded',
      result: { extracted: 0, alreadyThere: 2 },
    })
    const other = { input: { ...waveform, windowSamples: 8000 }, output: { name: 'embedding' } }
    await add('framed', other, 'lost-pieces')
    await rm(file)
    expect((await core.call('models.list', {})).map(({ sizeBytes }) => sizeBytes)).toEqual([null, null])
    expect(await extract('lost')).toMatchObject({ status: 'succeeded', result: { alreadyThere: 2 } })
    expect(await extract('lost-pieces')).toMatchObject({
      status: 'failed',
      error: {
        code: 'model-unusable',
        message: expect.stringContaining('not in the workspace any more'),
        hint: expect.stringContaining('soundfold models add'),
      },
    })
    await add('framed', other, 'lost-pieces')
    expect(await extract('lost-pieces')).toMatchObject({ status: 'succeeded', result: { extracted: 2 } })
  })

  it('is not taken for the model that was added', async () => {
    const { hash } = await add('mel', MEL, 'changed')
    await copyFile(modelFile('framed'), join(workspace.folder, 'models', `${hash}.onnx`))
    // The process that tried the model has it loaded, and may go on with it.
    const { core } = workspace
    await add('flat', FLAT, 'flat')
    await extract('flat')
    const job = await extract('changed')
    expect(job).toMatchObject({
      status: 'failed',
      error: { code: 'model-unusable', message: expect.stringContaining('was changed since it was added') },
    })
    await core.call('models.remove', { name: 'flat' })
  })
})

const MEL = {
  input: {
    kind: 'recipe',
    name: 'mel',
    recipe: {
      kind: 'log-mel',
      sampleRateHz: 16_000,
      durationSeconds: 1,
      nFft: 512,
      hopLength: 320,
      nMels: 16,
    },
    windowFrames: 20,
  },
  output: { name: 'embedding' },
}
const FLAT = {
  input: { ...waveform, name: 'waveform', axes: ['sample'], windowSamples: 4000 },
  output: { name: 'vector', axes: ['feature'] },
}
