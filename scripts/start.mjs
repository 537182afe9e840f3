/** `npm start`: the window where Electron and a display are there, else the same workbench in a browser. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { electronBinary, findElectron, hasDisplay } from '../src-main/host/find-electron.ts'

const given = process.argv.slice(2)
const electron = findElectron()
if (!electron)
  console.error(
    electronBinary() || hasDisplay()
      ? 'Electron or a display is missing: opening the workbench in a browser.'
      : 'No display here: serving the workbench for a browser.',
  )
// By its whole path: a desktop starts it in any folder.
const cli = fileURLToPath(new URL('../src-main/cli/main.ts', import.meta.url))
const child = electron
  ? spawn(electron.executable, [...electron.args, ...given], { stdio: 'inherit' })
  : spawn(process.execPath, [cli, 'serve', '--open', ...given], { stdio: 'inherit' })
// Ctrl+C reaches the child as well; it ends by itself.
process.on('SIGINT', () => {})
child.on('exit', (code) => {
  process.exitCode = code ?? 1
})
