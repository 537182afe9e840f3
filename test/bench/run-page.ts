/**
 * How long the page of a run takes in a real browser: `npm run build && npm run bench:run`. From going there to the frame that shows its
 * confusion matrix, then its curves and its slices; the first time, and again. The newest run is asked for ahead, an older one is not.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { openWorkspace } from '../../src-main/core/db/open.ts'
import { launchBrowser } from '../support/browser.ts'
import { fillRuns } from '../support/filled-runs.ts'
import { serveWorkspace } from '../support/serve.ts'

const PAGES = [
  { of: 'newest run', tab: 'Confusion', address: '#/runs/second' },
  { of: 'older run', tab: 'Confusion', address: '#/runs/first' },
  { of: 'older run', tab: 'Curves', address: '#/runs/first?tab=curves' },
  { of: 'older run', tab: 'Slices', address: '#/runs/first?tab=slices' },
]
/** In which nobody has found the run in the list yet. */
const LOOKING_MS = 1000
const REPEATS = 3

/** Goes to an address. @returns milliseconds until the frame after the tab has its figures */
function shownAfter(page: Page, address: string, tab: string): Promise<number> {
  return page.evaluate(
    ({ address, tab }) =>
      new Promise<number>((resolve) => {
        const start = performance.now()
        location.hash = address
        const look = () => {
          const figures = document.querySelector(`[role=tabpanel][aria-label="${tab}"] :is(table, svg)`)
          if (figures) requestAnimationFrame(() => resolve(performance.now() - start))
          else requestAnimationFrame(look)
        }
        requestAnimationFrame(look)
      }),
    { address, tab },
  )
}

for (const clips of [8_732, 1_000_000]) {
  const folder = await mkdtemp(join(tmpdir(), 'soundfold-bench-'))
  const db = openWorkspace(folder)
  fillRuns(db, clips)
  db.close()
  const served = await serveWorkspace(folder)
  const browser = await launchBrowser()
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    page.setDefaultTimeout(120_000)
    await page.goto(served.url)
    await page.getByRole('grid', { name: 'Clips', exact: true }).getByRole('row').nth(5).waitFor()
    await page.evaluate(() => {
      location.hash = '#/runs'
    })
    await page.getByRole('link', { name: 'first' }).first().waitFor()
    await page.waitForTimeout(LOOKING_MS)
    for (const { of, tab, address } of PAGES) {
      const times: number[] = []
      for (let time = 0; time < REPEATS; time++) {
        times.push(await shownAfter(page, address, tab))
        await page.evaluate(() => {
          location.hash = '#/runs'
        })
        await page.waitForTimeout(300)
      }
      const [first = 0, ...again] = times
      console.log(
        `${clips.toLocaleString('en')} predictions, ${of}, ${tab}: ${first.toFixed(0)} ms, again ${Math.min(...again).toFixed(0)} ms`,
      )
    }
  } finally {
    await browser.close()
    await served.close()
    await rm(folder, { recursive: true, force: true })
  }
}
