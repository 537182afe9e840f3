import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { toErrorShape } from '../../../src-main/contract/errors.ts'
import { LocalFoldRunner } from '../../../src-main/core/ml/fold-runner.ts'
import { workerEntries } from '../../../src-main/host/entries.ts'
import { madeUpTask } from './made-up-folds.ts'

/**
 * Trains with its checkpoints on a file system that has room for one of them but not for two, gives it more room, resumes, and
 * compares with a training elsewhere. Its argument is where that file system is mounted.
 */
const [folder = ''] = process.argv.slice(2)
const runner = new LocalFoldRunner(workerEntries().foldProcess)
const never = new AbortController().signal
const elsewhere = madeUpTask({ engine: 'wasm', epochs: 3, clipsPerFold: 6 })
const here = { ...elsewhere, checkpointFolder: folder }

const error = await runner.run(here, () => {}, never).then(() => null, toErrorShape)
const left = readdirSync(folder)
execFileSync('mount', ['-o', 'remount,size=16m', folder])
let resumedAfterEpoch = 0
const resumed = await runner.run(
  { ...here, resume: true },
  (message) => {
    if (message.type === 'prepared') resumedAfterEpoch = message.resumedAfterEpoch
  },
  never,
)
const whole = await runner.run(elsewhere, () => {}, never)
const weights = [folder, elsewhere.checkpointFolder].map((where) =>
  readFileSync(join(where, 'fold-1.bin'), 'hex'),
)
const equal =
  weights[0] === weights[1] && JSON.stringify(resumed.predictions) === JSON.stringify(whole.predictions)
console.log(JSON.stringify({ error, left, resumedAfterEpoch, equal }))
