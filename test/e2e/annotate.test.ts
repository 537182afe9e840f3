import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { axeFindings } from '../support/axe.ts'
import { browserMissing } from '../support/browser.ts'
import type { ServedWorkspace } from '../support/serve.ts'
import { openServedPage, type ServedPage } from '../support/served-page.ts'
import { type TinyWorkspace, tinyWorkspace } from '../support/tiny-workspace.ts'
import { ClipPanel } from './pages/clip-panel.ts'
import { ShellPage } from './pages/shell-page.ts'

/** Annotations on the page of a clip, by keys alone and by the pointer; each test goes on after the one before it. */
describe.skipIf(browserMissing())('annotating', () => {
  let tiny: TinyWorkspace | undefined
  let opened: ServedPage | undefined
  let served: ServedWorkspace
  let page: Page
  let clip: ClipPanel
  let faults: string[]

  beforeAll(async () => {
    tiny = await tinyWorkspace()
    await tiny.core.close()
    opened = await openServedPage({ reducedMotion: 'reduce' }, tiny.folder)
    ;({ page, faults, served } = opened)
    const shell = new ShellPage(page)
    await shell.open(served.url)
    clip = new ClipPanel(page)
    await page.evaluate(() => location.assign('#/clip/1'))
    await clip.picture.waitFor()
  })
  afterAll(async () => {
    await opened?.close()
    await tiny?.close()
  })

  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key)
  }
  const panel = () => page.getByRole('region', { name: 'Annotations' })
  const rows = () => panel().locator('.row')
  const texts = async () => (await rows().allTextContents()).map((text) => text.replace(/\s+/g, ' ').trim())
  const field = (name: string) =>
    panel().getByRole('group', { name: 'The chosen annotation' }).getByLabel(name)
  const chosen = () => panel().locator('.row[aria-expanded="true"]')

  it('says how to begin', async () => {
    await panel().getByText('None yet. Select a part of the pictures').waitFor()
  })

  it('annotates what is selected by Enter, and by the digit of a class', async () => {
    await press(
      'ArrowRight',
      'ArrowRight',
      '[',
      'ArrowRight',
      'ArrowRight',
      'ArrowRight',
      'ArrowRight',
      ']',
      'Enter',
    )
    await expect.poll(texts).toHaveLength(1)
    await expect.poll(() => chosen().count()).toBe(1)
    expect(await field('Author').inputValue()).not.toBe('')
    const start = Number(await field('Start, s').inputValue())
    const end = Number(await field('End, s').inputValue())
    expect(end).toBeGreaterThan(start)
    await press('1')
    await expect.poll(texts).toEqual([expect.stringMatching(/^high /)])
    expect(page.url()).toContain('#/clip/1')
    await press('Escape')
    await expect.poll(() => chosen().count()).toBe(0)
    // Without anything selected a digit is the screen's again; here the next stretch is annotated first.
    await press('ArrowRight', 'ArrowRight', '[', 'ArrowRight', 'ArrowRight', ']', '2')
    await expect.poll(texts).toEqual([expect.stringMatching(/^high /), expect.stringMatching(/^low /)])
  })

  it('resizes by keys, splits, merges, deletes, and takes all of it back', async () => {
    const before = await texts()
    await press('a', 'Shift+a')
    await expect.poll(() => chosen().textContent()).toContain('high')
    const end = Number(await field('End, s').inputValue())
    await press('>', '>')
    await expect.poll(async () => Number(await field('End, s').inputValue())).toBeGreaterThan(end)
    await press('Alt+ArrowDown')
    await expect.poll(() => field('Highest, Hz').inputValue()).not.toBe('')
    await press('s')
    await expect.poll(texts).toHaveLength(3)
    await press('m')
    await expect.poll(texts).toHaveLength(2)
    await press('Delete')
    await expect.poll(texts).toEqual([expect.stringMatching(/^low /)])
    for (const left of [2, 3, 2]) {
      await press('Control+z')
      await expect.poll(texts).toHaveLength(left)
    }
    await press('Control+z', 'Control+z')
    await expect.poll(texts).toEqual(before)
    await press('Control+Shift+z', 'Control+y', 'Control+z', 'Control+z')
    await expect.poll(texts).toEqual(before)
  })

  it('copies one to another clip', async () => {
    const [first] = await texts()
    await press('Escape', 'a')
    await expect.poll(() => chosen().textContent()).toContain('high')
    // By name, the other clip comes before this one.
    await press('Control+c', 'Escape', 'k')
    await expect.poll(() => page.url()).toContain('#/clip/2')
    await panel().getByText('None yet').waitFor()
    await press('Control+v')
    await expect.poll(texts).toEqual([expect.stringMatching(/^high 0\.000 to /)])
    await press('j')
    await expect.poll(texts).toHaveLength(2)
    expect((await texts())[0]).toBe(first)
  })

  it('says everything in its fields, refuses what can’t be, and keeps it over a reload', async () => {
    await press('a')
    await field('Label').fill('ice-cream van')
    await press('Tab')
    await field('Confidence').fill('0.75')
    await press('Tab')
    await field('Salience').selectOption('background')
    await field('Note').fill('far away')
    await press('Tab')
    await field('End, s').fill('0')
    await press('Tab')
    await panel().getByText('The end must not come before the start.').waitFor()
    await expect.poll(texts).toContainEqual(expect.stringMatching(/^ice-cream van /))
    const width = async () =>
      Math.round((await page.getByRole('complementary').last().boundingBox())?.width ?? 0)
    const own = await width()
    await page.getByRole('separator', { name: 'Width of what is known of the clip' }).focus()
    await press('ArrowLeft', 'ArrowLeft')
    await expect.poll(width).toBe(own + 32)
    await page.waitForTimeout(200)
    await page.reload()
    await expect.poll(width).toBe(own + 32)
    await expect.poll(texts).toContainEqual(expect.stringMatching(/^ice-cream van /))
    await press('a')
    await expect.poll(() => field('Note').inputValue()).toBe('far away')
    expect(await field('Confidence').inputValue()).toBe('0.75')
    expect(await field('Salience').inputValue()).toBe('2')
    expect(Number(await field('End, s').inputValue())).toBeGreaterThan(0)
  })

  it('draws, chooses, moves and resizes by the pointer', async () => {
    await press('Escape')
    const at = (x: number, y: number) => clip.pointAt(x, y)
    const drag = async (from: [number, number], to: [number, number]) => {
      await at(...from)
      await page.mouse.down()
      await at((from[0] + to[0]) / 2, (from[1] + to[1]) / 2)
      await at(...to)
      await page.mouse.up()
    }
    const count = (await texts()).length
    await drag([0.7, 0.2], [0.9, 0.6])
    await press('Enter')
    await expect.poll(texts).toHaveLength(count + 1)
    const place = async () => ({
      start: Number(await field('Start, s').inputValue()),
      end: Number(await field('End, s').inputValue()),
      low: Number(await field('Lowest, Hz').inputValue()),
    })
    /** When two looks find the same: the last move of a drag may not be drawn at the first. */
    const settled = async () => {
      for (let before = await place(); ; ) {
        await page.waitForTimeout(50)
        const now = await place()
        if (isDeepStrictEqual(now, before)) return now
        before = now
      }
    }
    const drawn = await settled()
    expect(drawn.low).toBeGreaterThan(0)
    await drag([0.8, 0.4], [0.75, 0.4])
    await expect.poll(async () => (await place()).start).toBeLessThan(drawn.start)
    const moved = await settled()
    expect(moved.end - moved.start).toBeCloseTo(drawn.end - drawn.start, 4)
    await drag([0.85, 0.4], [0.95, 0.4])
    await expect.poll(async () => (await place()).end).toBeGreaterThan(moved.end)
    expect((await settled()).start).toBe(moved.start)
    // A drag elsewhere selects anew and leaves the annotation alone.
    await drag([0.55, 0.85], [0.6, 0.95])
    await expect.poll(() => chosen().count()).toBe(0)
    await at(0.8, 0.4)
    await page.mouse.click(
      ...(await clip.picture
        .boundingBox()
        .then(
          (box) =>
            [(box?.x ?? 0) + 0.8 * (box?.width ?? 0), (box?.y ?? 0) + 0.4 * (box?.height ?? 0)] as const,
        )),
    )
    await expect.poll(() => chosen().count()).toBe(1)
    expect((await settled()).start).toBe(moved.start)
  })

  it('labels, moves, copies and deletes many at once, each as one change', async () => {
    await press('Escape')
    const before = await texts()
    const starts = async () => (await texts()).map((text) => Number(text.match(/ ([\d.]+) (to|s)/)?.[1]))
    const status = () => panel().getByRole('status').textContent()
    await press('Control+a')
    await expect.poll(status).toBe(`${before.length} of ${before.length} chosen`)
    await press('1')
    await expect.poll(async () => (await texts()).every((text) => text.startsWith('high '))).toBe(true)
    await press('Control+z')
    await expect.poll(texts).toEqual(before)
    const [first = 0, ...others] = await starts()
    await press('Control+ArrowLeft')
    await press('Control+ArrowRight', 'Control+ArrowRight')
    await expect.poll(async () => (await starts())[0]).toBeGreaterThan(first)
    const by = ((await starts())[0] ?? 0) - first
    for (const [place, start] of (await starts()).slice(1).entries())
      expect(start - (others[place] ?? 0)).toBeCloseTo(by, 2)
    await press('Control+z')
    await expect.poll(texts).toEqual(before)
    await press('Control+c', 'Delete')
    await expect.poll(texts).toEqual([])
    await press('Control+v')
    await expect.poll(texts).toHaveLength(before.length)
    await press('Control+z', 'Control+z')
    await expect.poll(texts).toEqual(before)
    await press('a', 'Alt+a')
    await expect.poll(status).toBe(`2 of ${before.length} chosen`)
    await press('Escape')
  })

  const dialog = () => page.getByRole('dialog')
  async function openDialog(title: string): Promise<void> {
    await page.getByRole('button', { name: 'Annotations', exact: true }).focus()
    await press('Enter')
    await page.getByRole('button', { name: title }).focus()
    await press('Enter')
    await dialog().waitFor()
  }
  const findings = async () => {
    const found: string[] = []
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      found.push(...(await axeFindings(page)))
    }
    return found
  }

  it('has no findings of axe with an annotation chosen, light and dark', async () => {
    await press('a')
    await expect.poll(() => chosen().count()).toBe(1)
    expect(await findings()).toEqual([])
  })

  it('imports files from the dataset’s screen, and names what it leaves out', async () => {
    const file = join(tiny?.folder ?? '', 'two people.csv')
    await writeFile(
      file,
      [
        'file,start_seconds,end_seconds,label,author,salience',
        ...['low', 'high'].flatMap((name) => [
          `${name}.wav,0,0.5,${name},Anna,1`,
          `${name}.wav,0,0.5,${name},Ben,1`,
          `${name}.wav,0.5,1,low,Anna,2`,
          `${name}.wav,0.5,1,${name},Ben,2`,
        ]),
        'gone.wav,0,1,low,Ben,1',
      ].join('\n'),
    )
    await page.evaluate(() => location.assign('#/dataset?dataset=1'))
    await openDialog('Import annotations…')
    await dialog().getByLabel('File or folder').fill(file)
    await press('Enter')
    await dialog().getByText('8 annotations of 2 clips imported from 1 file').waitFor()
    await dialog().getByText('1 annotation left out: the dataset has no clip called gone.wav.').waitFor()
    expect(await findings()).toEqual([])
    await press('Escape')
  })

  it('tells how far two people agree', async () => {
    await openDialog('Agreement of annotators…')
    await dialog().getByLabel('Segment, s').fill('0.5')
    // Of four halves of a second they differ in one: (3/4 − 1/2) / (1 − 1/2).
    await dialog().getByRole('row', { name: 'Anna and Ben 4 75.0 % 0.500' }).waitFor()
    expect(await findings()).toEqual([])
    await press('Escape')
  })

  it('cuts clips of one of them, offers to import them, and exports all annotations', async () => {
    await openDialog('Cut into clips…')
    await dialog().getByLabel('Annotator').selectOption('Anna')
    await dialog().getByText('Gives 4 clips of 2 recordings').waitFor()
    expect(await findings()).toEqual([])
    await dialog().getByRole('button', { name: 'Cut', exact: true }).click()
    await dialog().getByRole('button', { name: 'Import it…' }).click()
    await page.getByRole('button', { name: 'Import', exact: true }).click()
    await expect.poll(() => page.url()).toContain('#/dataset?dataset=2')
    await expect.poll(() => new ShellPage(page).fact('Clips')).toBe('4')
    expect(await new ShellPage(page).fact('Format')).toBe('UrbanSound8K')
    await page.evaluate(() => location.assign('#/dataset?dataset=1'))
    await openDialog('Export annotations…')
    await dialog()
      .getByRole('radio', { name: /^Praat/ })
      .check()
    await dialog().getByRole('button', { name: 'Export', exact: true }).click()
    await dialog().getByText('A TextGrid has no place for the author of').first().waitFor()
    await press('Escape')
  })

  it('was without faults', () => {
    expect(faults).toEqual([])
  })
})
