import { app, type BrowserWindow, ipcMain, MessageChannelMain } from 'electron'
import { rendererFolder } from '../host/entries.ts'
import { readPageFiles } from '../host/page-files.ts'
import { isPageUrl } from './addresses.ts'
import { CoreProcess } from './core-process.ts'
import { afterDeath, afterFailedStart, chooseFolder, chooseModel, mayStop, showFatal } from './dialogs.ts'
import { setMenu } from './menu.ts'
import { printPdf } from './print-pdf.ts'
import { handleSchemes, registerSchemes } from './protocol.ts'
import { lockDown } from './security.ts'
import { rememberSettings } from './settings.ts'
import { routeArgument, workspaceArgument, workspaceFolder } from './start-arguments.ts'
import { openWindow } from './window.ts'

/** The desktop app: one window, one core, one workspace at a time. */
let window: BrowserWindow | undefined
let core: CoreProcess | undefined
let folder = ''

/** Opens a workspace, asking again for as long as that fails; undefined when the person gives up. */
async function startCore(wanted: string): Promise<CoreProcess | undefined> {
  for (folder = wanted; ; ) {
    try {
      const started = await CoreProcess.start({
        workspaceFolder: folder,
        chooseFolder,
        chooseModel,
        printPdf,
        onDeath,
      })
      rememberSettings({ workspace: folder })
      return started
    } catch (error) {
      const answer = await afterFailedStart(error, folder)
      if (answer === 'quit') return undefined
      if (answer === 'other') folder = (await chooseFolder('Choose a workspace folder')) ?? folder
    }
  }
}

async function restartCore(wanted: string): Promise<void> {
  core = await startCore(wanted)
  if (core) window?.reload()
  else app.quit()
}

async function onDeath(exitCode: number): Promise<void> {
  core = undefined
  if (await afterDeath(exitCode)) await restartCore(folder)
  else app.quit()
}

async function switchWorkspace(wanted: string): Promise<void> {
  if (wanted === folder || !core || !(await mayStop(core.runningJobs))) return
  const last = core
  core = undefined
  await last.close()
  await restartCore(wanted)
}

async function askForWorkspace(): Promise<void> {
  const wanted = await chooseFolder('Choose a workspace folder')
  if (wanted) await switchWorkspace(wanted)
}

/** A page that says it is ready gets a new port; an earlier one of its frame has closed with the page. */
function givePorts(): void {
  ipcMain.on('soundfold:connect', ({ senderFrame, sender }) => {
    const isOurs = senderFrame === sender.mainFrame && isPageUrl(senderFrame.url)
    if (!isOurs || !core) return
    const { port1, port2 } = new MessageChannelMain()
    core.connect(port1)
    senderFrame.postMessage('soundfold:port', null, [port2])
  })
}

function guardClosing(guarded: BrowserWindow): void {
  guarded.on('close', (event) => {
    const jobs = core?.runningJobs ?? []
    if (jobs.length === 0) return
    event.preventDefault()
    void mayStop(jobs).then((yes) => {
      if (yes) guarded.destroy()
    })
  })
}

async function start(): Promise<void> {
  const page = await readPageFiles(rendererFolder())
  handleSchemes(page, (request, signal) => {
    if (core) return core.media(request, signal)
    return Promise.resolve({ status: 503, headers: {}, body: { kind: 'bytes', bytes: new Uint8Array() } })
  })
  givePorts()
  setMenu(() => void askForWorkspace())
  core = await startCore(workspaceFolder(process.argv))
  if (!core) return app.quit()
  window = openWindow(routeArgument(process.argv))
  guardClosing(window)
}

function main(): void {
  app.setName('Soundfold')
  const asked = workspaceArgument(process.argv)
  if (!app.requestSingleInstanceLock({ workspace: asked })) {
    app.quit()
    return
  }
  app.on('second-instance', (_event, _args, _workingFolder, data) => {
    window?.show()
    window?.focus()
    const wanted =
      typeof data === 'object' && data !== null && 'workspace' in data ? data.workspace : undefined
    if (typeof wanted === 'string') void switchWorkspace(wanted)
  })
  registerSchemes()
  lockDown()
  app.on('window-all-closed', () => app.quit())
  app.on('will-quit', (event) => {
    if (!core) return
    event.preventDefault()
    const last = core
    core = undefined
    void last.close().then(() => app.quit())
  })
  app
    .whenReady()
    .then(start)
    .catch((error: unknown) => {
      showFatal(error)
      app.quit()
    })
}

main()
