/**
 * Makes the native TensorFlow engine work: `npm install` runs it, `npm run engine:setup` runs it again. It is
 * idempotent and never fails an install: without the native engine the WebAssembly one does the work.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { bytesIn } from './engine/cache.mjs'
import { checkEngine } from './engine/check.mjs'
import { packageFolder, projectFolder, projectNode } from './engine/paths.mjs'
import { errorLine, run } from './engine/run.mjs'
import { installFromWheel, keptLibrary } from './engine/wheel.mjs'

const duringInstall = process.argv.includes('--during-install')
const say = (line) => console.log(`engine: ${line}`)

/** The package's own installer is given up when nothing comes any more, as behind a firewall that drops packets. */
const INSTALLER_STALL_SECONDS = 45
const INSTALLER_LIMIT_SECONDS = 1200

async function installByPackage(folder) {
  const { ok, output } = await run(projectNode(), ['scripts/install.js', 'cpu', 'download'], {
    cwd: folder,
    // It calls `node-pre-gyp` by name.
    pathFirst: join(projectFolder, 'node_modules', '.bin'),
    timeLimitSeconds: INSTALLER_LIMIT_SECONDS,
    stallSeconds: INSTALLER_STALL_SECONDS,
    progress: () => bytesIn(join(folder, 'deps'), join(folder, 'lib'), join(folder, 'build')),
  })
  if (!ok) throw new Error(errorLine(output))
}

/** What was left half-way must not look like an engine; of a link to the cache only the link goes. */
async function clear(folder) {
  for (const part of ['deps', 'lib', 'build']) await rm(join(folder, part), { recursive: true, force: true })
}

/** @returns {Promise<string | undefined>} why there is no native engine */
async function setUp() {
  const folder = packageFolder('@tensorflow/tfjs-node')
  if (!folder) return 'the optional package @tensorflow/tfjs-node is not installed'
  let state = await checkEngine()
  const kept = state.works ? undefined : await keptLibrary()
  const steps = [
    ['its own installer', () => installByPackage(folder)],
    ['the PyPI package', () => installFromWheel(kept, say)],
  ]
  // What is on this machine already needs no network.
  if (kept) steps.reverse()
  const reasons = []
  for (const [name, install] of steps) {
    if (state.works) break
    try {
      await clear(folder)
      say(`Setting up TensorFlow by ${name} …`)
      await install()
      state = await checkEngine()
      if (!state.works) throw new Error(state.reason)
    } catch (error) {
      reasons.push(`${name}: ${error.message}`)
      await clear(folder)
    }
  }
  if (state.works) say(`TensorFlow ${state.libtensorflow} works.`)
  return state.works ? undefined : reasons.join('; ')
}

if (process.env.SOUNDFOLD_SKIP_ENGINE) say('left out, as SOUNDFOLD_SKIP_ENGINE says.')
else {
  let reason
  try {
    reason = await setUp()
  } catch (error) {
    reason = error.message
  }
  if (reason) {
    say(`The WebAssembly engine will be used, slower but complete. The native one is missing (${reason}).`)
    say('To add it, mend that and run: npm run engine:setup')
    if (!duringInstall) process.exitCode = 1
  }
}
