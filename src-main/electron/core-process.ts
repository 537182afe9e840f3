import { type MessagePortMain, type UtilityProcess, utilityProcess } from 'electron'
import { fromErrorShape, SoundfoldError } from '../contract/errors.ts'
import type { MediaRequest, MediaResponse } from '../host/media-response.ts'
import { type EndedJob, type FromCore, fromCoreSchema, type ToCore } from '../host/shell-messages.ts'
import { CORE_ENTRY_PATH, MEDIA_BASE } from './addresses.ts'
import { coreLogPath, openCoreLog } from './core-log.ts'

/** How long the core may take to put its workspace in order before it is ended. */
const CLOSE_LIMIT_MILLISECONDS = 5000

export interface CoreProcessOptions {
  readonly workspaceFolder: string
  readonly chooseFolder: (title: string) => Promise<string | null>
  readonly chooseModel: () => Promise<string | null>
  readonly printPdf: (html: string) => Promise<Uint8Array>
  readonly startDrag: (path: string) => void
  readonly revealFile: (path: string) => void
  /** How many are queued or running, and the share done of the one that runs; null where that is not known. */
  readonly onJobs: (jobs: number, done: number | null) => void
  readonly onEnd: (job: EndedJob) => void
  /** The process ended though nobody asked it to. */
  readonly onDeath: (exitCode: number) => void
}

/** The utility process in which the core runs with its workspace. */
export class CoreProcess {
  readonly #process: UtilityProcess
  readonly #options: CoreProcessOptions
  readonly #ready = Promise.withResolvers<void>()
  readonly #exited = Promise.withResolvers<void>()
  readonly #media = new Map<number, (response: MediaResponse) => void>()
  #nextId = 0
  #isReady = false
  #closing = false
  #runningJobs: readonly string[] = []

  /**
   * Starts the process and waits for its workspace to be open.
   * @throws SoundfoldError the core's own, such as workspace-busy; internal when the process died
   */
  static async start(options: CoreProcessOptions): Promise<CoreProcess> {
    const core = new CoreProcess(options)
    try {
      await core.#ready.promise
    } catch (error) {
      await core.close()
      throw error
    }
    return core
  }

  private constructor(options: CoreProcessOptions) {
    this.#options = options
    const args = ['--workspace', options.workspaceFolder, '--media-base', MEDIA_BASE]
    this.#process = utilityProcess.fork(CORE_ENTRY_PATH, args, {
      serviceName: 'Soundfold core',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const log = openCoreLog()
    this.#process.stdout?.pipe(log, { end: false })
    this.#process.stderr?.pipe(log, { end: false })
    this.#process.on('message', (message) => this.#take(fromCoreSchema.parse(message)))
    this.#process.once('exit', (code) => {
      log.end()
      this.#end(code)
    })
  }

  /** Titles of the jobs that closing would interrupt. */
  get runningJobs(): readonly string[] {
    return this.#runningJobs
  }

  /** Gives a page's port to the core. */
  connect(port: MessagePortMain): void {
    this.#send({ type: 'connect' }, [port])
  }

  media(request: MediaRequest, signal: AbortSignal): Promise<MediaResponse> {
    const id = this.#nextId++
    const cancel = () => this.#send({ type: 'media-cancel', id })
    signal.addEventListener('abort', cancel, { once: true })
    return new Promise((resolve) => {
      this.#media.set(id, (response) => {
        this.#media.delete(id)
        signal.removeEventListener('abort', cancel)
        resolve(response)
      })
      this.#send({ type: 'media', id, request })
    })
  }

  /** Lets the core stop its jobs and close the workspace, and ends it if it takes too long. Idempotent. */
  async close(): Promise<void> {
    this.#closing = true
    this.#send({ type: 'close' })
    const timer = setTimeout(() => this.#process.kill(), CLOSE_LIMIT_MILLISECONDS)
    await this.#exited.promise
    clearTimeout(timer)
  }

  #send(message: ToCore, ports: MessagePortMain[] = []): void {
    this.#process.postMessage(message, ports)
  }

  #take(message: FromCore): void {
    switch (message.type) {
      case 'ready':
        this.#isReady = true
        this.#ready.resolve()
        break
      case 'failed':
        this.#ready.reject(fromErrorShape(message.error))
        break
      case 'media':
        this.#media.get(message.id)?.(message.response)
        break
      case 'choose-folder':
        this.#answer(message.id, this.#options.chooseFolder(message.title))
        break
      case 'choose-model':
        this.#answer(message.id, this.#options.chooseModel())
        break
      case 'print':
        void this.#print(message.id, message.html)
        break
      case 'drag':
        this.#options.startDrag(message.path)
        break
      case 'reveal':
        this.#options.revealFile(message.path)
        break
      case 'jobs':
        this.#runningJobs = message.titles
        this.#options.onJobs(message.titles.length, message.done)
        break
      case 'ended':
        this.#options.onEnd(message.job)
    }
  }

  #answer(id: number, chosen: Promise<string | null>): void {
    void chosen.then((path) => this.#send({ type: 'chosen', id, path }))
  }

  async #print(id: number, html: string): Promise<void> {
    const pdf = await this.#options.printPdf(html).catch((error: unknown) => {
      console.error('A page could not be printed', error)
      return null
    })
    this.#send({ type: 'printed', id, pdf })
  }

  #end(exitCode: number): void {
    this.#runningJobs = []
    this.#exited.resolve()
    this.#ready.reject(
      new SoundfoldError('internal', `The core’s process ended at its start (exit code ${exitCode}).`, {
        hint: `Its log is ${coreLogPath()}.`,
      }),
    )
    for (const answer of this.#media.values()) answer(GONE)
    if (this.#isReady && !this.#closing) this.#options.onDeath(exitCode)
  }
}

/** The answer to media requests that the process took with it. */
const GONE: MediaResponse = { status: 503, headers: {}, body: { kind: 'bytes', bytes: new Uint8Array() } }
