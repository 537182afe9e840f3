import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

/**
 * The set-up of the native engine in a made-up project, whose path has a space: the real scripts, with stand-ins for the
 * package, pip, Python and the compiler. Each stand-in notes in `calls` that it was called.
 */

const SCRIPTS = resolve(import.meta.dirname, '../../scripts')
const LIBRARIES = { 'libtensorflow_cc.so.2': 'the library', 'libtensorflow_framework.so.2': 'its framework' }

/** The engine works when the library and the binding are there and are what they should be. */
const PACKAGE = `
const { readFileSync } = require('node:fs')
const read = (name) => readFileSync(require('node:path').join(__dirname, name), 'utf8')
if (read('deps/lib/libtensorflow.so') !== 'the library') throw new Error('not the library')
if (read('lib/napi-v8/tfjs_binding.node') !== 'compiled') throw new Error('not the binding')
exports.add = () => ({ dataSync: () => [5] })
exports.version = { 'tfjs-node': '4.22.0' }
exports.backend = () => ({ binding: { TF_Version: '9.9.9' } })
`

const INSTALLER_FAILS = `
require('node:fs').mkdirSync('deps/lib', { recursive: true })
require('node:fs').writeFileSync('deps/lib/libtensorflow.so', 'half of the lib')
console.error('Error: getaddrinfo ENOTFOUND')
process.exit(1)
`

const INSTALLER_WORKS = `
const { mkdirSync, writeFileSync } = require('node:fs')
mkdirSync('deps/lib', { recursive: true })
mkdirSync('lib/napi-v8', { recursive: true })
writeFileSync('deps/lib/libtensorflow.so', 'the library')
writeFileSync('lib/napi-v8/tfjs_binding.node', 'compiled')
`

/** Knows `-m pip --version`, `-m pip download … -d FOLDER NAME` and `-c UNPACK WHEEL TARGET …`. */
const PYTHON = `
const { appendFileSync, mkdirSync, writeFileSync, existsSync } = require('node:fs')
const { join } = require('node:path')
const args = process.argv.slice(2)
if (args[0] === '-m' && args[2] === 'download') {
  appendFileSync(process.env.CALLS, 'download ')
  const folder = args[args.indexOf('-d') + 1]
  writeFileSync(join(folder, 'half'), 'half of the wheel')
  if (process.env.PIP === 'hangs') setInterval(() => appendFileSync(process.env.CALLS + '-alive', '.'), 20)
  else if (process.env.PIP === 'offline') {
    console.error('WARNING: Retrying after connection broken by NewConnectionError')
    console.error('ERROR: No matching distribution found')
    process.exit(1)
  } else writeFileSync(join(folder, 'tensorflow_cpu-9.9.9.whl'), 'the wheel')
} else if (args[0] === '-c') {
  const target = args[3]
  mkdirSync(join(target, 'lib'), { recursive: true })
  mkdirSync(join(target, 'include/tensorflow/c'), { recursive: true })
  writeFileSync(join(target, 'include/tensorflow/c/c_api.h'), '')
  const cut = process.env.PIP === 'cut'
  for (const [name, text] of Object.entries(${JSON.stringify(LIBRARIES)}))
    writeFileSync(join(target, 'lib', name), cut ? text.slice(2) : text)
}
`

const COMPILER = `
const { appendFileSync, writeFileSync } = require('node:fs')
const args = process.argv.slice(2)
if (args.includes('-o')) {
  appendFileSync(process.env.CALLS, 'compile ')
  if (process.env.COMPILER === 'fails') {
    console.error('tfjs_binding.cc:1: fatal error: nothing compiles today')
    process.exit(1)
  }
  writeFileSync(args[args.indexOf('-o') + 1], 'compiled')
}
`

let root = ''
const at = (...parts: string[]) => join(root, ...parts)
const node = (...parts: string[]) => at('project', 'node_modules', '@tensorflow', 'tfjs-node', ...parts)
const cache = (...parts: string[]) => at('cache', 'soundfold', ...parts)
const library = () => cache(`libtensorflow-9.9.9-linux-${process.arch}`)
const calls = () => (existsSync(at('calls')) ? readFileSync(at('calls'), 'utf8').trim() : '')

function write(path: string, text: string) {
  mkdirSync(resolve(path, '..'), { recursive: true })
  writeFileSync(path, text)
}

function program(name: string, text: string) {
  write(at('bin', `${name}.cjs`), text)
  write(at('bin', name), `#!/bin/sh\nexec "${process.execPath}" "${at('bin', `${name}.cjs`)}" "$@"\n`)
  chmodSync(at('bin', name), 0o755)
}

interface Given {
  install?: boolean
  env?: Record<string, string>
}

