import type { EngineReport } from '../../../src-main/contract/run.ts'

/** Stands for an engine's process that goes wrong: `SOUNDFOLD_TEST_PROBE` says how. */
const how = process.env.SOUNDFOLD_TEST_PROBE
const report: EngineReport = {
  name: 'wasm',
  available: true,
  version: '1',
  libraryVersion: '1',
  threads: 1,
  reason: null,
  forwardGflops: null,
  backwardGflops: null,
}
if (how === 'throws') throw new Error('the library is of another machine')
if (how === 'crashes') process.kill(process.pid, 'SIGSEGV')
if (how === 'hangs') setInterval(() => {}, 1000)
if (how === 'babbles') process.send?.({ hello: 'world' }, () => process.exit(0))
if (how === 'crashes at its end') process.send?.(report, () => process.kill(process.pid, 'SIGSEGV'))
