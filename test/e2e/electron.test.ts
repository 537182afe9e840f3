import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { writtenFileSchema } from '../../src-main/contract/report.ts'
import { createCore } from '../../src-main/core/create-core.ts'
import { workerEntries } from '../../src-main/host/entries.ts'
import { PREDICTED, writePredictedWorkspace } from '../support/predicted-workspace.ts'
import { TINY_MAPPING, writeTinyDataset } from '../support/tiny-workspace.ts'
import { openDisplay } from './runners/display.ts'
import { findRuntime, type Runtime, type StartedApp, startApp } from './runners/electron.ts'
import { callFromPage, waitForJob } from './runners/page-port.ts'

const MEDIA = 'media://workspace/clips/1/audio'

async function prepare() {
  const display = await openDisplay()
  if (!display) return 'there is no display (on Debian or Ubuntu: apt install xvfb)'
  try {
    return { display, runtime: await findRuntime() }
  } catch (error) {
    await display.close()
    return error instanceof Error ? error.message : String(error)
  }
}

const prepared = await prepare()
const missing = typeof prepared === 'string' ? prepared : undefined
if (missing) {
  const text = `NO ELECTRON: the tests of the desktop app are skipped: ${missing}.`
  if (process.env.SOUNDFOLD_REQUIRE_E2E) throw new Error(text)
  console.warn(text)
}

