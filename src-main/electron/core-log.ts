import { createWriteStream, mkdirSync, renameSync, statSync, type WriteStream } from 'node:fs'
import { join } from 'node:path'
import { app } from 'electron'

const MAX_BYTES = 5_000_000

export const coreLogPath = () => join(app.getPath('logs'), 'core.log')

/** Opens the log that the core's process writes to; one older file is kept. */
export function openCoreLog(): WriteStream {
  const path = coreLogPath()
  mkdirSync(app.getPath('logs'), { recursive: true })
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > MAX_BYTES) renameSync(path, `${path}.old`)
  const log = createWriteStream(path, { flags: 'a' })
  log.write(`\n--- ${new Date().toISOString()} Soundfold ${app.getVersion()}\n`)
  return log
}
