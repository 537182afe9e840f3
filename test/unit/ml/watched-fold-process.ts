import { writeFileSync } from 'node:fs'
import '../../../src-main/workers/fold-process.ts'

/** The real entry point, which also leaves its id in a file while it lives and `ended` afterwards. */
const file = process.env.FOLD_STATE_FILE ?? ''
writeFileSync(file, String(process.pid))
process.on('exit', () => writeFileSync(file, 'ended'))
