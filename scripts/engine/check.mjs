import { projectFolder, projectNode } from './paths.mjs'
import { errorLine, run } from './run.mjs'

/** Node 23 and later lack two functions that tfjs-node 4.22 calls (tensorflow/tfjs#8609). */
const PROGRAM = `
const util = require('node:util')
util.isNullOrUndefined ??= (value) => value === null || value === undefined
util.isArray ??= Array.isArray
const tf = require('@tensorflow/tfjs-node')
if (tf.add(2, 3).dataSync()[0] !== 5) throw new Error('2 + 3 is not 5')
console.log('works ' + tf.version['tfjs-node'] + ' ' + tf.backend().binding.TF_Version)
`

/** Loads the engine in a process of its own, since a broken library can end the process. */
export async function checkEngine() {
  const { ok, output } = await run(projectNode(), ['-e', PROGRAM], {
    cwd: projectFolder,
    env: { TF_CPP_MIN_LOG_LEVEL: '3' },
    timeLimitSeconds: 90,
  })
  const words = output.split('\n').find((line) => line.startsWith('works '))
  if (ok && words) return { works: true, libtensorflow: words.split(' ')[2] }
  return { works: false, reason: errorLine(output) }
}
