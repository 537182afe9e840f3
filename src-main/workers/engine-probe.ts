import { engineNameSchema } from '../contract/run.ts'
import { reportEngine } from '../core/ml/engines/probe.ts'

/** Arguments: engine, threads, `benchmark` or `load`. Answers with one report and ends. */
const [name, threads, what] = process.argv.slice(2)
const report = await reportEngine(engineNameSchema.parse(name), Number(threads), what === 'benchmark')
process.send?.(report, () => process.exit(0))
