import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browserMissing, launchBrowser, watchedPage } from '../support/browser.ts'
import { PREDICTED, writePredictedWorkspace } from '../support/predicted-workspace.ts'
import { type ServedWorkspace, serveWorkspace } from '../support/serve.ts'
import { ShellPage } from './pages/shell-page.ts'

/** Looking for wrong labels in the window, from the first search to the file. */
describe.skipIf(browserMissing())('the issues of a dataset', () => {
  const root = mkdtempSync(join(tmpdir(), 'soundfold-e2e-issues-'))
  let served: ServedWorkspace
  let browser: Browser
  let page: Page
  let faults: string[]

  beforeAll(async () => {
    const workspace = join(root, 'workspace')
    writePredictedWorkspace(workspace)
    served = await serveWorkspace(workspace)
    browser = await launchBrowser()
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
    ;({ page, faults } = await watchedPage(context))
    page.setDefaultTimeout(20_000)
    await new ShellPage(page).open(served.url)
  })
  afterAll(async () => {
    await browser?.close()
    await served?.close()
    rmSync(root, { recursive: true, force: true })
  })

  const grid = () => page.getByRole('grid', { name: 'Issues' })
  const panel = () => page.getByRole('complementary', { name: 'The issue’s clip' })
  const chip = (name: RegExp) =>
    page.getByRole('list', { name: 'Issues by kind' }).getByRole('button', { name })
  const counted = async () =>
    Number(
      (
        await page
          .getByRole('status')
          .filter({ hasText: /^[\d,]+ issues?$/ })
          .textContent()
      )?.match(/\d+/)?.[0],
    )

  it('are none before anybody has looked, and found by the mean of two runs', async () => {
    await new ShellPage(page).go('Audit')
    await page.getByRole('link', { name: 'Issues' }).click()
    await page.getByText('Nobody has looked for issues').waitFor()
    await page.getByRole('button', { name: 'Look for issues' }).click()
    const dialog = page.getByRole('dialog', { name: 'Look for issues' })
    const runs = dialog.getByRole('group', { name: 'Runs whose predictions' }).getByRole('checkbox')
    expect(await runs.count()).toBe(PREDICTED.runs.length)
    await runs.nth(1).check()
    await dialog.getByLabel('In what order').selectOption({ label: 'Normalised margin' })
    await dialog.getByRole('button', { name: 'Look for issues' }).click()
    await grid().waitFor()
    await chip(/^Doubted label/).click()
    expect(await counted()).toBeGreaterThan(5)
    expect(page.url()).toContain('kind=label')
  })

  it('are gone through by J and K, each with its clip, label and probabilities', async () => {
    await page.keyboard.press('j')
    await panel().waitFor()
    const first = await panel().getByRole('heading', { level: 2 }).nth(1).textContent()
    await page.keyboard.press('j')
    await expect.poll(() => panel().getByRole('heading', { level: 2 }).nth(1).textContent()).not.toBe(first)
    await page.keyboard.press('k')
    await expect.poll(() => panel().getByRole('heading', { level: 2 }).nth(1).textContent()).toBe(first)
    expect(await panel().getByRole('region', { name: 'Issue', exact: true }).textContent()).toMatch(
      /Self-confidence 0\.\d{3}/,
    )
  })

  it('are narrowed by a cell of the matrix, and a reload brings them back', async () => {
    await page.getByRole('heading', { name: 'Estimated wrong labels' }).click()
    const cell = page.getByRole('gridcell', { name: /^dog bark that are truly siren/ })
    await cell.click()
    await expect.poll(() => page.url()).toContain('class=1&suggested=2')
    await expect.poll(counted).toBeGreaterThan(0)
    const count = await counted()
    await page.reload()
    await grid().waitFor()
    expect(await counted()).toBe(count)
    const labels = await grid().getByRole('row').allTextContents()
    expect(labels.slice(1).every((text) => text.includes('dog bark') && text.includes('siren'))).toBe(true)
  })

  it('stand together by recording', async () => {
    await page.getByLabel('Label', { exact: true }).selectOption('')
    await page.getByLabel('Suggested').selectOption('')
    await page.getByText('By recording').click()
    await expect.poll(() => page.url()).toContain('order=recording')
    await expect.poll(() => grid().getByText('″').count()).toBeGreaterThan(0)
  })

  it('lead to the library and to the queue as they are narrowed, or as rows are chosen', async () => {
    const here = page.url()
    const count = await counted()
    await page.getByRole('button', { name: 'In the library' }).click()
    const filters = page.getByRole('list', { name: 'Filters in force' })
    await filters.getByText(/^\d+ clips of issues: doubted label$/).waitFor()
    await page.goBack()
    await grid().waitFor()
    expect(page.url()).toBe(here)
    await grid().getByRole('row').nth(1).click()
    await grid()
      .getByRole('row')
      .nth(3)
      .click({ modifiers: ['Shift'] })
    await page.getByText(`${count} issues, 3 chosen`).waitFor()
    await page.getByRole('button', { name: 'Decide on 3 issues' }).click()
    await expect.poll(() => page.url()).toMatch(/queue\?.*from=clips&ids=\d+,\d+,\d+/)
    await page.goBack()
    await grid().waitFor()
  })

  it('are saved as a file, and forgotten when the search is removed', async () => {
    const count = await counted()
    await page.getByRole('button', { name: 'More' }).click()
    await page.getByRole('button', { name: 'Save the list' }).click()
    const dialog = page.getByRole('dialog', { name: 'Save the list of issues' })
    await dialog.getByRole('button', { name: /Export|Save/ }).click()
    const file = await dialog.locator('.path code').textContent()
    const lines = readFileSync(file ?? '', 'utf8')
      .trimEnd()
      .split('\r\n')
    expect(lines.filter((line) => line.startsWith('label,'))).toHaveLength(count)
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'More' }).click()
    await page.getByRole('button', { name: 'Remove the search' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove the search' }).click()
    await page.getByText('Nobody has looked for issues').waitFor()
    // Hostile names of the dataset were shown as they are.
    expect(await page.title()).not.toBe('ran')
    // The clips of this workspace have no audio to be fetched.
    expect(faults.filter((fault) => !fault.includes('404'))).toEqual([])
  })
})
