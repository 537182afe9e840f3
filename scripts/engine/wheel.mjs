import { createHash } from 'node:crypto'
import { copyFile, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { cachedLibrary, downloadLibrary, firstThatRuns, release } from './cache.mjs'
import { checkEngine } from './check.mjs'
import { cacheFolder, packageFolder } from './paths.mjs'
import { errorLine, run } from './run.mjs'

const SOURCES = ['tfjs_backend.cc', 'tfjs_binding.cc']

/** Why this machine can't use the official wheel's library, or undefined. */
function unsuitable() {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return `no recipe for ${process.platform} ${process.arch} with the PyPI package yet`
  // musl has no such entry.
  if (!process.report.getReport().header.glibcVersionRuntime) return 'the PyPI package needs glibc'
  return undefined
}

/** Folder of the library when an earlier set-up, of any checkout of this user, downloaded it; else undefined. */
export async function keptLibrary() {
  return unsuitable() === undefined ? cachedLibrary() : undefined
}

/**
 * Makes the native engine from the official wheel: libraries and headers into the user's cache, `deps` a link to them,
 * the binding compiled against them and kept as well. Downloads and compiles nothing when the cache has it.
 * @param kept - what `keptLibrary` gave
 * @throws Error with one line for people
 */
export async function installFromWheel(kept, say) {
  const reason = unsuitable()
  if (reason) throw new Error(reason)
  const target = packageFolder('@tensorflow/tfjs-node')
  const binding = join(target, 'lib', 'napi-v8', 'tfjs_binding.node')
  await mkdir(dirname(binding), { recursive: true })
  const keptBinding = join(cacheFolder(), await bindingName(target))
  if (kept) {
    await linkLibrary(kept, target)
    if (await copied(keptBinding, binding)) {
      if ((await checkEngine()).works) return
      // Perhaps made on another machine with the same home folder.
      await rm(keptBinding, { force: true })
    }
  }
  // Asked before the download, which would be for nothing.
  const compiler = await firstThatRuns(['g++', 'c++', 'clang++'], ['--version'])
  if (!compiler) throw new Error('no C++ compiler was found (on Debian or Ubuntu: apt install g++)')
  if (!kept) await linkLibrary(await downloadLibrary(say), target)
  say('Compiling the binding …')
  await compile(compiler, target, binding)
  await copied(binding, keptBinding)
}

async function linkLibrary(library, target) {
  const deps = join(target, 'deps')
  await rm(deps, { recursive: true, force: true })
  await symlink(library, deps, 'dir')
}

/** Named by its sources and its library, so that another version of either compiles its own. */
async function bindingName(target) {
  const hash = createHash('sha256').update(release.requirement)
  for (const file of SOURCES) hash.update(await readFile(join(target, 'binding', file)))
  return `tfjs-binding-${hash.digest('hex').slice(0, 16)}-${process.platform}-${process.arch}.node`
}

/** Copies a file whole or not at all. @returns whether it could */
async function copied(from, to) {
  const part = `${to}.${process.pid}.tmp`
  try {
    await copyFile(from, part)
    await rename(part, to)
    return true
  } catch {
    await rm(part, { force: true })
    return false
  }
}

async function compile(compiler, target, binding) {
  const { ok, output } = await run(
    compiler,
    [
      ...['-O2', '-fPIC', '-shared', '-std=c++17', '-DNAPI_VERSION=8'],
      // Node's own headers need not be installed.
      ...['-I', join(packageFolder('node-api-headers'), 'include')],
      ...['-I', join(target, 'deps', 'include'), '-I', target],
      ...SOURCES.map((file) => join(target, 'binding', file)),
      ...['-L', join(target, 'deps', 'lib'), '-ltensorflow', '-ltensorflow_framework'],
      ...['-Wl,-rpath,$ORIGIN/../../deps/lib', '-o', `${binding}.tmp`],
    ],
    { timeLimitSeconds: 300 },
  )
  if (!ok) throw new Error(`the binding could not be compiled: ${errorLine(output)}`)
  await rename(`${binding}.tmp`, binding)
}
