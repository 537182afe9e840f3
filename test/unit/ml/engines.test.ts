import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { EngineName } from '../../../src-main/contract/run.ts'
import { probeEngines } from '../../../src-main/core/ml/engines/probe.ts'
import { workerEntries } from '../../../src-main/host/entries.ts'

/** Loading and probing the engines, each in a process of its own as in use. */

const run = promisify(execFile)
const root = resolve(import.meta.dirname, '../../..')
const entry = workerEntries().engineProbe
const reports = await probeEngines(entry, { benchmark: true, threads: 1 })
const report = (name: EngineName) => reports.find((one) => one.name === name)

/** Runs a program that has `loadEngine` of a source tree; what it prints, as JSON. */
async function load(program: string, tree = root): Promise<unknown> {
  const url = pathToFileURL(join(tree, 'src-main/core/ml/engines/load.ts')).href
  const code = `const { loadEngine } = await import(${JSON.stringify(url)});${program}`
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', code], { cwd: root })
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
}

describe('the probe', () => {
  it('reports each engine once, the native one first', () => {
    expect(reports.map(({ name }) => name)).toEqual(['tensorflow', 'wasm'])
  })

  describe.each<EngineName>(['wasm', 'tensorflow'])('of %s', (name) => {
    const found = report(name)
    const test = name === 'wasm' ? it : it.skipIf(!found?.available)
    test('says versions, threads and measured speed', () => {
      expect(found).toMatchObject({
        available: true,
        reason: null,
        threads: 1,
        version: expect.stringMatching(/^\d+\.\d+/),
        libraryVersion: expect.stringMatching(name === 'wasm' ? /XNNPACK/ : /^\d+\.\d+/),
      })
      for (const speed of [found?.forwardGflops, found?.backwardGflops]) {
        expect(speed).toBeGreaterThan(0.05)
        expect(speed).toBeLessThan(10_000)
      }
    })
  })

  describe('of an engine that goes wrong', () => {
    const odd = new URL('odd-probe.ts', import.meta.url)
    afterEach(() => {
      delete process.env.SOUNDFOLD_TEST_PROBE
    })
    it.each([
      { how: 'throws', reason: 'Error: the library is of another machine' },
      { how: 'crashes', reason: 'its process ended with SIGSEGV' },
      { how: 'hangs', reason: 'it did not answer in 1 s' },
      { how: 'babbles', reason: 'its process ended with 0' },
    ])('that $how: says so', async ({ how, reason }) => {
      process.env.SOUNDFOLD_TEST_PROBE = how
      const [first] = await probeEngines(odd, {
        benchmark: false,
        ...(how === 'hangs' ? { timeLimitSeconds: 1 } : {}),
      })
      expect(first).toMatchObject({ available: false, reason, version: null, forwardGflops: null })
    })

    it('that crashes at its end: keeps the report', async () => {
      process.env.SOUNDFOLD_TEST_PROBE = 'crashes at its end'
      const [first] = await probeEngines(odd, { benchmark: false })
      expect(first?.available).toBe(true)
    })
  })

  it('an entry that is not there is an engine that is not there', async () => {
    const [first] = await probeEngines(new URL('nothing.ts', import.meta.url), { benchmark: false })
    expect(first).toMatchObject({ available: false, reason: expect.stringContaining('Cannot find module') })
  })

  it('ends its process when it is cancelled', async () => {
    process.env.SOUNDFOLD_TEST_PROBE = 'hangs'
    const abort = new AbortController()
    setTimeout(() => abort.abort(), 300)
    const startMs = performance.now()
    const odd = new URL('odd-probe.ts', import.meta.url)
    await expect(probeEngines(odd, { benchmark: false }, abort.signal)).rejects.toThrow(/abort/i)
    expect(performance.now() - startMs).toBeLessThan(1300)
    delete process.env.SOUNDFOLD_TEST_PROBE
  })
})

describe('loading an engine', () => {
  const SHOW = `
    const { tf, name, description } = await loadEngine(CHOICE, { threads: 1 })
    const five = tf.add(2, 3).dataSync()[0]
    console.log(JSON.stringify({ name, description, five, backend: tf.getBackend() }))`
  const show = (choice: string) => SHOW.replace('CHOICE', JSON.stringify(choice))

  it.skipIf(!report('tensorflow')?.available)('auto takes the native one where it is', async () => {
    expect(await load(show('auto'))).toMatchObject({
      name: 'tensorflow',
      backend: 'tensorflow',
      five: 5,
      description: expect.stringMatching(/^TensorFlow \d.*, 1 thread$/),
    })
  })

  it('wasm gives wasm', async () => {
    expect(await load(show('wasm'))).toMatchObject({
      name: 'wasm',
      backend: 'wasm',
      five: 5,
      description: expect.stringMatching(/^WebAssembly \d.*, 1 thread$/),
    })
  })

  describe('from a folder with a space and without the native engine', () => {
    const tree = join(mkdtempSync(join(tmpdir(), 'soundfold engine ')), 'a tree')
    beforeAll(() => {
      for (const part of ['src-main/contract', 'src-main/core/ml/engines', 'package.json'])
        cpSync(join(root, part), join(tree, part), { recursive: true })
      // The packages too, since a link's true folder would be found.
      const modules = join(tree, 'node_modules')
      const require = createRequire(import.meta.url)
      mkdirSync(join(modules, '@tensorflow'), { recursive: true })
      const wasm = dirname(dirname(require.resolve('@tensorflow/tfjs-backend-wasm')))
      const wasmCopy = join(modules, '@tensorflow/tfjs-backend-wasm')
      mkdirSync(join(wasmCopy, 'dist'), { recursive: true })
      for (const file of ['package.json', 'dist/tf-backend-wasm.node.js'])
        cpSync(join(wasm, file), join(wasmCopy, file))
      for (const file of ['tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm'])
        cpSync(join(wasm, 'dist', file), join(wasmCopy, 'dist', file))
      for (const name of ['tfjs', 'tfjs-core', 'tfjs-backend-cpu'])
        symlinkSync(
          join(root, 'node_modules/@tensorflow', name),
          join(modules, '@tensorflow', name),
          'junction',
        )
      symlinkSync(join(root, 'node_modules/zod'), join(modules, 'zod'), 'junction')
    })
    afterAll(() => rmSync(dirname(tree), { recursive: true, force: true }))

    it('auto takes WebAssembly and says why', async () => {
      expect(await load(show('auto'), tree)).toMatchObject({
        name: 'wasm',
        five: 5,
        description: expect.stringMatching(
          /^WebAssembly \d.*, 1 thread \(TensorFlow does not load: .*@tensorflow\/tfjs-node/,
        ),
      })
    })

    it('the native one, asked for by name, is refused with what to do', async () => {
      const program = `
        await loadEngine('tensorflow', { threads: 1 }).catch((error) =>
          console.log(JSON.stringify(error.toShape())))`
      expect(await load(program, tree)).toMatchObject({
        code: 'engine-unavailable',
        hint: expect.stringContaining('npm run engine:setup'),
      })
    })
  })
})
