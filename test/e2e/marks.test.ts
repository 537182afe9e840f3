import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browserMissing } from '../support/browser.ts'
import type { ServedWorkspace } from '../support/serve.ts'
import { openDemoPage, type ServedPage } from '../support/served-page.ts'
import { LibraryPage } from './pages/library-page.ts'
import { ShellPage } from './pages/shell-page.ts'

const CLI = fileURLToPath(new URL('../../src-main/cli/main.ts', import.meta.url))

/** Tags, the way back, and what can be done with chosen clips, by the keyboard alone; each test goes on after the one before it. */
describe.skipIf(browserMissing())('marks by keys', () => {
  let opened: ServedPage | undefined
  let served: ServedWorkspace
  let page: Page
  let library: LibraryPage
  let faults: string[]

  beforeAll(async () => {
    opened = await openDemoPage()
    ;({ page, faults, served } = opened)
    const shell = new ShellPage(page)
    await shell.openDataset(served.url)
    library = new LibraryPage(page)
  })
  afterAll(async () => {
    await opened?.close()
  })

  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key)
  }
  const filters = () => page.getByRole('complementary', { name: 'Filters' })
  const countOf = (tag: string) =>
    filters()
      .getByRole('group', { name: 'Tag', exact: true })
      .locator('label', { hasText: tag })
      .locator('.count')
  const said = (text: string) => page.getByRole('status').filter({ hasText: text }).waitFor()
  const tags = () => {
    const where = ['--json', '--workspace', join(served.folder, 'workspace')]
    const { stdout } = spawnSync(process.execPath, [CLI, 'tag', 'list', ...where], { encoding: 'utf8' })
    return JSON.parse(stdout)
  }

  it('tags three clips of a filtered list, and one more', async () => {
    await press('1')
    await expect.poll(() => library.total.textContent()).toBe('400 clips')
    await press('/')
    await page.keyboard.type('siren')
    await expect.poll(() => library.total.textContent()).toBe('41 of 400 clips')
    await press('Tab')
    while (!(await library.table.evaluate((grid) => grid === document.activeElement))) await press('Tab')
    await press('ArrowDown', 'Shift+ArrowDown', 'Shift+ArrowDown', 't')
    await page.getByRole('dialog', { name: 'Tag 3 clips' }).waitFor()
    await page.keyboard.type('far away, dull')
    await press('Enter')
    await said('Tagged 3 clips: far away, dull')
    await expect.poll(() => countOf('far away').textContent()).toBe('3')
    await press('Escape', 't')
    await page.keyboard.type('loud')
    await press('Enter')
    await said('Tagged 1 clip: loud')
    await expect.poll(() => countOf('loud').textContent()).toBe('1')
    const shown = await library.panel.getByRole('listitem').allTextContents()
    expect(shown.map((text) => text.trim()).slice(0, 3)).toEqual(['dull', 'far away', 'loud'])
  })

  it('undoes one step after another, and does them again', async () => {
    await press('Control+z')
    await said('Undone: Tagged 1 clip: loud')
    await expect.poll(() => countOf('loud').count()).toBe(0)
    await press('Control+z')
    await said('Undone: Tagged 3 clips')
    await expect.poll(() => filters().getByText('far away').count()).toBe(0)
    await press('Control+z')
    await page.getByText('There is nothing to undo in this session.').filter({ visible: true }).waitFor()
    await press('Control+Shift+z')
    await said('Done again: Tagged 3 clips')
    await expect.poll(() => countOf('dull').textContent()).toBe('3')
  })

  it('compares the three on one axis, plays them in turn by one key, and goes back', async () => {
    await press('/', 'Tab')
    while (!(await library.table.evaluate((grid) => grid === document.activeElement))) await press('Tab')
    await press('Home', 'Shift+ArrowDown', 'Shift+ArrowDown')
    await page.getByText('3 clips chosen').waitFor()
    await press('c')
    const clips = page.getByRole('article')
    await expect.poll(() => clips.count()).toBe(3)
    const ids = new URL(page.url()).hash
    expect(ids).toMatch(/^#\/clips\?ids=\d+,\d+,\d+$/)
    const pictures = page.getByRole('application', { name: /^Spectrogram of/ })
    await expect.poll(() => pictures.count()).toBe(3)
    const times = await Promise.all(
      (await pictures.all()).map(
        async (one) => (await one.getAttribute('aria-label'))?.match(/[\d.]+ to [\d.]+ sec/)?.[0],
      ),
    )
    expect(new Set(times).size).toBe(1)
    const heard = page.getByRole('main').getByRole('status').first()
    const audio = () =>
      page
        .locator('audio')
        .evaluateAll((all) => all.map((one) => one instanceof HTMLAudioElement && !one.paused))
    await press('Space')
    for (const place of [0, 1, 2]) {
      await expect
        .poll(() => heard.textContent(), { timeout: 15_000, interval: 40 })
        .toContain(`${place + 1} of 3, playing`)
      await expect.poll(audio).toEqual([0, 1, 2].map((one) => one === place))
    }
    await press('n')
    await expect.poll(() => heard.textContent()).toContain('1 of 3, playing')
    await press('Space')
    await expect.poll(audio).toEqual([false, false, false])
    await press('ArrowDown', '+')
    await expect.poll(() => heard.textContent()).toContain('2 of 3')
    await press('t')
    await page.keyboard.type('beside')
    await press('Enter')
    await said('Tagged 1 clip: beside')
    await clips.nth(1).getByText('beside').waitFor()
    await press('Control+z')
    await expect.poll(() => clips.getByText('beside').count()).toBe(0)
    await press('Escape')
    await expect.poll(() => page.url()).toContain('#/library')
    await page.goBack()
    await expect.poll(() => new URL(page.url()).hash).toBe(ids)
    await page.goBack()
    await expect.poll(() => page.url()).toContain('q=siren')
    await library.table.waitFor()
  })

  it('leaves Ctrl+Z in a field to what is typed there', async () => {
    await press('/')
    await press('End')
    await page.keyboard.type('x')
    await expect.poll(() => library.total.textContent()).toBe('0 of 400 clips')
    await press('Control+z')
    await expect.poll(() => library.total.textContent()).toBe('41 of 400 clips')
    await expect.poll(() => countOf('dull').textContent()).toBe('3')
  })

  it('lists every change with its author, and takes one back from there', async () => {
    await press('Tab', '6')
    await page.getByLabel('Your name').fill('Anna Meier')
    await press('Tab', 'h')
    const rows = page.getByRole('row')
    await expect.poll(() => rows.count()).toBe(8)
    await page.getByRole('button', { name: 'Take back: Tagged 3 clips: far away, dull' }).focus()
    await press('Enter')
    await expect.poll(() => rows.nth(1).textContent()).toMatch(/Anna Meier.*Tagged 3 clips.*taken back/s)
    await press('Control+Shift+z')
    await expect.poll(() => rows.nth(1).textContent()).toMatch(/done again/)
    await page.goBack()
    await page.goBack()
    await expect.poll(() => page.url()).toContain('q=siren')
  })

  it('relabels and excludes chosen clips, filters by the verdicts, and takes one back', async () => {
    await press('1')
    await expect.poll(() => library.total.textContent()).toBe('400 clips')
    await library.table.focus()
    await press('Home', 'Shift+ArrowDown')
    await page.getByText('2 clips chosen').waitFor()
    await press('Shift+r')
    await page.getByRole('dialog', { name: 'Relabel 2 clips' }).waitFor()
    await page.getByLabel('Class that they are').selectOption({ label: 'street music' })
    await page.getByLabel('Why (optional)').focus()
    await page.keyboard.type('a busker')
    await press('Enter')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await press('Escape', 'ArrowDown', 'Shift+x')
    await page.getByRole('dialog', { name: 'Exclude 1 clip' }).waitFor()
    await page.getByLabel('Why (optional)').focus()
    await press('Enter')
    await said('1 clip excluded')
    await page.getByLabel('Verdicts of').selectOption({ label: 'Audit' })
    const verdict = (name: string) =>
      filters().getByRole('group', { name: 'Verdict', exact: true }).getByLabel(name)
    await verdict('excluded').check()
    await expect.poll(() => library.total.textContent()).toBe('1 of 400 clips')
    await verdict('relabelled').check()
    await expect.poll(() => library.total.textContent()).toBe('3 of 400 clips')
    await library.table.getByText('→ street music').first().waitFor()
    await page.getByText('verdicts of “Audit”').waitFor()
    await filters()
      .getByLabel('Verdicts of')
      .evaluate((select) => select instanceof HTMLElement && select.blur())
    await press('Control+z')
    await expect.poll(() => library.total.textContent()).toBe('2 of 400 clips')
  })

  it('says where the file of a clip is, which a browser can’t show', async () => {
    await library.table.focus()
    await press('Home', 'Control+k')
    await page.keyboard.type('file in its folder')
    await press('Enter')
    await said('audio/fold')
  })

  it('has left no fault behind', () => {
    expect(faults).toEqual([])
  })

  it('loses nothing when the program is killed right after a tag', async () => {
    await press('1')
    await expect.poll(() => library.total.textContent()).toBe('400 clips')
    await press('ArrowDown', 't')
    await page.getByRole('dialog', { name: 'Tag 1 clip' }).waitFor()
    await page.keyboard.type('last words')
    await press('Enter')
    await said('Tagged 1 clip: last words')
    await served.kill()
    expect(tags()).toEqual([
      { tag: 'dull', clips: 3 },
      { tag: 'far away', clips: 3 },
      { tag: 'last words', clips: 1 },
    ])
  })
})
