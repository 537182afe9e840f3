import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { app, type BrowserWindow, ipcMain, MessageChannelMain, Notification, shell } from 'electron'
import { loadCatalog } from '../../locales/.wuchale/core.proxy.js'
import { hearIn } from '../contract/said.ts'
import type { MenuCommand, ToShell } from '../contract/shell.ts'
import { rendererFolder } from '../host/entries.ts'
import { readPageFiles } from '../host/page-files.ts'
import type { EndedJob } from '../host/shell-messages.ts'
import { isPageUrl } from './addresses.ts'
import { CoreProcess } from './core-process.ts'
import {
  afterDeath,
  afterFailedStart,
  chooseFolder,
  chooseModel,
  chooseWorkspace,
  mayStop,
  showFatal,
} from './dialogs.ts'
import { dragIcon } from './drag-icon.ts'
import { jobNotice, taskbarProgress } from './job-notice.ts'
import { setMenu } from './menu.ts'
import { PageLink } from './page-link.ts'
import { printPdf } from './print-pdf.ts'
import { handleSchemes, registerSchemes } from './protocol.ts'
import { openable, withRecent } from './recent.ts'
import { lockDown } from './security.ts'
import { readSettings, rememberSettings } from './settings.ts'
import { routeArgument, workspaceArgument, workspaceOf } from './start-arguments.ts'
import { openWindow, showWindow, zoomWindow } from './window.ts'

/** The desktop app: one window, one core, one workspace at a time. */
let window: BrowserWindow | undefined
let core: CoreProcess | undefined
let folder = ''
let commands: readonly MenuCommand[] = []
const link = new PageLink(take)

/** Opens a workspace, asking again for as long as that fails; undefined when the person gives up. */
async function startCore(wanted: string): Promise<CoreProcess | undefined> {
  for (folder = wanted; ; ) {
    try {
      const started = await CoreProcess.start({
        workspaceFolder: folder,
        chooseFolder,
        chooseModel,
        printPdf,
        startDrag: (file) => window?.webContents.startDrag({ file, icon: dragIcon() }),
        revealFile: (file) => shell.showItemInFolder(file),
        onJobs: (jobs, done) => window?.setProgressBar(taskbarProgress(jobs, done)),
        onEnd: notify,
        onDeath,
      })
      rememberSettings({ workspace: folder, recent: withRecent(readSettings().recent ?? [], folder) })
      app.addRecentDocument(folder)
      showWorkspace()
      return started
    } catch (error) {
      const answer = await afterFailedStart(error, folder)
      if (answer === 'quit') return undefined
      if (answer === 'other') folder = (await chooseWorkspace()) ?? folder
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
  window?.setProgressBar(-1)
  if (await afterDeath(exitCode)) await restartCore(folder)
  else app.quit()
}

async function switchWorkspace(wanted: string): Promise<void> {
  if (wanted === folder || !core || !(await mayStop(core.runningJobs))) return
  const last = core
  core = undefined
  // Runs and clips in the address are of the one that closes.
  link.tell({ type: 'go', hash: '#/library' })
  await last.close()
  window?.setProgressBar(-1)
  await restartCore(wanted)
}

async function askForWorkspace(): Promise<void> {
  const wanted = await chooseWorkspace()
  if (wanted) await switchWorkspace(wanted)
}

const recentWorkspaces = () =>
  openable(readSettings().recent ?? [], folder, (each) => existsSync(join(each, 'workspace.sqlite')))

/** Says in title, menu and page which workspace is open, and which others could be. */
function showWorkspace(): void {
  window?.setTitle(`${basename(folder)} – Soundfold`)
  link.tell({ type: 'recent', folders: recentWorkspaces() })
  showMenu()
}

function showMenu(): void {
  setMenu({
    platform: process.platform,
    commands,
    recent: recentWorkspaces(),
    run: (id) => link.tell({ type: 'run', id }),
    chooseWorkspace: () => void askForWorkspace(),
    openRecent: (wanted) => void switchWorkspace(wanted),
    zoom: (change) => window && zoomWindow(window, change),
  })
}

function take(message: ToShell): void {
  switch (message.type) {
    case 'commands':
      commands = message.commands
      showMenu()
      break
    case 'choose-workspace':
      void askForWorkspace()
      break
    case 'language':
      if (message.language === readSettings().language) break
      rememberSettings({ language: message.language })
      void hearIn(message.language, loadCatalog).then(showMenu)
      break
    case 'reload':
      window?.reload()
      break
    case 'open-recent':
      if (recentWorkspaces().includes(message.folder)) void switchWorkspace(message.folder)
  }
}

/** The end of a job, where nobody looks at the window. */
function notify(job: EndedJob): void {
  const notice = jobNotice(job)
  // What closing interrupts, the person was asked about.
  if (!core || !notice || !window || window.isFocused() || !Notification.isSupported()) return
  const shown = new Notification({ title: notice.title, body: notice.body })
  shown.on('click', () => {
    if (!window) return
    showWindow(window)
    if (notice.hash) link.tell({ type: 'go', hash: notice.hash })
  })
  shown.show()
}

/** A page that says it is ready gets new ports; earlier ones of its frame have closed with the page. */
function givePorts(): void {
  ipcMain.on('soundfold:connect', ({ senderFrame, sender }) => {
    const isOurs = senderFrame === sender.mainFrame && isPageUrl(senderFrame.url)
    if (!isOurs || !core) return
    const toCore = new MessageChannelMain()
    const toShell = new MessageChannelMain()
    core.connect(toCore.port1)
    link.connect(toShell.port1)
    senderFrame.postMessage('soundfold:port', null, [toCore.port2, toShell.port2])
    link.tell({ type: 'recent', folders: recentWorkspaces() })
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

async function start(wanted: string): Promise<void> {
  await hearIn(readSettings().language ?? 'en', loadCatalog)
  const page = await readPageFiles(rendererFolder())
  handleSchemes(page, (request, signal) => {
    if (core) return core.media(request, signal)
    return Promise.resolve({ status: 503, headers: {}, body: { kind: 'bytes', bytes: new Uint8Array() } })
  })
  givePorts()
  showMenu()
  core = await startCore(wanted)
  if (!core) return app.quit()
  window = openWindow(routeArgument(process.argv))
  // The page has a title of its own, which says nothing of the workspace.
  window.on('page-title-updated', (event) => event.preventDefault())
  showWorkspace()
  guardClosing(window)
}

function main(): void {
  app.setName('Soundfold')
  let asked = workspaceArgument(process.argv)
  if (!app.requestSingleInstanceLock({ workspace: asked })) {
    app.quit()
    return
  }
  app.on('second-instance', (_event, _args, _workingFolder, data) => {
    if (window) showWindow(window)
    const wanted =
      typeof data === 'object' && data !== null && 'workspace' in data ? data.workspace : undefined
    if (typeof wanted === 'string') void switchWorkspace(wanted)
  })
  // A Mac says so what was opened by a double click, also before the app is ready.
  app.on('open-file', (event, path) => {
    event.preventDefault()
    const opened = workspaceOf(path)
    if (window && opened) void switchWorkspace(opened)
    else asked = opened ?? asked
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
    // The folder asked for, else the last one, else one in the person's documents.
    .then(() => start(asked ?? readSettings().workspace ?? join(app.getPath('documents'), 'Soundfold')))
    .catch((error: unknown) => {
      showFatal(error)
      app.quit()
    })
}

main()
