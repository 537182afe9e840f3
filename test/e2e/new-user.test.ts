import { spawnSync } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'csv-parse/sync'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browserMissing } from '../support/browser.ts'
import { openServedPage, type ServedPage } from '../support/served-page.ts'
import { ClipPanel } from './pages/clip-panel.ts'
import { LibraryPage } from './pages/library-page.ts'
import { ShellPage } from './pages/shell-page.ts'

const CLI = fileURLToPath(new URL('../../src-main/cli/main.ts', import.meta.url))

/** One whole task from an empty workspace, by keys alone; each test goes on after the one before it. */
describe.skipIf(browserMissing())('a first task by keys', () => {
  let opened: ServedPage
  let page: Page
  let library: LibraryPage
  let keys = 0
  const heard: string[] = []

  beforeAll(async () => {
    opened = await openServedPage()
    ;({ page } = opened)
    library = new LibraryPage(page)
    await new ShellPage(page).open(opened.served.url)
  })
  afterAll(async () => {
    await opened?.close()
  })

  const press = async (...names: string[]) => {
    for (const name of names) await page.keyboard.press(name)
    keys += names.length
  }
  const type = async (text: string) => {
    await page.keyboard.type(text)
    keys += text.length
  }
  /** @param first - what the palette then offers first */
  async function find(text: string, first: string): Promise<void> {
    await press('Control+k')
    await type(text)
    const options = page.getByRole('dialog', { name: 'Find an action' }).getByRole('option')
    await expect.poll(() => options.first().textContent()).toContain(first)
    await press('Enter')
  }
  const workspace = () => join(opened.served.folder, 'workspace')
  const total = () => library.total.textContent()
  /** The open clip's name, once its sound has moved on. */
  async function hear(previous?: string): Promise<string> {
    await expect.poll(async () => (await library.openedFile()).trim()).not.toBe(previous)
    await page.waitForFunction(() => {
      const audio = document.querySelector('audio')
      return audio !== null && !audio.paused && audio.currentTime > 0.1
    })
    return (await library.openedFile()).trim()
  }
  async function tag(text: string): Promise<void> {
    await press('t')
    const dialog = page.getByRole('dialog', { name: 'Tag 1 clip' })
    await dialog.waitFor()
    await type(text)
    await press('Enter')
    await dialog.waitFor({ state: 'detached' })
  }

  it('makes the demo and lists the longest sirens in the background', { timeout: 180_000 }, async () => {
    await page.getByRole('button', { name: 'Make the demo dataset' }).waitFor()
    await find('demo', 'Demo, please')
    const step = page.getByRole('region', { name: 'First steps' }).locator('[aria-current=step]')
    await expect.poll(() => step.textContent(), { timeout: 150_000 }).toContain('Listen')
    await press('1', '/')
    await type('siren')
    await expect.poll(total).toBe('41 of 400 clips')
    await press('Enter')
    await expect.poll(() => library.table.evaluate((grid) => grid === document.activeElement)).toBe(true)
    await find('backg', 'background')
    await expect.poll(total).toBe('23 of 400 clips')
    await find('longest', 'Sort by length, longest first')
    await expect.poll(() => page.url()).toContain('durationSeconds')
  })

  it('hears ten, each played as it is chosen, and tags three', async () => {
    await press('ArrowDown')
    await new ClipPanel(page).waveformPixels()
    await press('e')
    heard.push(await hear())
    while (heard.length < 10) {
      await press('ArrowDown')
      heard.push(await hear(heard.at(-1)))
      if (heard.length > 7) await tag('far')
    }
    const csv = await readFile(join(await demoFolder(), 'metadata', 'UrbanSound8K.csv'), 'utf8')
    const rows: Record<string, string>[] = parse(csv, { columns: true })
    const sirens = rows
      .filter((row) => row.class === 'siren' && row.salience === '2')
      .map((row) => ({ file: row.slice_file_name, seconds: Number(row.end) - Number(row.start) }))
    const longest = sirens
      .map(({ seconds }) => seconds)
      .toSorted((a, b) => b - a)
      .slice(0, 10)
    const played = heard.map((name) => sirens.find(({ file }) => file === name)?.seconds)
    expect(new Set(heard).size).toBe(10)
    expect(played).toEqual(longest)
  })

  it('undoes one tag, and exports the clips that have it', async () => {
    await press('Control+z')
    await page.getByRole('status').filter({ hasText: 'Undone: Tagged 1 clip: far' }).waitFor()
    await find('far', 'far')
    await expect.poll(total).toBe('2 of 400 clips')
    await press('ArrowDown', 'Control+a')
    await page.getByText('2 clips chosen').waitFor()
    await find('export f', 'Export features')
    const dialog = page.getByRole('dialog', { name: 'Export features of 2 clips' })
    await dialog.waitFor()
    await press('ArrowDown', 'Enter')
    await dialog.getByText('2 clips exported').waitFor()
    const folder = (await dialog.locator('.path').textContent())?.trim() ?? ''
    const written = await readdir(folder, { recursive: true })
    const clips = written
      .filter((name) => name.endsWith('.npz'))
      .map((name) => name.replace(/^.*[\\/]|\.npz$/g, ''))
    const tagged = heard.slice(7, 9).map((name) => name.replace('.wav', ''))
    expect(clips.toSorted()).toEqual(tagged.toSorted())
    await press('Escape')
    await dialog.waitFor({ state: 'detached' })
    expect(opened.faults).toEqual([])
    await opened.served.stop()
    const where = ['--json', '--workspace', workspace()]
    const { stdout } = spawnSync(process.execPath, [CLI, 'tag', 'list', ...where], { encoding: 'utf8' })
    expect(JSON.parse(stdout)).toMatchObject([{ tag: 'far', clips: 2 }])
    console.info(`A first task, from an empty workspace to an exported folder: ${keys} keys.`)
  })

  async function demoFolder(): Promise<string> {
    const [name = ''] = await readdir(join(workspace(), 'datasets'))
    return join(workspace(), 'datasets', name)
  }
})