describe.skipIf(missing)('the desktop app', () => {
  const { runtime, display } = typeof prepared === 'string' ? ({} as never) : prepared
  let root: string
  let folders: { workspace: string; userData: string }
  let audioFile: string
  let started: StartedApp

  const start = async (moreArgs: readonly string[] = []) => {
    started = await startApp(runtime, display.name, folders, moreArgs)
    await started.page.getByRole('navigation').first().waitFor()
    // The page has its own port then, and takes none that is meant for a test.
    await started.page.getByText('Opening the workspace…').waitFor({ state: 'detached' })
  }
  const evaluateInPage = <T>(run: () => T | Promise<T>) => started.page.evaluate(run)

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'soundfold-app-'))
    folders = { workspace: join(root, 'workspace'), userData: join(root, 'user') }
    const { folder, files } = await writeTinyDataset(root)
    audioFile = files[0] ?? ''
    await start()
    const { jobId } = await callFromPage(started.page, 'datasets.import', {
      folder,
      format: 'csv',
      mapping: TINY_MAPPING,
    })
    await waitForJob(started.page, jobId)
  })
  afterAll(async () => {
    await started?.app.close()
    await runtime.close()
    await display.close()
    await rm(root, { recursive: true, force: true })
  })

  it(`opens one window on the built page (in ${(runtime as Runtime | undefined)?.name})`, async () => {
    const { app, page } = started
    expect(app.windows()).toHaveLength(1)
    expect(page.url()).toMatch(/^app:\/\/soundfold\//)
    expect(await page.title()).toContain('Soundfold')
    const shown = await app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows().map((w) => w.isVisible()),
    )
    expect(shown).toEqual([true])
    await page.screenshot({ path: fileURLToPath(new URL('.artifacts/electron.png', import.meta.url)) })
  })

  it('answers through the port', async () => {
    const info = await callFromPage(started.page, 'workspace.info', {})
    expect(info).toMatchObject({
      folder: folders.workspace,
      canChooseFolder: true,
      mediaBase: 'media://workspace/',
    })
    await expect(callFromPage(started.page, 'clips.get', { clipId: 99 })).rejects.toThrow('99')
  })

  it('shows the imported clips without being reloaded', async () => {
    await started.page.getByText('low.wav').first().waitFor()
  })

  it('shows the system’s folder dialog', async () => {
    await started.app.evaluate(({ dialog }) => {
      dialog.showOpenDialog = async () => ({ canceled: false, filePaths: ['/some/folder'] })
    })
    const chosen = await callFromPage(started.page, 'shell.chooseFolder', { title: 'Pick' })
    expect(chosen).toEqual({ folder: '/some/folder' })
    expect(await callFromPage(started.page, 'shell.chooseModel', {})).toEqual({ file: '/some/folder' })
  })

  it('plays a clip', async () => {
    const played = await started.page.evaluate(async (url) => {
      const audio = new Audio(url)
      await audio.play()
      await new Promise((resolve) => audio.addEventListener('timeupdate', resolve))
      const moved = audio.currentTime
      audio.currentTime = 0.75
      await new Promise((resolve) => audio.addEventListener('seeked', resolve))
      return { duration: audio.duration, moved, sought: audio.currentTime }
    }, MEDIA)
    expect(played.duration).toBeCloseTo(1, 2)
    expect(played.moved).toBeGreaterThan(0)
    expect(played.sought).toBeGreaterThanOrEqual(0.75)
  })

  it('sends a clip whole and by ranges', async () => {
    const file = await readFile(audioFile)
    const whole = await started.page.evaluate(async (url) => {
      const response = await fetch(url)
      return [...new Uint8Array(await response.arrayBuffer())]
    }, MEDIA)
    expect(Buffer.from(whole).equals(file)).toBe(true)
    const part = await started.page.evaluate(async (url) => {
      const response = await fetch(url, { headers: { Range: 'bytes=1000-1999' } })
      return { status: response.status, bytes: [...new Uint8Array(await response.arrayBuffer())] }
    }, MEDIA)
    expect(part.status).toBe(206)
    expect(Buffer.from(part.bytes).equals(file.subarray(1000, 2000))).toBe(true)
  })

  it('serves nothing else by its schemes', async () => {
    const statuses = await evaluateInPage(() =>
      Promise.all(
        [
          'app://soundfold/../package.json',
          'app://soundfold/..%2f..%2fpackage.json',
          'app://soundfold/etc/passwd',
          'media://workspace/../workspace.sqlite',
          'media://workspace/clips/1/audio%2f..%2f..',
          'media://workspace/clips/99/audio',
          'media://elsewhere/clips/1/audio',
        ].map((url) => fetch(url).then(({ status }) => status, String)),
      ),
    )
    // The last is another origin than the policy allows, so it is not even asked for.
    expect(statuses).toEqual([404, 404, 404, 404, 404, 404, 'TypeError: Failed to fetch'])
  })

  it('sends a strict policy, and the page has it', async () => {
    const policy = await evaluateInPage(async () => (await fetch('/')).headers.get('content-security-policy'))
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self';")
    const refused = await evaluateInPage(async () => {
      const violated = new Promise<string>((resolve) => {
        addEventListener('securitypolicyviolation', (event) => resolve(event.violatedDirective), {
          once: true,
        })
      })
      const script = document.createElement('script')
      script.textContent = 'window.inlineRan = true'
      document.body.append(script)
      return { directive: await violated, ran: 'inlineRan' in window }
    })
    expect(refused).toEqual({ directive: expect.stringContaining('script-src'), ran: false })
    const elsewhere = await evaluateInPage(() =>
      Promise.all(
        ['https://example.com/', 'file:///etc/passwd'].map((url) => fetch(url).then(() => 'got it', String)),
      ),
    )
    expect(elsewhere).toEqual(Array(2).fill('TypeError: Failed to fetch'))
  })

  it('gives the page neither Node nor Electron', async () => {
    const types = await evaluateInPage(() =>
      ['require', 'process', 'module', 'Buffer', 'global', 'electron', 'ipcRenderer'].map(
        (name) => typeof Reflect.get(window, name),
      ),
    )
    expect(new Set(types)).toEqual(new Set(['undefined']))
    const preferences = await started.app.evaluate(({ BrowserWindow }) => {
      // Electron has this without documenting it.
      const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as {
        getLastWebPreferences(): Record<string, unknown>
      }
      const { contextIsolation, sandbox, nodeIntegration, webviewTag } = contents.getLastWebPreferences()
      return { contextIsolation, sandbox, nodeIntegration, webviewTag }
    })
    expect(preferences).toEqual({
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
    })
  })

  it('opens no window', async () => {
    const opened = await evaluateInPage(() =>
      ['https://example.com/', 'about:blank', location.href].map((url) => window.open(url) !== null),
    )
    expect(opened).toEqual([false, false, false])
    expect(started.app.windows()).toHaveLength(1)
  })

  it('goes nowhere', async () => {
    const { page } = started
    const before = page.url()
    for (const url of [
      'https://example.com/',
      'file:///etc/passwd',
      'app://elsewhere/',
      'data:text/html,hello',
    ]) {
      await page.evaluate((target) => {
        const link = document.createElement('a')
        link.href = target
        document.body.append(link)
        link.click()
        link.remove()
      }, url)
      await page.evaluate((target) => void setTimeout(() => location.assign(target)), url)
      await page.waitForTimeout(200)
      expect(page.url()).toBe(before)
    }
    expect((await callFromPage(page, 'datasets.list', {})).length).toBe(1)
  })

  it('extracts and trains with the built workers', async () => {
    const { page } = started
    const { jobId, runId } = await callFromPage(page, 'runs.start', {
      datasetId: 1,
      settings: { training: { epochs: 1, batchSize: 1 }, processes: 1, threadsPerProcess: 1 },
    })
    await waitForJob(page, jobId)
    const evaluation = await callFromPage(page, 'runs.evaluation', { runId })
    expect(evaluation.folds.map(({ fold, clips }) => [fold, clips])).toEqual([
      [1, 1],
      [2, 1],
    ])
  })

  it('asks for and gets no permission', async () => {
    const answers = await evaluateInPage(async () => ({
      notifications: await Notification.requestPermission(),
      microphone: await navigator.mediaDevices.getUserMedia({ audio: true }).then(
        () => 'granted',
        (error: Error) => error.name,
      ),
      place: await new Promise((resolve) =>
        navigator.geolocation.getCurrentPosition(
          () => resolve('granted'),
          ({ code }) => resolve(code),
        ),
      ),
    }))
    expect(answers).toEqual({ notifications: 'denied', microphone: 'NotAllowedError', place: 1 })
  })

  it('saves what the page made, and downloads nothing else', async () => {
    const target = join(root, 'saved.txt')
    await started.app.evaluate(({ session }, path) => {
      Reflect.set(globalThis, 'allowedDownloads', [])
      session.defaultSession.on('will-download', (event, item) => {
        if (event.defaultPrevented) return
        Reflect.get(globalThis, 'allowedDownloads').push(item.getURL())
        item.setSavePath(path)
      })
    }, target)
    await evaluateInPage(() => {
      const blob = URL.createObjectURL(new Blob(['a picture']))
      for (const href of [`${location.origin}/index.html`, 'data:text/plain,no', blob]) {
        const link = document.createElement('a')
        link.href = href
        link.download = 'saved.txt'
        link.click()
      }
    })
    await vi.waitFor(async () => expect(await readFile(target, 'utf8')).toBe('a picture'), 10_000)
    const allowed = await started.app.evaluate(() => Reflect.get(globalThis, 'allowedDownloads'))
    expect(allowed).toEqual([expect.stringMatching(/^blob:app:\/\/soundfold\//)])
    expect(started.page.url()).toMatch(/^app:\/\/soundfold\//)
  })

  it('lets a second start bring up the first and end', async () => {
    const second = await startSecond()
    expect(second).toBe(0)
    expect(started.app.windows()).toHaveLength(1)
    expect((await callFromPage(started.page, 'datasets.list', {})).length).toBe(1)
  })

  it('has the window’s commands in its menu', async () => {
    const menuItem = (name: string) =>
      started.app.evaluate(({ Menu }, label) => {
        const items = Menu.getApplicationMenu()?.items.flatMap(({ submenu }) => submenu?.items ?? []) ?? []
        const item = items.find((each) => each.label === label)
        return item && { enabled: item.enabled, accelerator: String(item.accelerator ?? '') }
      }, name)
    await vi.waitFor(async () =>
      expect(await menuItem('Go to training')).toEqual({ enabled: true, accelerator: '2' }),
    )
    expect(await menuItem('Play or pause')).toMatchObject({ enabled: false, accelerator: 'Space' })
    await choose('Go to training')
    await vi.waitFor(() => expect(started.page.url()).toContain('#/train'))
    await choose('Go to the library')
    await vi.waitFor(() => expect(started.page.url()).toContain('#/library'))
  })

  it('zooms by its menu', async () => {
    const zoom = () =>
      started.app.evaluate(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows()[0]?.webContents.getZoomFactor(),
      )
    await choose('Zoom In')
    await vi.waitFor(async () => expect(await zoom()).toBeCloseTo(1.1))
    await choose('Zoom In')
    expect(await zoom()).toBeCloseTo(1.25)
    await choose('Zoom Out')
    expect(await zoom()).toBeCloseTo(1.1)
  })

  it('drags a clip’s own file out, by its id alone', async () => {
    await started.app.evaluate(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents
      if (!contents) return
      contents.startDrag = ({ file, icon }) =>
        Reflect.set(globalThis, 'dragged', { file, isEmpty: icon instanceof Object && icon.isEmpty() })
    })
    await started.page.getByText('low.wav').first().dispatchEvent('dragstart')
    await vi.waitFor(async () =>
      expect(await started.app.evaluate(() => Reflect.get(globalThis, 'dragged'))).toEqual({
        file: audioFile,
        isEmpty: false,
      }),
    )
    await expect(callFromPage(started.page, 'shell.dragClip', { clipId: 99 })).rejects.toThrow('99')
  })

  it('shows a clip’s file in the system’s file manager', async () => {
    await started.app.evaluate(({ shell }) => {
      shell.showItemInFolder = (path) => Reflect.set(globalThis, 'revealed', path)
    })
    const answer = await callFromPage(started.page, 'shell.revealClip', { clipId: 1 })
    expect(answer).toEqual({ path: audioFile, shown: true })
    await vi.waitFor(async () =>
      expect(await started.app.evaluate(() => Reflect.get(globalThis, 'revealed'))).toBe(audioFile),
    )
  })

  it('imports the folder that is dropped on it, where the person says so', async () => {
    const { page } = started
    const cdp = await page.context().newCDPSession(page)
    // The clip that was dragged out before has been let go.
    await page.mouse.move(400, 300)
    const data = { items: [], files: [join(root, 'dataset')], dragOperationsMask: 1 }
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
      await cdp.send('Input.dispatchDragEvent', { type, x: 400, y: 300, data })
    await expect
      .poll(() => page.getByLabel('Folder', { exact: true }).inputValue())
      .toBe(join(root, 'dataset'))
    expect((await callFromPage(page, 'datasets.list', {})).length).toBe(1)
    // Audio files are asked about instead.
    const sounds = { ...data, files: [audioFile] }
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
      await cdp.send('Input.dispatchDragEvent', { type, x: 400, y: 300, data: sounds })
    await expect.poll(() => page.url()).toContain('#/predict')
    await expect.poll(() => page.locator('textarea').inputValue()).toBe(audioFile)
    await cdp.detach()
    await page.keyboard.press('1')
  })

  it('shows a job’s progress in the taskbar, and its end where nobody looks', async () => {
    await started.app.evaluate((electron) => {
      const [window] = electron.BrowserWindow.getAllWindows()
      if (!window) return
      const seen = { bars: [] as number[], notices: [] as unknown[] }
      Reflect.set(globalThis, 'seen', seen)
      window.setProgressBar = (share) => void seen.bars.push(share)
      window.isFocused = () => false
      const { isSupported } = electron.Notification
      electron.Notification.isSupported = () => true
      Reflect.set(globalThis, 'undo', () => {
        electron.Notification.isSupported = isSupported
        Reflect.deleteProperty(window, 'isFocused')
        Reflect.deleteProperty(electron.Notification.prototype, 'on')
      })
      // Its `show` is the system's own, so what it is asked to say is heard before.
      const on = function (this: Electron.Notification, _event: string, listener: () => void) {
        seen.notices.push({ title: this.title, body: this.body })
        Reflect.set(globalThis, 'clickNotice', listener)
        return this
      }
      Reflect.set(electron.Notification.prototype, 'on', on)
    })
    const { jobId, runId } = await callFromPage(started.page, 'runs.start', {
      datasetId: 1,
      settings: { training: { epochs: 1, batchSize: 1 }, processes: 1, threadsPerProcess: 1 },
    })
    await waitForJob(started.page, jobId)
    const seen = () =>
      started.app.evaluate(
        () =>
          Reflect.get(globalThis, 'seen') as { bars: number[]; notices: { title: string; body: string }[] },
      )

    await vi.waitFor(async () => expect((await seen()).notices).toHaveLength(1))
    const { bars, notices } = await seen()
    expect(notices[0]).toMatchObject({ title: expect.stringContaining('Train'), body: 'Done.' })
    expect(bars.some((share) => share > 0 && share <= 1)).toBe(true)
    expect(bars.at(-1)).toBe(-1)
    await started.app.evaluate(() => Reflect.get(globalThis, 'clickNotice')())
    await vi.waitFor(() => expect(started.page.url()).toContain(`#/runs/${runId}`))
    await started.app.evaluate(() => Reflect.get(globalThis, 'undo')())
  })

  it('opens another workspace that a second start names, and the first again from the palette', async () => {
    const { page } = started
    const title = () =>
      started.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getTitle())
    expect(await title()).toBe('workspace – Soundfold')
    const other = join(root, 'other')
    await (await createCore({ workspaceFolder: other, entries: workerEntries(), mediaBase: '/' })).close()
    expect(await startSecond([join(other, 'workspace.sqlite')])).toBe(0)
    await page.getByRole('heading', { name: 'Welcome to Soundfold' }).waitFor()
    expect(await title()).toBe('other – Soundfold')
    await page.getByRole('button', { name: folders.workspace }).waitFor()

    await page.keyboard.press('Control+k')
    await page.keyboard.type(`open workspace ${folders.workspace}`)
    await page.keyboard.press('Enter')
    await page.getByText('low.wav').first().waitFor()
    expect(await title()).toBe('workspace – Soundfold')

    // As macOS tells of a double click.
    const openFile = (path: string) =>
      started.app.evaluate(({ app }, file) => void app.emit('open-file', { preventDefault() {} }, file), path)
    await openFile(join(other, 'other.soundfold'))
    await page.getByRole('heading', { name: 'Welcome to Soundfold' }).waitFor()
    expect(await title()).toBe('other – Soundfold')
    await openFile(join(folders.workspace, 'workspace.sqlite'))
    await page.getByText('low.wav').first().waitFor()
    expect(await title()).toBe('workspace – Soundfold')
    expect(started.app.windows()).toHaveLength(1)
  })

  it('says where the log is when the core dies, and starts it again', async () => {
    const asked = await recordQuestions(0)
    await evaluateInPage(() => void Reflect.set(globalThis, 'beforeDeath', true))
    process.kill(await corePid(), 'SIGKILL')
    await vi.waitFor(async () => expect(await asked()).toHaveLength(1), 10_000)
    const [question] = await asked()
    expect(question?.message).toContain('stopped unexpectedly')
    expect(question?.detail).toContain('core.log')
    await started.page.waitForFunction(() => !('beforeDeath' in globalThis))
    await started.page.getByText('low.wav').first().waitFor()
    expect((await callFromPage(started.page, 'datasets.list', {})).length).toBe(1)
  })

  it('asks before closing stops a job, closes in order, and opens again where it was, on the screen asked for', async () => {
    const { app, page } = started
    await callFromPage(page, 'demo.create', {})
    const kept = await recordQuestions(1)
    await closeWindow()
    await vi.waitFor(async () => expect(await kept()).toHaveLength(1))
    expect((await kept())[0]?.message).toBe('Stop what is running?')
    expect(app.windows()).toHaveLength(1)

    await recordQuestions(0)
    const size = { x: 40, y: 30, width: 1111, height: 777 }
    await app.evaluate(
      ({ BrowserWindow }, bounds) => BrowserWindow.getAllWindows()[0]?.setBounds(bounds),
      size,
    )
    const ended = once(app.process(), 'exit')
    await closeWindow()
    await ended
    const core = await createCore({
      workspaceFolder: folders.workspace,
      entries: workerEntries(),
      mediaBase: '/',
    })
    const [job] = await core.call('jobs.list', {})
    await core.close()
    expect(job).toMatchObject({ kind: 'demo', status: 'interrupted' })

    await start(['--route', '#/train'])
    expect(started.page.url()).toMatch(/^app:\/\/soundfold\/#\/train/)
    const { bounds, zoom } = await started.app.evaluate(({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows()
      return { bounds: window?.getBounds(), zoom: window?.webContents.getZoomFactor() }
    })
    expect(bounds).toMatchObject({ width: size.width, height: size.height })
    expect(zoom).toBeCloseTo(1.1)
  })

  it('has its menu and dialogs in the window’s language, and knows it at the next start', async () => {
    const menus = () =>
      started.app.evaluate(({ Menu }) => Menu.getApplicationMenu()?.items.map(({ label }) => label) ?? [])
    const speak = async (language: string) => {
      await started.page.evaluate((to) => localStorage.setItem('soundfold.language', to), language)
      await started.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.reload())
    }
    await speak('en-XA')
    await vi.waitFor(
      async () => expect(await menus()).toEqual(expect.arrayContaining(['&Ƒííĺéé', '&Ğóó'])),
      10_000,
    )
    await vi.waitFor(async () => expect((await menus()).join(' ')).not.toMatch(/[a-z]{2}/), 10_000)

    // The page has its own port then.
    await started.page.locator('main :is(h1, h2)').first().waitFor()
    const { jobId } = await callFromPage(started.page, 'demo.create', {})
    const kept = await recordQuestions(1)
    await closeWindow()
    await vi.waitFor(async () => expect(await kept()).toHaveLength(1))
    expect((await kept())[0]).toMatchObject({
      message: 'Śťóóþ ŵĥááť ííś ŕúúńńííńğ?',
      detail: expect.stringContaining('Ṁááķéé ťĥéé ďééɱóó ďááťááśééť'),
    })
    await callFromPage(started.page, 'jobs.cancel', { jobId })
    await recordQuestions(0)
    const settings = await readFile(join(folders.userData, 'window.json'), 'utf8')
    expect(JSON.parse(settings)).toMatchObject({ language: 'en-XA' })

    await speak('en')
    await vi.waitFor(
      async () => expect(await menus()).toEqual(expect.arrayContaining(['&File', '&Go'])),
      10_000,
    )
  })

  /** @returns the exit code of a second start with the same settings */
  async function startSecond(more: readonly string[] = []): Promise<number> {
    const own = ['--no-sandbox', '--disable-gpu', `--user-data-dir=${folders.userData}`]
    const args = [...runtime.args, ...own, ...more]
    const env = { ...process.env, ...runtime.env, DISPLAY: display.name }
    const ended = promisify(execFile)(runtime.executable, args, { env, timeout: 20_000 })
    return ended.then(
      () => 0,
      (error: { code?: number }) => error.code ?? -1,
    )
  }

  /** The core's process: Electron's own list names it, and the stand-in tells it. */
  function corePid(): Promise<number> {
    return started.app.evaluate(({ app }) => {
      const own = app.getAppMetrics().find(({ name }) => name === 'Soundfold core')?.pid
      return own ?? Number(Reflect.get(globalThis, 'standInCorePid'))
    })
  }

  /** Answers the app's questions by the button's number instead of showing them; gives what was asked so far. */
  async function recordQuestions(answer: number) {
    await started.app.evaluate(({ dialog }, response) => {
      const asked: unknown[] = []
      Reflect.set(globalThis, 'asked', asked)
      Reflect.set(dialog, 'showMessageBox', async (question: unknown) => {
        asked.push(question)
        return { response, checkboxChecked: false }
      })
    }, answer)
    return () =>
      started.app.evaluate(() => Reflect.get(globalThis, 'asked') as { message: string; detail: string }[])
  }

  const choose = (label: string) =>
    started.app.evaluate(({ BrowserWindow, Menu }, name) => {
      const items = Menu.getApplicationMenu()?.items.flatMap(({ submenu }) => submenu?.items ?? []) ?? []
      items.find((item) => item.label === name)?.click({}, BrowserWindow.getAllWindows()[0])
    }, label)

  const closeWindow = () =>
    started.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())

  it('prints a report to a PDF', async () => {
    await started.app.close()
    folders.workspace = join(root, 'predicted')
    writePredictedWorkspace(folders.workspace)
    await start()
    const { jobId } = await callFromPage(started.page, 'runs.report', {
      runId: PREDICTED.runs[0],
      format: 'pdf',
    })
    await waitForJob(started.page, jobId)
    const { result } = await callFromPage(started.page, 'jobs.get', { jobId })
    const pdf = await readFile(writtenFileSchema.parse(result).file)
    expect(pdf.toString('latin1', 0, 5)).toBe('%PDF-')
    expect(pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length).toBeGreaterThan(2)
  })
})
