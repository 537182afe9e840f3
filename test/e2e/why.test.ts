import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browserMissing } from '../support/browser.ts'
import { openServedPage, type ServedPage } from '../support/served-page.ts'
import { trainedTones } from '../support/trained-tones.ts'
import { ShellPage } from './pages/shell-page.ts'

const MAP_MS = 30_000

/** Somebody who asks why the network took one sound for another. */
describe.skipIf(browserMissing())('why, in the window', () => {
  let folder: string
  let runId: string
  let opened: ServedPage | undefined
  let page: Page
  let faults: string[]

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'soundfold-why-'))
    const trained = await trainedTones(folder)
    runId = trained.runId
    opened = await openServedPage({}, trained.workspace)
    ;({ page, faults } = opened)
    await new ShellPage(page).open(opened.served.url)
  })
  afterAll(async () => {
    await opened?.close()
    await rm(folder, { recursive: true, force: true })
  })

  const go = (hash: string) =>
    page.evaluate((to) => {
      location.hash = to
    }, hash)
  const why = () => page.getByRole('region', { name: 'Why' })

  it('lays Grad-CAM and occlusion of any class over the picture, with the same as a table', async () => {
    await go(`#/library?run=${runId}&fold=1`)
    await page.getByRole('row').nth(1).click()
    await why().getByText('Why?').click()
    await why()
      .getByRole('img', { name: /^Grad-CAM of .* over the network’s picture/ })
      .waitFor({ timeout: MAP_MS })
    await why().getByText('By the network that held out fold 1').waitFor()
    const classes = why().getByLabel('Class that the map is of')
    await classes.selectOption({ index: 4 })
    const name = (await classes.locator('option:checked').textContent())?.split(',')[0] ?? ''
    await why()
      .getByRole('img', { name: `Grad-CAM of ${name}` })
      .waitFor()

    await why().getByText('Occlusion', { exact: true }).click()
    await why().getByLabel('What is hidden at once').selectOption('32')
    await why()
      .getByRole('img', { name: /^Occlusion of/ })
      .waitFor({ timeout: MAP_MS })
    await why().getByText('As a table').click()
    const cells = why().getByRole('table').locator('td')
    await expect.poll(() => cells.count()).toBe(32)
    const values = (await cells.allTextContents()).map(Number)
    expect(values.every((value) => Math.abs(value) <= 100)).toBe(true)
    expect(values.some((value) => value !== 0)).toBe(true)
    // What the person chose stays for the next clip.
    await page.keyboard.press('j')
    await why()
      .getByRole('img', { name: /^Occlusion of/ })
      .waitFor({ timeout: MAP_MS })
  })

  it('lays the map over the clip’s own spectrogram by key, there and on the clip’s page, and keeps that', async () => {
    const over = () => page.getByRole('status').filter({ hasText: /^Occlusion of \w+, \d+ %$/ })
    /** Pixels by what they are to the eye. */
    const colours = () =>
      page
        .getByRole('application', { name: /pectrogram of/ })
        .locator('.map canvas')
        .evaluate((canvas) => {
          if (!(canvas instanceof HTMLCanvasElement)) throw new Error('a canvas was looked for')
          const { data } =
            canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? new ImageData(1, 1)
          let [orange, blue] = [0, 0]
          for (let at = 0; at < data.length; at += 4)
            if ((data[at + 3] ?? 0) > 100) (data[at] ?? 0) > (data[at + 2] ?? 0) ? orange++ : blue++
          return { orange, blue }
        })
    await page.keyboard.press('o')
    await over().waitFor({ timeout: MAP_MS })
    const { orange, blue } = await colours()
    expect(orange + blue).toBeGreaterThan(0)
    await page.keyboard.press('{')
    await over().filter({ hasText: '70 %' }).waitFor()
    await page.keyboard.press('f')
    await page.getByRole('application', { name: /^Spectrogram of/ }).waitFor()
    await over().filter({ hasText: '70 %' }).waitFor({ timeout: MAP_MS })
    await page.keyboard.press('o')
    await expect.poll(() => over().count()).toBe(0)
    await page.keyboard.press('Escape')
  })

  it('shows the nearest training clips, after their vectors were made once', async () => {
    await why().getByText('Nearest clips').click()
    await why().getByRole('button', { name: 'Find the nearest clips' }).click()
    const links = why().getByRole('listitem').getByRole('link')
    await expect.poll(() => links.count(), { timeout: MAP_MS }).toBe(8)
    await why()
      .getByText(/^8 \w+\. Clips that the network learnt of other recordings|\d \w+, /)
      .waitFor()
    const titles = await links.evaluateAll((all) => all.map((one) => one.getAttribute('title') ?? ''))
    // The library shows clips of fold 1 alone.
    expect(titles.every((title) => title.endsWith('fold 2'))).toBe(true)
    await page.keyboard.press('j')
    await expect.poll(() => links.count(), { timeout: MAP_MS }).toBe(8)
  })

  it('lays all clips out on a map, which is chosen from by box, keys and legend', async () => {
    await go(`#/map?run=${runId}&fold=1`)
    await page.getByRole('button', { name: 'Make the map' }).click()
    const map = page.getByRole('application', { name: /^Map of 36 clips, coloured by label/ })
    await map.waitFor({ timeout: MAP_MS })
    await page.getByText('Box', { exact: true }).click()
    const box = await map.boundingBox()
    if (!box) throw new Error('the map is there')
    await page.mouse.move(box.x + 2, box.y + 2)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width - 2, box.y + box.height - 2, { steps: 3 })
    await page.mouse.up()
    await page.getByRole('heading', { name: '36 clips chosen' }).waitFor()
    await page.getByRole('button', { name: 'Choose none' }).click()
    // What is hidden is not chosen.
    await page.getByRole('button', { name: /^low 12/ }).click()
    await page.mouse.move(box.x + 2, box.y + 2)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width - 2, box.y + box.height - 2, { steps: 3 })
    await page.mouse.up()
    await page.getByRole('heading', { name: '24 clips chosen' }).waitFor()
    await page.getByRole('button', { name: 'Library' }).click()
    await page.getByRole('button', { name: 'Remove filter: 24 clips chosen on the map' }).waitFor()
    await page.getByRole('status').filter({ hasText: '24 of 36 clips' }).waitFor()
    await page.goBack()
    await map.waitFor()
    await page.getByText('Box', { exact: true }).click()
    await page.mouse.move(box.x + 2, box.y + 2)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width - 2, box.y + box.height - 2, { steps: 3 })
    await page.mouse.up()
    await page.getByRole('heading', { name: '36 clips chosen' }).waitFor()
    await page.getByRole('button', { name: 'Choose none' }).click()

    await map.focus()
    await page.keyboard.press('ArrowRight')
    await expect.poll(() => map.getByRole('status').textContent()).toMatch(/^(middle|high)-\d\d\.wav, /)
    const before = await map.getByRole('status').textContent()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('ArrowLeft')
    const name = (await map.getByRole('status').textContent()) ?? before ?? ''
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: name.split(',')[0] ?? '' }).waitFor()
    await page.getByLabel('Colour', { exact: true }).selectOption('learnt')
    await page.getByRole('button', { name: /^held out 18/ }).waitFor()
    await page.reload()
    await page.getByRole('application', { name: /^Map of 36 clips/ }).waitFor()
  })

  it('leaves no console error, exception or violation of the page’s policy behind', () => {
    expect(faults).toEqual([])
  })
})
