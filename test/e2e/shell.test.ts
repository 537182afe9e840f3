import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browserMissing } from '../support/browser.ts'
import type { ServedWorkspace } from '../support/serve.ts'
import { openServedPage, type ServedPage } from '../support/served-page.ts'
import { ClipPanel } from './pages/clip-panel.ts'
import { LibraryPage } from './pages/library-page.ts'
import { ShellPage } from './pages/shell-page.ts'

/** What is around the screens: first steps, notifications, drops, panels; each test goes on where the one before it ended. */
describe.skipIf(browserMissing())('the window around the screens', () => {
  let opened: ServedPage | undefined
  let served: ServedWorkspace
  let page: Page
  let faults: string[]

  beforeAll(async () => {
    opened = await openServedPage()
    ;({ page, faults, served } = opened)
    await new ShellPage(page).open(served.url)
  })
  afterAll(async () => {
    await opened?.close()
  })

  const guide = () => page.getByRole('region', { name: 'First steps' })
  const step = () => guide().locator('[aria-current=step]')

  it('leads a new person through the first steps, each over when it is done', {
    timeout: 180_000,
  }, async () => {
    await expect.poll(() => step().textContent()).toContain('Sounds')
    await guide().getByRole('button', { name: 'Demo, please' }).click()
    await expect.poll(() => step().textContent(), { timeout: 150_000 }).toContain('Listen')
    await guide().getByRole('button', { name: 'Take me there' }).click()
    const library = new LibraryPage(page)
    await library.table.waitFor()
    await page.keyboard.press('ArrowDown')
    await new ClipPanel(page).waveformPixels()
    await page.keyboard.press(' ')
    await expect.poll(() => step().textContent()).toContain('Train')
    await guide().getByRole('button', { name: 'Take me there' }).click()
    await page.getByRole('heading', { name: 'Train', exact: true }).waitFor()
  })

  it('keeps the end of a job as unread until it is read', async () => {
    const bell = page.getByRole('button', { name: 'Notifications, 1 unread' })
    await bell.click()
    const list = page.getByRole('group', { name: 'Notifications' })
    await list.getByText('400 clips').waitFor()
    await page.reload()
    await bell.click()
    await list.getByRole('link', { name: 'See the report' }).click()
    await expect.poll(() => page.url()).toContain('#/dataset')
    await page.getByRole('button', { name: 'Notifications', exact: true }).waitFor()
  })

  it('is shown again from the palette, and skipped for good', async () => {
    await guide().getByRole('button', { name: 'Skip the guide' }).click()
    await expect.poll(() => guide().count()).toBe(0)
    await page.reload()
    await page.getByRole('navigation', { name: 'Screens' }).waitFor()
    expect(await guide().count()).toBe(0)
    await page.keyboard.press('Control+k')
    await page.keyboard.type('first steps')
    await page.keyboard.press('Enter')
    await guide().waitFor()
    await guide().getByRole('button', { name: 'Skip the guide' }).click()
  })

  it('keeps widths of panels and folded filters, changed by keys', async () => {
    await page.keyboard.press('1')
    const edge = page.getByRole('separator', { name: 'Width of the clip' })
    await edge.focus()
    const before = Number(await edge.getAttribute('aria-valuenow'))
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('ArrowLeft')
    await expect.poll(() => edge.getAttribute('aria-valuenow')).toBe(String(before + 32))
    const fold = page.getByRole('button', { name: 'Filter by Fold' })
    await fold.focus()
    await page.keyboard.press('Enter')
    await page.reload()
    await expect.poll(() => fold.getAttribute('aria-expanded')).toBe('false')
    const panel = page.getByRole('complementary', { name: 'Clip' })
    await expect.poll(async () => Math.round((await panel.boundingBox())?.width ?? 0)).toBe(before + 32)
    await edge.focus()
    await page.keyboard.press('Enter')
    await expect.poll(async () => Math.round((await panel.boundingBox())?.width ?? 0)).toBe(before)
    await fold.press('Enter')
  })

  it('says of a dropped folder that a browser tells no page where it is', async () => {
    const cdp = await page.context().newCDPSession(page)
    const data = { items: [], files: [served.folder], dragOperationsMask: 1 }
    await page.mouse.move(500, 300)
    for (const type of ['dragEnter', 'dragOver'] as const)
      await cdp.send('Input.dispatchDragEvent', { type, x: 500, y: 300, data })
    await page.getByText('Drop a dataset’s folder').waitFor()
    await cdp.send('Input.dispatchDragEvent', { type: 'drop', x: 500, y: 300, data })
    await page.getByText('Type the path').waitFor()
    expect(page.url()).toContain('#/import')
    await cdp.detach()
    expect(faults).toEqual([])
  })
})