function start({ install = false, env = {} }: Given) {
  const child = spawn(
    process.execPath,
    [at('project', 'scripts', 'engine-setup.mjs'), ...(install ? ['--during-install'] : [])],
    {
      env: { PATH: at('bin'), XDG_CACHE_HOME: at('cache'), CALLS: at('calls'), HOME: root, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  child.stderr.on('data', (chunk) => {
    output += chunk
  })
  const ended = new Promise<{ code: number | null; output: string }>((done) => {
    child.on('close', (code) => done({ code, output }))
  })
  return { child, ended }
}

const setUp = (given: Given = {}) => start(given).ended

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'soundfold setup '))
  cpSync(SCRIPTS, at('project', 'scripts'), { recursive: true })
  const sha256 = Object.fromEntries(
    Object.entries(LIBRARIES).map(([name, text]) => [name, createHash('sha256').update(text).digest('hex')]),
  )
  const release = {
    requirement: 'tensorflow-cpu==9.9.9',
    pythonVersion: '3.12',
    platform: 'any',
    megabytes: 1,
  }
  write(at('project/scripts/engine/release.json'), JSON.stringify({ ...release, sha256 }))
  write(node('package.json'), JSON.stringify({ name: '@tensorflow/tfjs-node', main: 'index.js' }))
  write(node('index.js'), PACKAGE)
  write(node('scripts/install.js'), INSTALLER_FAILS)
  for (const file of ['tfjs_backend.cc', 'tfjs_binding.cc']) write(node('binding', file), '')
  write(at('project/node_modules/node-api-headers/package.json'), '{}')
  // The scripts run where `/bin/sh` finds its own commands only.
  mkdirSync(at('bin'))
  program('python3', PYTHON)
  program('g++', COMPILER)
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const onLinux = describe.skipIf(process.platform !== 'linux' || process.arch !== 'x64')

onLinux('the set-up of the native engine', () => {
  it('takes the PyPI package when the own installer fails, and does nothing the second time', async () => {
    const first = await setUp()
    expect(first.output).toContain('TensorFlow 9.9.9 works')
    expect(first.code).toBe(0)
    expect(calls()).toBe('download compile')
    // Neither the wheel nor anything half is kept.
    expect(readdirSync(cache()).length).toBe(2)
    const second = await setUp()
    expect(second.output.trim()).toBe('engine: TensorFlow 9.9.9 works.')
    expect(calls()).toBe('download compile')
  })

  it('a second checkout neither downloads nor compiles nor asks the network', async () => {
    await setUp()
    for (const part of ['deps', 'lib']) rmSync(node(part), { recursive: true })
    for (const tool of ['python3', 'g++']) rmSync(at('bin', tool))
    const { code, output } = await setUp()
    expect(code).toBe(0)
    expect(output).not.toContain('its own installer')
    expect(calls()).toBe('download compile')
  })

  it('keeps what the own installer made, and downloads nothing else', async () => {
    write(node('scripts/install.js'), INSTALLER_WORKS)
    const { code } = await setUp()
    expect(code).toBe(0)
    expect(calls()).toBe('')
    expect(lstatSync(node('deps')).isSymbolicLink()).toBe(false)
  })

  it('the own installer never writes through the link into the cache', async () => {
    await setUp()
    // Another version of the library: what is kept is not right any more.
    writeFileSync(join(library(), 'lib', 'libtensorflow_cc.so.2'), 'another library')
    write(node('scripts/install.js'), INSTALLER_WORKS)
    await setUp()
    expect(readFileSync(join(library(), 'lib', 'libtensorflow_cc.so.2'), 'utf8')).toBe('another library')
  })

  it.each([
    { missing: 'g++', text: /no C\+\+ compiler was found \(.*apt install g\+\+\)/ },
    { missing: 'python3', text: /Python with pip was not found/ },
  ])('without $missing it says so in one line, and never fails an install', async ({ missing, text }) => {
    rmSync(at('bin', missing))
    const install = await setUp({ install: true })
    expect(install.code).toBe(0)
    const line = install.output.split('\n').filter((text) => text.includes('WebAssembly engine will be used'))
    expect(line).toHaveLength(1)
    expect(line[0]).toMatch(text)
    expect(install.output).toContain('npm run engine:setup')
    expect((await setUp()).code).toBe(1)
    // No half engine from the installer, and no download for nothing.
    for (const part of ['deps', 'lib']) expect(existsSync(node(part))).toBe(false)
    expect(calls()).toBe('')
  })

  it.each([
    { name: 'no network', env: { PIP: 'offline' }, text: 'its package index could not be reached' },
    { name: 'a cut download', env: { PIP: 'cut' }, text: 'other checksums than expected' },
    { name: 'a compiler that fails', env: { COMPILER: 'fails' }, text: 'nothing compiles today' },
  ])('$name is said and leaves no half engine', async ({ env, text }) => {
    const { code, output } = await setUp({ env })
    expect(code).toBe(1)
    expect(output).toContain(text)
    for (const part of ['deps', 'lib']) expect(existsSync(node(part))).toBe(false)
    // The library of a failed compilation is good and stays; a partial one does not.
    expect(
      existsSync(cache()) ? readdirSync(cache()).filter((name) => name.includes('partial')) : [],
    ).toEqual([])
    expect(existsSync(library())).toBe('COMPILER' in env)
    expect((await setUp()).code).toBe(0)
  })

  it.each([
    {
      name: 'a library that is cut',
      spoil: () => writeFileSync(join(library(), 'lib/libtensorflow_cc.so.2'), 'the'),
    },
    { name: 'a missing library', spoil: () => rmSync(join(library(), 'lib/libtensorflow_framework.so.2')) },
    { name: 'missing headers', spoil: () => rmSync(join(library(), 'include'), { recursive: true }) },
  ])('$name in the cache is not taken as finished', async ({ spoil }) => {
    await setUp()
    spoil()
    for (const part of ['deps', 'lib']) rmSync(node(part), { recursive: true })
    expect((await setUp()).code).toBe(0)
    expect(calls()).toBe('download compile download compile')
  })

  it('a cache that was deleted under its link is made again', async () => {
    await setUp()
    rmSync(cache(), { recursive: true })
    expect((await setUp()).code).toBe(0)
    expect(calls()).toBe('download compile download compile')
  })

  it('a kept binding that does not load is compiled again', async () => {
    await setUp()
    const kept = readdirSync(cache()).find((name) => name.startsWith('tfjs-binding'))
    writeFileSync(cache(kept ?? ''), 'for another machine')
    rmSync(node('lib'), { recursive: true })
    expect((await setUp()).code).toBe(0)
    expect(calls()).toBe('download compile compile')
    expect(readFileSync(cache(kept ?? ''), 'utf8')).toBe('compiled')
  })

  it('stopped while it downloads, it ends pip and leaves nothing', async () => {
    const { child, ended } = start({ env: { PIP: 'hangs' } })
    await until(() => existsSync(at('calls-alive')), child)
    child.kill('SIGTERM')
    expect((await ended).code).toBe(143)
    expect(readdirSync(cache())).toEqual([])
    await wait(100)
    const beats = readFileSync(at('calls-alive'), 'utf8')
    await wait(300)
    expect(readFileSync(at('calls-alive'), 'utf8')).toBe(beats)
  })

  it('sweeps what a killed set-up left long ago, and leaves a running one alone', async () => {
    const old = cache(`libtensorflow-9.9.9-linux-${process.arch}-partial-old`)
    const running = cache(`libtensorflow-9.9.9-linux-${process.arch}-partial-new`)
    write(join(old, 'half'), '')
    write(join(running, 'half'), '')
    utimesSync(old, new Date(0), new Date(0))
    await setUp()
    expect(existsSync(old)).toBe(false)
    expect(existsSync(running)).toBe(true)
  })

  it('two at once end with one library', async () => {
    cpSync(at('project'), at('other'), { recursive: true })
    const other = spawn(process.execPath, [at('other/scripts/engine-setup.mjs')], {
      env: { PATH: at('bin'), XDG_CACHE_HOME: at('cache'), CALLS: at('calls'), HOME: root },
    })
    const otherEnded = new Promise((done) => other.on('close', done))
    expect((await setUp()).code).toBe(0)
    expect(await otherEnded).toBe(0)
    expect(readdirSync(cache()).length).toBe(2)
  })
})

describe('the set-up of the native engine, anywhere', () => {
  it('is left out when told so', async () => {
    const { code, output } = await setUp({ env: { SOUNDFOLD_SKIP_ENGINE: '1' } })
    expect(code).toBe(0)
    expect(output).toContain('left out')
    expect(calls()).toBe('')
  })

  it('says when the optional package is not there', async () => {
    rmSync(node(), { recursive: true })
    const { code, output } = await setUp({ install: true })
    expect(code).toBe(0)
    expect(output).toContain('@tensorflow/tfjs-node is not installed')
    expect((await setUp()).code).toBe(1)
  })
})

async function until(condition: () => boolean, child: ChildProcess) {
  const endMs = performance.now() + 20_000
  while (!condition()) {
    if (child.exitCode !== null || performance.now() > endMs) throw new Error('it did not come to that')
    await wait(20)
  }
}
