/**
 * How smoothly a real browser scrolls the library's table: `npm run build && npm run bench:ui [clips]`. Frames are counted by
 * requestAnimationFrame while the wheel turns, while the scrollbar is moved pixel by pixel as a hand does that looks for a place,
 * and while it is dragged through all rows in seconds: then no place is in view for longer than a frame.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { openWorkspace } from '../../src-main/core/db/open.ts'
import { launchBrowser } from '../support/browser.ts'
import { fillWorkspace } from '../support/large-workspace.ts'
import { serveWorkspace } from '../support/serve.ts'

const CLIPS = Number(process.argv[2] ?? 1_000_000)
const SECONDS = 6
/** A frame that took longer than two at 60 a second. */
const LONG_FRAME_MS = 34

interface Frames {
  fps: number
  p95: number
  long: number
  longest: number
  /** Share of the frames in which every row in view had its clip. */
  filled: number
}

const KINDS = ['wheel', 'slow drag', 'drag'] as const
/** From one pixel of the scrollbar to the next, in a slow drag: above a thousand rows each, of a million. */
const PIXEL_MS = 100

/** Scrolls for some seconds. */
function scroll(page: Page, kind: (typeof KINDS)[number]): Promise<Frames> {
  return page.evaluate(
    async ({ kind, seconds, longFrame, pixelMs }) => {
      const scroller = document.querySelector('[role=grid] [role=presentation]')
      if (!scroller) throw new Error('There is no table.')
      const end = scroller.scrollHeight - scroller.clientHeight
      scroller.scrollTop = kind === 'drag' ? 0 : end / 3
      const view = scroller.getBoundingClientRect()
      const isInView = (element: Element) => {
        const { top, bottom } = element.getBoundingClientRect()
        return bottom > view.top && top < view.bottom
      }
      const times: number[] = []
      let filled = 0
      const start = performance.now()
      await new Promise<void>((resolve) => {
        const step = (now: number) => {
          times.push(now)
          if (![...scroller.querySelectorAll('.waiting')].some(isInView)) filled++
          if (kind === 'wheel') scroller.scrollTop += 60
          else if (kind === 'slow drag')
            scroller.scrollTop = end / 3 + (end / view.height) * Math.floor((now - start) / pixelMs)
          else scroller.scrollTop = (end * (now - start)) / (1000 * seconds)
          if (now - start < 1000 * seconds) requestAnimationFrame(step)
          else resolve()
        }
        requestAnimationFrame(step)
      })
      const gaps = times.slice(1).map((time, place) => time - (times[place] ?? time))
      const sorted = gaps.toSorted((a, b) => a - b)
      return {
        fps: (1000 * gaps.length) / gaps.reduce((sum, gap) => sum + gap, 0),
        p95: sorted[Math.floor(0.95 * sorted.length)] ?? 0,
        long: gaps.filter((gap) => gap > longFrame).length,
        longest: sorted.at(-1) ?? 0,
        filled: filled / times.length,
      }
    },
    { kind, seconds: SECONDS, longFrame: LONG_FRAME_MS, pixelMs: PIXEL_MS },
  )
}

const root = mkdtempSync(join(tmpdir(), 'soundfold-bench-'))
const db = openWorkspace(join(root, 'workspace'))
fillWorkspace(db, CLIPS)
db.close()
const served = await serveWorkspace(join(root, 'workspace'))
const browser = await launchBrowser()
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  page.setDefaultTimeout(120_000)
  const opening = performance.now()
  await page.goto(served.url)
  await page.getByRole('grid', { name: 'Clips', exact: true }).getByRole('row').nth(5).waitFor()
  console.log(
    `${CLIPS.toLocaleString('en')} clips; rows shown after ${((performance.now() - opening) / 1000).toFixed(1)} s`,
  )
  await page.evaluate(() => {
    document.querySelector('[role=grid] [role=presentation]')?.scrollTo({ top: 1e6 })
  })
  const deep = performance.now()
  await page.waitForFunction(() => {
    const row = document.querySelector('[role=grid] .body')
    return (
      Number(row?.getAttribute('aria-rowindex')) > 1000 && !document.querySelector('[role=grid] .waiting')
    )
  })
  console.log(
    `rows of the middle filled ${((performance.now() - deep) / 1000).toFixed(1)} s after the scrollbar went there`,
  )
  await page.getByRole('group', { name: 'Format' }).getByRole('checkbox').first().waitFor()
  console.log(`counts shown after ${((performance.now() - opening) / 1000).toFixed(1)} s`)
  for (const kind of KINDS) {
    await scroll(page, kind) // once to be warm
    const { fps, p95, long, longest, filled } = await scroll(page, kind)
    console.log(
      `${kind}: ${fps.toFixed(1)} frames a second, p95 ${p95.toFixed(1)} ms, ${long} frames above ${LONG_FRAME_MS} ms, ` +
        `the longest ${longest.toFixed(1)} ms; all rows filled in ${(100 * filled).toFixed(0)} % of the frames`,
    )
  }
} finally {
  await browser.close()
  await served.close()
  rmSync(root, { recursive: true, force: true })
}
