/**
 * Fetches Electron's binary, which its package leaves to its first use, so that the window opens at once later. Never
 * fails an install: without it the workbench opens in a browser.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageFolder } from './engine/paths.mjs'
import { errorLine, run } from './engine/run.mjs'

const TIME_LIMIT_SECONDS = 120
const say = (line) => console.log(`electron: ${line}`)

const folder = packageFolder('electron')
const pathFile = folder && join(folder, 'path.txt')
const there = () => existsSync(pathFile) && existsSync(join(folder, 'dist', readFileSync(pathFile, 'utf8')))

if (process.env.ELECTRON_SKIP_BINARY_DOWNLOAD) say('left out, as ELECTRON_SKIP_BINARY_DOWNLOAD says.')
else if (folder && !there()) {
  const { ok, output } = await run(process.execPath, [join(folder, 'install.js')], {
    timeLimitSeconds: TIME_LIMIT_SECONDS,
  })
  if (!ok || !there()) {
    say(
      `Its binary can't be fetched here (${errorLine(output)}); the workbench opens in your browser instead.`,
    )
    say('To try again: npx install-electron')
  }
}
