/**
 * How long the page of a clip takes in a real browser: `npm run build && npm run bench:clip`. From the press of a key to the frame that
 * shows all of the picture: of four-second clips, and of a recording of two hours at 44.1 kHz, the first time and again; and how
 * smoothly that one is panned.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { launchBrowser } from '../support/browser.ts'
import { minuteTones, workspaceOf } from '../support/long-recording.ts'
import { serveWorkspace } from '../support/serve.ts'

const RATE_HZ = 44_100
const CLIPS = 40
const STEPS = 15
/** As a person looks before going on, and as one who only skims. */
const PAUSES_MS = [500, 150]
const PAN_SECONDS = 6
const LONG_FRAME_MS = 34

/** @returns milliseconds from the key's own time to the frame after the picture was drawn */
async function drawnAfter(page: Page, key: string): Promise<number> {
  // Ready before the key is sent: a clip that was prepared is drawn before another message arrives.
  const waiting = await page.evaluateHandle(() => {
    const drawn = new Promise<number>((resolve, reject) => {
      setTimeout(() => reject(new Error('No picture came.')), 30_000)
      let pressed = 0
      addEventListener('keydown', (event) => (pressed = event.timeStamp), { capture: true, once: true })
      const observer = new PerformanceObserver(() => {
        observer.disconnect()
        requestAnimationFrame(() => resolve(performance.now() - pressed))
      })
      observer.observe({ entryTypes: ['mark'] })
    })
    return { drawn }
  })
  await page.keyboard.press(key)
  return waiting.evaluate(({ drawn }) => drawn)
}

const at = (values: number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))] ?? 0

async function pan(page: Page) {
  const frames = page.evaluate(
    ({ seconds }) =>
      new Promise<number[]>((resolve) => {
        const times: number[] = []
        const picture = document.querySelector('[aria-roledescription=spectrogram]')
        const start = performance.now()
        const step = (now: number) => {
          times.push(now)
          picture?.dispatchEvent(new WheelEvent('wheel', { deltaY: 12, bubbles: true, cancelable: true }))
          if (now - start < 1000 * seconds) requestAnimationFrame(step)
          else resolve(times)
        }
        requestAnimationFrame(step)
      }),
    { seconds: PAN_SECONDS },
  )
  const times = await frames
  return times.slice(1).map((time, place) => time - (times[place] ?? time))
}

const root = mkdtempSync(join(tmpdir(), 'soundfold-bench-'))
const short = (index: number) => ({
  name: `clip-${String(index).padStart(2, '0')}.wav`,
  sound: (t: number) => 0.3 * Math.sin(2 * Math.PI * (200 + 100 * index) * t * (1 + 0.1 * t)),
  seconds: 4,
})
const workspace = await workspaceOf(
  root,
  [
    ...Array.from({ length: CLIPS }, (_, index) => short(index)),
    { name: 'two-hours.wav', sound: minuteTones(1000), seconds: 7200 },
  ],
  RATE_HZ,
)
const served = await serveWorkspace(workspace)
const browser = await launchBrowser()
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  page.setDefaultTimeout(120_000)
  await page.goto(served.url)
  const grid = page.getByRole('grid', { name: 'Clips', exact: true })
  await grid.getByRole('row').nth(5).waitFor()
  await grid.focus()
  await page.keyboard.press('Home')
  await page.waitForTimeout(500)
  console.log(`four seconds, the first clip of all: ${(await drawnAfter(page, 'f')).toFixed(0)} ms`)
  // Then the list around the clip is known.
  await page.getByRole('navigation', { name: 'Clips of the list' }).getByText(/of/).waitFor()
  for (const pause of PAUSES_MS) {
    const times: number[] = []
    const key = pause === PAUSES_MS[0] ? 'ArrowDown' : 'ArrowUp'
    for (let step = 0; step < STEPS; step++) {
      await page.waitForTimeout(pause)
      times.push(await drawnAfter(page, key))
    }
    console.log(
      `four seconds, next clip each ${pause} ms: median ${at(times, 0.5).toFixed(0)} ms, p95 ${at(times, 0.95).toFixed(0)} ms, ` +
        `longest ${Math.max(...times).toFixed(0)} ms`,
    )
  }
  for (const time of ['first', 'second'] as const) {
    await page.keyboard.press('Escape')
    await grid.focus()
    await page.keyboard.press('End')
    await page.waitForTimeout(1000)
    console.log(`two hours, opened for the ${time} time: ${(await drawnAfter(page, 'f')).toFixed(0)} ms`)
    await page.waitForTimeout(time === 'first' ? 15_000 : 1000)
  }
  for (let step = 0; step < 12; step++) await page.keyboard.press('+')
  await page.waitForTimeout(1000)
  const gaps = await pan(page)
  console.log(
    `panning: ${((1000 * gaps.length) / gaps.reduce((sum, gap) => sum + gap, 0)).toFixed(1)} frames a second, p95 ` +
      `${at(gaps, 0.95).toFixed(1)} ms, ${gaps.filter((gap) => gap > LONG_FRAME_MS).length} of ${gaps.length} frames above ${LONG_FRAME_MS} ms`,
  )
} finally {
  await browser.close()
  await served.close()
  rmSync(root, { recursive: true, force: true })
}
