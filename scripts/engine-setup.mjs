/**
 * Makes the native TensorFlow engine work: `npm install` runs it, `npm run engine:setup` runs it again. It is
 * idempotent and never fails an install: without the native engine the WebAssembly one does the work.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { checkEngine } from './engine/check.mjs'
import { packageFolder, projectNode } from './engine/paths.mjs'
import { errorLine, run } from './engine/run.mjs'
import { installFromWheel } from './engine/wheel.mjs'

const duringInstall = process.argv.includes('--during-install')
const say = (line) => console.log(`engine: ${line}`)

/** The package's own installer answers within seconds where its host can be reached at all. */
const INSTALLER_LIMIT_SECONDS = 240

async function installByPackage(folder) {
  const { ok, output } = await run(projectNode(), ['scripts/install.js', 'cpu', 'download'], {
    cwd: folder,
    timeLimitSeconds: INSTALLER_LIMIT_SECONDS,
  })
  if (!ok) throw new Error(errorLine(output))
}

/** @returns {Promise<string | undefined>} why there is no native engine */
async function setUp() {
  const folder = packageFolder('@tensorflow/tfjs-node')
  if (!folder) return 'the optional package @tensorflow/tfjs-node is not installed'
  const steps = [
    ['its own installer', () => installByPackage(folder)],
    ['the PyPI package', () => installFromWheel(say)],
  ]
  const reasons = []
  let state = await checkEngine()
  for (const [name, install] of steps) {
    if (state.works) break
    try {
      say(`Setting up TensorFlow by ${name} …`)
      await install()
      state = await checkEngine()
      if (!state.works) reasons.push(`${name}: ${state.reason}`)
    } catch (error) {
      reasons.push(`${name}: ${error.message}`)
      // What it left half-way must not look like an engine.
      for (const part of ['deps', 'lib']) await rm(join(folder, part), { recursive: true, force: true })
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
