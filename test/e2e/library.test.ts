import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browserMissing } from '../support/browser.ts'
import type { ServedWorkspace } from '../support/serve.ts'
import { openDemoPage, type ServedPage } from '../support/served-page.ts'
import { LibraryPage } from './pages/library-page.ts'
import { ShellPage } from './pages/shell-page.ts'

/** The library by the keyboard alone, on the demo dataset; each test goes on where the one before it ended. */
describe.skipIf(browserMissing())('the library by keys', () => {
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

  /** Tabs on until an element of that name has the focus. */
  async function tabTo(name: string): Promise<void> {
    for (let step = 0; step < 90; step++) {
      const here = await page.evaluate(() => {
        const at = document.activeElement
        const label = at instanceof HTMLInputElement ? at.labels?.[0]?.textContent : at?.textContent
        return (at?.getAttribute('aria-label') ?? label ?? '').replace(/\s+/g, ' ').trim()
      })
      if (here.startsWith(name)) return
      await page.keyboard.press('Tab')
    }
    throw new Error(`Tab does not reach ${name}.`)
  }
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key)
  }
  const chosen = () => page.getByRole('toolbar', { name: 'Chosen clips' }).getByRole('status').textContent()

  it('filters by a facet and a range, and goes back', async () => {
    await press('1')
    await expect.poll(() => library.total.textContent()).toBe('400 clips')
    await tabTo('dog bark')
    await press('Space')
    await expect.poll(() => library.total.textContent()).toBe('41 of 400 clips')
    await tabTo('Length, from')
    await press('ArrowRight', 'ArrowRight')
    await expect.poll(() => page.url()).toContain('from=0.4')
    await page.goBack()
    await page.goBack()
    await expect.poll(() => library.total.textContent()).toBe('41 of 400 clips')
    expect(page.url()).not.toContain('from=')
  })

  it('chooses several by Shift, one more by Ctrl, all, none', async () => {
    await tabTo('Clips')
    await press('ArrowDown', 'Shift+ArrowDown', 'Shift+ArrowDown')
    await expect.poll(chosen).toBe('3 clips chosen')
    await press('Control+a')
    await expect.poll(chosen).toBe('41 clips chosen')
    await press('Control+ ')
    await expect.poll(chosen).toBe('40 clips chosen')
    await press('Escape')
    await page.getByRole('toolbar', { name: 'Chosen clips' }).waitFor({ state: 'detached' })
  })

  it('keeps the question as a view, and opens it again', async () => {
    await press('/')
    await tabTo('Views')
    await press('Enter')
    await page.keyboard.type('All dogs')
    await press('Enter')
    await page.getByText('View “All dogs” saved').waitFor()
    await press('1')
    await expect.poll(() => library.total.textContent()).toBe('400 clips')
    await press('/')
    await tabTo('Views')
    await press('Enter')
    await page.getByRole('button', { name: 'All dogs', exact: true }).waitFor()
    await tabTo('All dogs')
    await press('Enter')
    await expect.poll(() => library.total.textContent()).toBe('41 of 400 clips')
  })

  it('shows the clips as pictures, walks through them, and sums them up', async () => {
    await press('/')
    await tabTo('Pictures')
    await press('Enter')
    await page.locator('[role=option] canvas').first().waitFor()
    await tabTo('Clips as pictures')
    await press('Home', 'ArrowRight', 'ArrowDown')
    const open = page.getByRole('listbox').getByRole('option', { selected: true })
    await expect.poll(() => open.getAttribute('aria-posinset')).toBe('5')
    await press('/')
    await tabTo('Overview')
    await press('Enter')
    await tabTo('dog bark, background')
    await press('Enter')
    await expect.poll(() => library.table.count()).toBe(1)
    expect(page.url()).toContain('salience=2')
  })

  it('is left while its pictures are on their way', async () => {
    await page.route('**/thumbnail', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 500))
      await route.continue()
    })
    const asked = page.waitForRequest('**/thumbnail')
    // Another part of the list, whose pictures nobody has asked for.
    await page.evaluate(() => {
      location.hash = '/library?view=grid&sort=-durationSeconds'
    })
    const request = await asked
    await page.evaluate(() => {
      location.hash = '/library?view=overview'
    })
    await page.getByRole('heading', { name: 'A clip of each class' }).waitFor()
    await (await request.response())?.finished()
    await page.unrouteAll({ behavior: 'ignoreErrors' })
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 100)))
  })

  it('has left no fault behind', () => {
    expect(faults).toEqual([])
  })
})
