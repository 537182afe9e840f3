import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browserMissing } from '../support/browser.ts'
import { minuteTones, workspaceOf } from '../support/long-recording.ts'
import { openServedPage, type ServedPage } from '../support/served-page.ts'
import { ClipPanel } from './pages/clip-panel.ts'
import { LibraryPage } from './pages/library-page.ts'

const RATE_HZ = 8000
/** Test machines may be busy. */
const soon = <T>(read: () => T) => expect.poll(read, { timeout: 15_000 })
const HOURS_SECONDS = 7200

/** A recording of two hours and three short clips, looked at and heard by keys alone. */
describe.skipIf(browserMissing())('the page of a clip', () => {
  let root: string
  let opened: ServedPage
  let page: Page
  let clip: ClipPanel

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'soundfold-e2e-'))
    const tone = (t: number) => Math.sin(2 * Math.PI * 1000 * t)
    const workspace = await workspaceOf(
      root,
      [
        { name: 'a-clipped.wav', sound: (t) => 3 * tone(t), seconds: 2 },
        { name: 'b-gap.wav', sound: (t) => (t > 1 && t < 2 ? 0 : 0.3 * tone(t)), seconds: 3 },
        { name: 'c-tone.wav', sound: (t) => 0.3 * tone(t), seconds: 4 },
        { name: 'd-long.wav', sound: minuteTones(1000), seconds: HOURS_SECONDS },
      ],
      RATE_HZ,
    )
    opened = await openServedPage({}, workspace)
    page = opened.page
    clip = new ClipPanel(page)
    await page.goto(opened.served.url)
    await page.getByRole('grid', { name: 'Clips', exact: true }).waitFor()
  })
  afterAll(async () => {
    await opened?.close()
    await rm(root, { recursive: true, force: true })
  })

  const title = () => page.getByRole('heading', { level: 1 })
  const selection = () => page.getByRole('group', { name: 'Selection' }).getByRole('status')
  const measured = (name: string) =>
    page
      .getByRole('region', { name: 'Measurements' })
      .locator(`dt:text-is("${name}") + dd`)
      .textContent()
      .then((text) => Number.parseFloat((text ?? '').replace('−', '-')))
  const audio = <R>(read: (audio: HTMLAudioElement) => R) => clip.audio.evaluate(read)
  async function press(...keys: string[]): Promise<void> {
    for (const key of keys) await page.keyboard.press(key)
  }

  it('opens a recording of two hours, zooms to samples and pans', async () => {
    const library = new LibraryPage(page)
    await library.table.focus()
    await press('End')
    await soon(() => library.openedFile()).toBe('d-long.wav')
    await press('f')
    await soon(() => title().textContent()).toBe('d-long.wav')
    await soon(() => clip.range()).toEqual([0, HOURS_SECONDS])
    await soon(() => clip.spectrogramColours()).toBeGreaterThan(50)
    for (let step = 0; step < 26; step++) await press('+')
    const [from, to] = await clip.range()
    expect(to - from).toBeLessThan(0.3)
    await soon(() => clip.spectrogramColours()).toBeGreaterThan(20)
    await press('Shift+ArrowRight')
    expect((await clip.range())[0]).toBeGreaterThan(from)
    await press('0')
    await soon(() => clip.range()).toEqual([0, HOURS_SECONDS])
  })

  it('seeks in it and plays from there', async () => {
    await press('ArrowRight', 'ArrowRight')
    await soon(() => audio(({ currentTime }) => currentTime)).toBeCloseTo(0.1 * HOURS_SECONDS, 0)
    await press(' ')
    await clip.playsOn()
    expect(await audio(({ currentTime }) => currentTime)).toBeGreaterThan(0.1 * HOURS_SECONDS)
    await press(' ')
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor()
  })

  it('measures what is selected by keys', async () => {
    await press('k')
    await soon(() => title().textContent()).toBe('c-tone.wav')
    for (let step = 0; step < 5; step++) await press('ArrowRight')
    await press('[')
    for (let step = 0; step < 5; step++) await press('ArrowRight')
    await press(']')
    await soon(() => selection().textContent()).toBe('1.000 to 2.000 s (1.000 s)')
    await soon(() => measured('Duration')).toBe(1)
    expect(await measured('Peak frequency')).toBe(1000)
    expect(await measured('Peak level')).toBeCloseTo(20 * Math.log10(0.3), 1)
    expect(await measured('RMS level')).toBeCloseTo(20 * Math.log10(0.3 / Math.SQRT2), 1)
    await press('>', ',')
    await soon(() => selection().textContent()).toBe('0.960 to 2.040 s (1.080 s)')
    for (let step = 0; step < 20; step++) await press('Alt+ArrowDown')
    await soon(() => selection().textContent()).toMatch(/, 0 to \d+ Hz$/)
  })

  it('plays the selection once, or again and again', async () => {
    await press('p')
    await clip.playsOn()
    await soon(() => audio(({ paused }) => paused)).toBe(true)
    expect(await audio(({ currentTime }) => currentTime)).toBeCloseTo(2.04, 1)
    await press('l', 'p')
    const passed = await clip.audio.evaluate(
      (element: HTMLAudioElement) =>
        new Promise<number[]>((resolve) => {
          const times: number[] = []
          const end = performance.now() + 2500
          const tick = () => {
            times.push(element.currentTime)
            if (performance.now() < end) requestAnimationFrame(tick)
            else resolve(times)
          }
          tick()
        }),
    )
    expect(Math.max(...passed)).toBeLessThan(2.2)
    expect(passed.some((time, index) => time < (passed[index - 1] ?? 0))).toBe(true)
    await press(' ', 'l')
  })

  it('hears the selected band only', async () => {
    const level = () => page.getByRole('meter', { name: 'Level' }).getAttribute('aria-valuenow').then(Number)
    await press('Escape', 'l', ' ')
    await soon(level).toBeGreaterThan(-15)
    // A band above the tone.
    await press('[', ']')
    await page.keyboard.press(' ')
    await press('Escape', 'l')
    await clip.pointAt(0.1, 0.05)
    await page.mouse.down()
    await clip.pointAt(0.9, 0.2)
    await page.mouse.up()
    await press('Shift+b', 'l', 'p')
    await soon(() => audio(({ paused }) => paused)).toBe(false)
    await soon(level).toBeLessThan(-25)
    await press('Shift+b')
    await soon(level).toBeGreaterThan(-15)
    await press(' ', 'l', 'Escape')
  })

  it('changes the speed with kept pitch, and remembers it', async () => {
    await press('q', 'q')
    expect(await audio(({ playbackRate, preservesPitch }) => [playbackRate, preservesPitch])).toEqual([
      0.5,
      true,
    ])
    await press('Shift+w')
    await page.reload()
    const speed = page.getByRole('combobox', { name: 'Speed' })
    await soon(() => speed.inputValue()).toBe('0.5')
    await page.getByText('+3 dB').waitFor()
    await press('w', 'w', 'Shift+q')
    await soon(() => speed.inputValue()).toBe('1')
  })

  it('goes on playing in the next clip, and by itself at the end', async () => {
    await press(' ')
    await clip.playsOn()
    await press('k')
    await soon(() => title().textContent()).toBe('b-gap.wav')
    await soon(() => audio(({ paused }) => paused)).toBe(false)
    await press('Shift+e')
    await soon(() => title().textContent()).toBe('c-tone.wav')
    await soon(() => audio(({ paused }) => paused)).toBe(false)
    await press('Shift+e', ' ')
  })

  it('marks silence and clipping', async () => {
    await press('k')
    await page.locator('.silent').waitFor()
    expect(await page.locator('.clipped').count()).toBe(0)
    await press('k')
    await soon(() => title().textContent()).toBe('a-clipped.wav')
    await soon(() => page.locator('.clipped').count()).toBeGreaterThan(0)
  })

  it('gives up its selection, then goes back to the list, by Escape', async () => {
    await press('[', 'Escape')
    expect(page.url()).toContain('#/clip/')
    await press('Escape')
    await soon(() => page.url()).toContain('#/library')
    expect(opened.faults).toEqual([])
  })
})
