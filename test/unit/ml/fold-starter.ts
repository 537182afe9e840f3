import { LocalFoldRunner } from '../../../src-main/core/ml/fold-runner.ts'
import { madeUpTask } from './made-up-folds.ts'

/** Starts a fold that would train for hours, says so after its first epoch, and waits to be killed. */
const runner = new LocalFoldRunner(new URL('watched-fold-process.ts', import.meta.url))
await runner.run(
  madeUpTask({ engine: 'wasm', epochs: 10_000 }),
  (message) => message.type === 'epoch' && console.log('training'),
  new AbortController().signal,
)
