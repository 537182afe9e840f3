import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { cacheFolder, packageFolder } from './paths.mjs'
import { lastLine, run } from './run.mjs'

/** The release that the binding was seen working with. */
const WHEEL = 'tensorflow-cpu==2.21.0'
const WANTED = ['tensorflow/libtensorflow_cc.so.2', 'tensorflow/libtensorflow_framework.so.2']
const HEADERS = ['tensorflow/c/', 'tensorflow/core/platform/', 'tsl/', 'xla/']

/** Takes the libraries and headers out of the wheel; Python is there, since pip was. */
const UNPACK = `
import shutil, sys, zipfile
wheel, target, wanted, headers = sys.argv[1], sys.argv[2], sys.argv[3].split(','), sys.argv[4].split(',')
import os
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        if name in wanted:
            path = os.path.join(target, 'lib', os.path.basename(name))
        elif any(name.startswith('tensorflow/include/' + prefix) for prefix in headers) and not name.endswith('/'):
            path = os.path.join(target, 'include', name[len('tensorflow/include/'):])
        else:
            continue
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with archive.open(name) as source, open(path, 'wb') as out:
            shutil.copyfileobj(source, out, 1 << 20)
`

/**
 * Makes the native engine from the official wheel: libraries and headers into the user's cache, the binding compiled
 * against them, both linked into the package. Downloads nothing when the cache has it.
 * @throws Error with one line for people
 */
export async function installFromWheel(say) {
  if (process.platform !== 'linux')
    throw new Error(`no recipe for ${process.platform} with the PyPI package yet`)
  const target = packageFolder('@tensorflow/tfjs-node')
  const compiler = await firstThatRuns(['g++', 'c++', 'clang++'], ['--version'])
  if (!compiler) throw new Error('no C++ compiler was found (on Debian or Ubuntu: apt install g++)')
  const library = await cachedLibrary(say)
  await link(library, join(target, 'deps'))
  const binding = join(target, 'lib', 'napi-v8', 'tfjs_binding.node')
  await mkdir(dirname(binding), { recursive: true })
  say('Compiling the binding …')
  const { ok, output } = await run(
    compiler,
    [
      ...['-O2', '-fPIC', '-shared', '-std=c++17', '-DNAPI_VERSION=8'],
      ...['-I', join(packageFolder('node-api-headers'), 'include')],
      ...['-I', join(target, 'deps', 'include'), '-I', target],
      ...['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) => join(target, 'binding', file)),
      ...['-L', join(target, 'deps', 'lib'), '-ltensorflow', '-ltensorflow_framework'],
      ...['-Wl,-rpath,$ORIGIN/../../deps/lib', '-o', `${binding}.tmp`],
    ],
    { timeLimitSeconds: 300 },
  )
  if (!ok) {
    await rm(`${binding}.tmp`, { force: true })
    throw new Error(`the binding could not be compiled: ${lastLine(output)}`)
  }
  await rename(`${binding}.tmp`, binding)
}

async function firstThatRuns(programs, args) {
  for (const program of programs) if ((await run(program, args)).ok) return program
  return undefined
}

/**
 * Folder with `lib/` and `include/` of the release. It gets its final name only when it is whole and its checksums are
 * written, so a download that broke off is never taken for one.
 */
async function cachedLibrary(say) {
  const name = `libtensorflow-${WHEEL.split('==')[1]}-${process.platform}-${process.arch}`
  const base = cacheFolder()
  const folder = join(base, name)
  if (await isWhole(folder)) return folder
  await rm(folder, { recursive: true, force: true })
  await mkdir(base, { recursive: true })
  const python = await firstThatRuns(['python3', 'python'], ['-m', 'pip', '--version'])
  if (!python) throw new Error('Python with pip was not found (on Debian or Ubuntu: apt install python3-pip)')
  const work = await mkdtemp(join(base, `${name}-partial-`))
  try {
    say('Downloading TensorFlow (270 MB, once; kept in your cache folder) …')
    const download = await run(
      python,
      [
        '-m',
        'pip',
        'download',
        '--no-deps',
        '--only-binary=:all:',
        '--disable-pip-version-check',
        '-d',
        work,
        WHEEL,
      ],
      { timeLimitSeconds: 1200 },
    )
    if (!download.ok) throw new Error(`pip could not download ${WHEEL}: ${lastLine(download.output)}`)
    const wheel = (await readdir(work)).find((file) => file.endsWith('.whl'))
    if (!wheel) throw new Error(`pip gave no wheel of ${WHEEL}`)
    say('Unpacking …')
    const out = join(work, 'out')
    const unpacked = await run(
      python,
      ['-c', UNPACK, join(work, wheel), out, WANTED.join(','), HEADERS.join(',')],
      { timeLimitSeconds: 600 },
    )
    if (!unpacked.ok) throw new Error(`the wheel could not be unpacked: ${lastLine(unpacked.output)}`)
    for (const [alias, file] of [
      ['libtensorflow.so', 'libtensorflow_cc.so.2'],
      ['libtensorflow_framework.so', 'libtensorflow_framework.so.2'],
    ])
      await symlink(file, join(out, 'lib', alias))
    await writeFile(join(out, 'checksums.json'), JSON.stringify(await checksums(out), null, 2))
    await rename(out, folder)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  return folder
}

const LIBRARIES = WANTED.map((name) => `lib/${name.split('/').at(-1)}`)

async function checksums(folder) {
  const sums = {}
  for (const name of LIBRARIES) {
    const hash = createHash('sha256')
    await pipeline(createReadStream(join(folder, name)), hash)
    sums[name] = hash.digest('hex')
  }
  return sums
}

/** Whether the cached folder is what was put there. */
async function isWhole(folder) {
  if (!existsSync(join(folder, 'checksums.json'))) return false
  try {
    const kept = JSON.parse(await readFile(join(folder, 'checksums.json'), 'utf8'))
    const found = await checksums(folder)
    return LIBRARIES.every((name) => kept[name] !== undefined && kept[name] === found[name])
  } catch {
    return false
  }
}

/** `deps` of the package becomes a link to the cached folder; a copy of the small files where links are refused. */
async function link(from, to) {
  await rm(to, { recursive: true, force: true })
  try {
    await symlink(from, to, 'dir')
  } catch {
    await mkdir(join(to, 'lib'), { recursive: true })
    for (const file of await readdir(join(from, 'lib')))
      await copyFile(join(from, 'lib', file), join(to, 'lib', file))
    await symlink(join(from, 'include'), join(to, 'include'), 'dir')
  }
}
