import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isOver } from '../../src-main/contract/job.ts'
import { writtenFileSchema } from '../../src-main/contract/report.ts'
import { type Core, createCore } from '../../src-main/core/create-core.ts'
import { confusionTable } from '../../src-main/core/report/matrix.ts'
import { page } from '../../src-main/core/report/page.ts'
import { workerEntries } from '../../src-main/host/entries.ts'
import { axeFindings } from '../support/axe.ts'
import { browserMissing, launchBrowser, watchedPage } from '../support/browser.ts'
import { HOSTILE, PREDICTED, writePredictedWorkspace } from '../support/predicted-workspace.ts'

/** What A4 leaves between margins of 14 mm, at 96 pixels an inch. */
const SHEET_PIXELS = Math.floor((182 / 25.4) * 96)

describe.skipIf(browserMissing())('a report in a browser', () => {
  let folder: string
  let core: Core
  let browser: Browser
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'soundfold-report-page-'))
    writePredictedWorkspace(folder)
    core = await createCore({ workspaceFolder: folder, entries: workerEntries(), mediaBase: '/' })
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await core?.close()
    await rm(folder, { recursive: true, force: true })
  })

  async function write(start: () => Promise<{ jobId: number }>): Promise<string> {
    const { jobId } = await start()
    for (;;) {
      const job = await core.call('jobs.get', { jobId })
      if (job.status === 'succeeded') return writtenFileSchema.parse(job.result).file
      if (isOver(job)) throw job.error
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  it.each([
    ['run', () => core.call('runs.report', { runId: PREDICTED.runs[0] })],
    ['comparison', () => core.call('runs.comparisonReport', { runIds: [...PREDICTED.runs] })],
  ])('of a %s runs nothing, asks for nothing, and can be read', async (_what, start) => {
    const address = pathToFileURL(await write(start)).href
    for (const colorScheme of ['light', 'dark'] as const) {
      const context = await browser.newContext({ colorScheme, viewport: { width: 1000, height: 800 } })
      const { page, faults } = await watchedPage(context)
      const requests: string[] = []
      page.on('request', (request) => requests.push(request.url()))
      await page.goto(address)
      expect(requests).toEqual([address])
      expect(faults).toEqual([])
      expect(await page.title()).toBe(await page.locator('h1').textContent())
      expect(await page.title()).toContain(HOSTILE.preset)
      expect(await page.getByText(HOSTILE.className.replaceAll('_', ' ')).count()).toBeGreaterThan(0)
      const wrong = await page.evaluate(() => {
        const unnamed = [...document.querySelectorAll('table')].filter(
          (table) =>
            !table.caption?.textContent ||
            [...table.querySelectorAll('th')].some((header) => !header.getAttribute('scope')),
        )
        const drawings = [...document.querySelectorAll('svg')].filter(
          (svg) => svg.getAttribute('role') !== 'img' || !svg.getAttribute('aria-label'),
        )
        return { unnamed: unnamed.length, drawings: drawings.length }
      })
      expect(wrong).toEqual({ unnamed: 0, drawings: 0 })
      const broken = await page.evaluate(() =>
        /NaN|Infinity|undefined|\[object/.test(document.body.innerHTML),
      )
      expect(broken).toBe(false)
      const [wide, view] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth])
      expect(wide).toBeLessThanOrEqual(view ?? 0)
      expect(await axeFindings(page)).toEqual([])
      await context.close()
    }
  })

  it.each([10, 50, 100])('prints a matrix of %d classes within a sheet', async (count) => {
    const classes = Array.from({ length: count }, (_, place) => ({
      name: `${'wind in trees '.repeat(4)}${place}`,
    }))
    const matrix = classes.map((_, row) => classes.map((_, column) => (row === column ? 100 : 0)))
    const printed = await browser.newPage({ viewport: { width: SHEET_PIXELS, height: 1000 } })
    await printed.emulateMedia({ media: 'print' })
    await printed.setContent(page('Matrix', '', confusionTable(classes, matrix, 'counts'), ''))
    const box = await printed.getByRole('table').boundingBox()
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(SHEET_PIXELS)
    // The last column is there, and names do not reach above their header.
    const header = await printed.locator('thead').boundingBox()
    const name = await printed.locator('thead th span').last().boundingBox()
    expect(name?.y ?? 0).toBeGreaterThanOrEqual(header?.y ?? Number.POSITIVE_INFINITY)
    await printed.close()
  })
})
