import { parseArgs } from 'node:util'
import { SoundfoldError, toErrorShape } from '../contract/errors.ts'
import { isOver, type Job } from '../contract/job.ts'
import { type Core, createCore } from '../core/create-core.ts'
import { messagePortWire } from '../transports/message-port.ts'
import { workerEntries } from './entries.ts'
import { logToStderr } from './log.ts'
import { mediaResponse } from './media-response.ts'
import { serveConnection } from './serve-connection.ts'
import { type FromCore, type ToCore, toCoreSchema } from './shell-messages.ts'

/** The desktop app's core process: one workspace, a port for each page, and media and dialogs through the shell. */

const { values } = parseArgs({ options: { workspace: { type: 'string' }, 'media-base': { type: 'string' } } })
const { workspace: workspaceFolder, 'media-base': mediaBase } = values
if (!workspaceFolder || !mediaBase) throw new Error('--workspace and --media-base are needed.')

// Fold processes are forked from this executable, which is Electron's and would start another window.
process.env.ELECTRON_RUN_AS_NODE = '1'

const shell = process.parentPort
const tell = (message: FromCore) => shell.postMessage(message)
const dialogAnswers = new Map<number, (path: string | null) => void>()
const openMedia = new Map<number, AbortController>()
const printed = new Map<number, (pdf: Uint8Array | null) => void>()
let nextId = 0

function chosen(ask: (id: number) => FromCore): Promise<string | null> {
  const id = nextId++
  return new Promise((resolve) => {
    dialogAnswers.set(id, resolve)
    tell(ask(id))
  })
}
const chooseFolder = (title: string) => chosen((id) => ({ type: 'choose-folder', id, title }))
const chooseModel = () => chosen((id) => ({ type: 'choose-model', id }))

async function printPdf(html: string): Promise<Uint8Array> {
  const id = nextId++
  const pdf = await new Promise<Uint8Array | null>((resolve) => {
    printed.set(id, resolve)
    tell({ type: 'print', id, html })
  })
  if (pdf) return pdf
  throw new SoundfoldError('internal', 'The report could not be printed to a PDF.', {
    hint: 'Write it as HTML, open it in a browser, and print it there.',
  })
}

async function answerMedia(core: Core, { id, request }: Extract<ToCore, { type: 'media' }>): Promise<void> {
  const abort = new AbortController()
  openMedia.set(id, abort)
  const response = await mediaResponse(core.media, request, abort.signal)
  openMedia.delete(id)
  tell({ type: 'media', id, response })
}

function tellJobs(core: Core): void {
  const active = new Map<number, Job>()
  core.on((event) => {
    if (event.name !== 'job') return
    const job = event.payload
    const ends = isOver(job)
    if (ends && !active.has(job.id)) return
    if (ends) active.delete(job.id)
    else active.set(job.id, job)
    const jobs = [...active.values()]
    const going = jobs.find(({ status, total }) => status === 'running' && total > 0)
    const done = going ? Math.min(1, going.done / going.total) : null
    tell({ type: 'jobs', titles: jobs.map(({ title }) => title), done })
    if (!ends) return
    const { title, status, error, runId } = job
    tell({ type: 'ended', job: { title, status, error, runId } })
  })
}

try {
  const core = await createCore({
    workspaceFolder,
    entries: workerEntries(),
    mediaBase,
    chooseFolder,
    chooseModel,
    printPdf,
    startDrag: (path) => tell({ type: 'drag', path }),
    revealFile: (path) => tell({ type: 'reveal', path }),
  })
  tellJobs(core)
  shell.on('message', async ({ data, ports: [port] }) => {
    const message = toCoreSchema.parse(data)
    switch (message.type) {
      case 'connect':
        if (port) serveConnection(core, messagePortWire(port))
        break
      case 'media':
        await answerMedia(core, message)
        break
      case 'media-cancel':
        openMedia.get(message.id)?.abort()
        break
      case 'chosen':
        dialogAnswers.get(message.id)?.(message.path)
        dialogAnswers.delete(message.id)
        break
      case 'printed':
        printed.get(message.id)?.(message.pdf)
        printed.delete(message.id)
        break
      case 'close':
        await core.close()
        process.exit(0)
    }
  })
  tell({ type: 'ready' })
} catch (error) {
  logToStderr('The workspace could not be opened', error)
  // The shell answers by `close`, the one message that it sends without `ready`; ending sooner could lose this one.
  shell.on('message', () => process.exit(1))
  tell({ type: 'failed', error: toErrorShape(error) })
}
