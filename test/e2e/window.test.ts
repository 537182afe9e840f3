import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browserMissing } from '../support/browser.ts'
import type { ServedWorkspace } from '../support/serve.ts'
import { openServedPage, type ServedPage } from '../support/served-page.ts'
import { ClipPanel } from './pages/clip-panel.ts'
import { LibraryPage } from './pages/library-page.ts'
import { RunPage } from './pages/run-page.ts'
import { ShellPage } from './pages/shell-page.ts'
import { TrainPage } from './pages/train-page.ts'

const TRAINING_MS = 150_000

/** The whole way in one browser and one workspace; each test goes on where the one before it ended. */
describe.skipIf(browserMissing())('the window in a browser', () => {
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

  it('says what was expected of a folder that is no dataset', async () => {
    const shell = new ShellPage(page)
    await page.getByRole('heading', { name: 'Welcome to Soundfold' }).waitFor()
    await shell.importFolder('')
    await page.getByText('Enter the path of the folder.').waitFor()
    await shell.importFolder(served.folder)
    const alert = page.getByRole('alert').filter({ hasText: 'not-a-dataset' })
    await alert.waitFor()
    expect(await alert.textContent()).toContain(served.folder)
  })

  it('makes the demo dataset and opens its report', async () => {
    const shell = new ShellPage(page)
    await shell.makeDemo()
    expect(await shell.fact('Clips')).toBe('400')
    expect(await shell.fact('Classes')).toBe('10')
    expect(await shell.fact('Format')).toBe('UrbanSound8K')
  })

  it('exports the clips’ numbers from there', async () => {
    await page.getByRole('button', { name: 'Export features' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('radio', { name: 'Numbers (CSV)' }).check()
    await dialog.getByRole('button', { name: 'Export', exact: true }).click()
    await dialog.getByText('400 clips exported').waitFor({ timeout: 60_000 })
    const folder = (await dialog.locator('code').textContent()) ?? ''
    const lines = (await readFile(join(folder, 'features.csv'), 'utf8')).trimEnd().split('\r\n')
    expect(lines).toHaveLength(401)
    await dialog.getByRole('button', { name: 'Close' }).last().click()
  })

  it('filters, searches and sorts the library', async () => {
    const library = new LibraryPage(page)
    await new ShellPage(page).go('Library')
    await expect.poll(() => library.total.textContent()).toBe('400 clips')

    await library.filterBy('dog bark')
    const dogs = (await demoLabels(served.folder)).filter((label) => label === 'dog_bark').length
    await expect.poll(() => library.total.textContent()).toBe(`${dogs} of 400 clips`)
    expect(new Set(await library.column(1))).toEqual(new Set(['dog bark']))
    expect(page.url()).toContain('class=3')

    const [name = ''] = await library.column(0)
    await library.search(name)
    await expect.poll(() => library.total.textContent()).toBe('1 of 400 clips')
    await page.getByRole('button', { name: 'Clear all' }).click()
    await expect.poll(() => library.total.textContent()).toBe('400 clips')

    await library.sortBy('Length')
    await library.sortBy('Length')
    await expect.poll(async () => (await library.column(4))[0]).toBe('4.00 s')
    const lengths = (await library.column(4)).map(Number.parseFloat)
    expect(lengths).toEqual(lengths.toSorted((a, b) => b - a))
    expect(await library.table.getByRole('columnheader', { name: 'Length' }).getAttribute('aria-sort')).toBe(
      'descending',
    )
  })

  it('follows the arrow keys with the clip panel, and scrolls through rows that were not loaded', async () => {
    const library = new LibraryPage(page)
    await library.table.focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    const files = await library.column(0)
    await expect.poll(() => library.openedFile()).toBe(files[1])
    await page.keyboard.press('End')
    const chosen = library.table.getByRole('row', { selected: true })
    await expect.poll(() => chosen.getAttribute('aria-rowindex')).toBe('401')
    await expect.poll(() => library.openedFile()).toBe((await library.column(0)).at(-1))
    await page.keyboard.press('Home')
    await expect.poll(() => library.openedFile()).toBe(files[0])
  })

  it('draws a clip and plays it by the space bar', async () => {
    const clip = new ClipPanel(page)
    expect(await clip.waveformPixels()).toBeGreaterThan(500)
    expect(await clip.spectrogramColours()).toBeGreaterThan(50)
    await page.keyboard.press('l')
    expect(await clip.audio.evaluate((audio: HTMLAudioElement) => audio.loop)).toBe(true)
    await page.keyboard.press(' ')
    await clip.playsOn()
    await page.keyboard.press(' ')
    await expect.poll(() => clip.audio.evaluate((audio: HTMLAudioElement) => audio.paused)).toBe(true)
    await page.keyboard.press('l')
  })

  it('reads time, frequency and level below the pointer and by keys', async () => {
    const clip = new ClipPanel(page)
    await clip.pointAt(0.25, 0.5)
    const [, end] = await clip.range()
    await expect.poll(() => clip.readout.textContent()).toMatch(/^\s*\d\.\d{3} s · \d+ Hz · −?\d+\.\d dB\s*$/)
    const pointed = await clip.readout.textContent()
    expect(Math.abs(Number.parseFloat(pointed ?? '') - end / 4)).toBeLessThan(0.02)
    await page.mouse.move(0, 0)
    await expect.poll(() => clip.readout.count()).toBe(0)

    const file = await new LibraryPage(page).openedFile()
    await clip.picture.focus()
    await page.keyboard.press('ArrowRight')
    const first = await clip.readout.textContent()
    await page.keyboard.press('ArrowUp')
    await expect.poll(() => clip.readout.textContent()).not.toBe(first)
    const at = Number.parseFloat((await clip.readout.textContent()) ?? '')
    await page.keyboard.press('Enter')
    await expect.poll(() => clip.seconds()).toBeCloseTo(at, 2)
    // The arrows were the picture's, not the list's.
    expect(await new LibraryPage(page).openedFile()).toBe(file)
    await clip.picture.blur()
  })

  it('zooms and pans both pictures together, by wheel, drag and keys', async () => {
    const clip = new ClipPanel(page)
    const whole = await clip.range()
    const end = whole[1]
    await clip.pointAt(0.5, 0.5)
    await page.keyboard.down('Control')
    for (let notch = 0; notch < 2; notch++) await page.mouse.wheel(0, -100)
    await page.keyboard.up('Control')
    // Two notches of e^0.5 around the middle.
    const span = end / Math.E
    await expect.poll(async () => (await clip.range())[0]).toBeCloseTo((end - span) / 2, 1)
    const bothShow = async () => {
      const [range, wave] = [await clip.range(), await clip.waveformRange()]
      return Math.max(Math.abs(range[0] / end - wave[0]), Math.abs(range[1] / end - wave[1]))
    }
    await expect.poll(bothShow).toBeLessThan(0.02)

    await page.mouse.wheel(0, 10_000)
    await expect.poll(async () => (await clip.range())[1]).toBe(end)
    await expect.poll(bothShow).toBeLessThan(0.02)
    await page.mouse.down()
    await clip.pointAt(0.9, 0.5)
    await page.mouse.up()
    await expect.poll(async () => (await clip.range())[1]).toBeCloseTo(end - 0.4 * span, 1)
    await page.keyboard.press('Shift+ArrowLeft')
    await expect.poll(async () => (await clip.range())[1]).toBeCloseTo(end - 0.65 * span, 1)
    await expect.poll(bothShow).toBeLessThan(0.02)

    await page.keyboard.press('0')
    await expect.poll(() => clip.range()).toEqual(whole)
    await page.keyboard.press('+')
    await expect.poll(async () => (await clip.range())[1] - (await clip.range())[0]).toBeCloseTo(end / 1.5, 1)
    await page.keyboard.press('-')
    await expect.poll(() => clip.range()).toEqual(whole)
    expect(await clip.waveformRange()).toEqual([0, 1])
  })

  it('remembers how spectrograms are drawn', async () => {
    const clip = new ClipPanel(page)
    await page.getByRole('button', { name: 'Colours and scales' }).click()
    const options = page.getByRole('group', { name: 'Colours and scales' })
    await options.getByRole('radio', { name: 'Viridis' }).check({ force: true })
    await options.getByRole('radio', { name: 'Log' }).check({ force: true })
    await options.getByRole('slider', { name: 'Range' }).fill('60')
    await expect.poll(() => clip.loudestColour()).toEqual([253, 231, 37])
    await page.reload()
    await expect.poll(() => clip.loudestColour()).toEqual([253, 231, 37])
    await expect.poll(() => clip.spectrogramColours()).toBeGreaterThan(50)
    await page.getByRole('button', { name: 'Colours and scales' }).click()
    expect(await options.getByRole('radio', { name: 'Log' }).isChecked()).toBe(true)
    expect(await options.getByRole('slider', { name: 'Range' }).inputValue()).toBe('60')
    await options.getByRole('button', { name: 'Reset to defaults' }).click()
    await expect.poll(() => clip.loudestColour()).toEqual([252, 253, 191])
    await page.getByRole('button', { name: 'Colours and scales' }).click()
  })

  it('saves the picture as PNG and SVG', async () => {
    const clip = new ClipPanel(page)
    const stem = (await new LibraryPage(page).openedFile()).replace(/\.\w+$/, '')
    const png = await clip.save('PNG')
    expect(png.name).toBe(`${stem}-spectrogram.png`)
    expect(png.content.subarray(1, 4).toString()).toBe('PNG')
    expect([png.content.readUInt32BE(16), png.content.readUInt32BE(20)]).toEqual([2000, 1040])
    const svg = await clip.save('SVG')
    expect(svg.name).toBe(`${stem}-spectrogram.svg`)
    expect(svg.content.toString()).toContain(`>${stem}.wav</text>`)
    expect(svg.content.toString()).toContain('href="data:image/png;base64,iVBOR')
  })

  it('opens a clip’s own page, goes on to the next one there, and comes back with it', async () => {
    const clip = new ClipPanel(page)
    const library = new LibraryPage(page)
    const title = page.getByRole('heading', { level: 1 })
    const before = await library.openedFile()
    await page.keyboard.press('f')
    await expect.poll(() => title.textContent()).toBe(before)
    expect(page.url()).toMatch(/#\/clip\/\d+/)
    await expect.poll(async () => (await clip.picture.boundingBox())?.width).toBeGreaterThan(700)
    await page.keyboard.press('ArrowDown')
    await expect.poll(() => title.textContent()).not.toBe(before)
    const next = (await title.textContent()) ?? ''
    await page.keyboard.press('Escape')
    await expect.poll(() => library.openedFile()).toBe(next)
    await library.table.focus()
    await page.keyboard.press('ArrowUp')
    await expect.poll(() => library.openedFile()).toBe(before)
  })

  it('has a clip’s address, so that a reload and "back" lead to it', async () => {
    const library = new LibraryPage(page)
    const file = await library.openedFile()
    await page.reload()
    await expect.poll(() => library.openedFile()).toBe(file)
    await new ShellPage(page).go('Settings')
    await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor()
    await page.goBack()
    await expect.poll(() => library.openedFile()).toBe(file)
  })

  it('refuses wrong settings at their own fields', async () => {
    const train = new TrainPage(page)
    await page.keyboard.press('2')
    await train.set('Epochs', '0')
    await train.set('Learning rate', 'abc')
    await train.start()
    await page.getByText('Enter a whole number from 1 to 10,000.').waitFor()
    await page.getByText('Enter a number above 0.').waitFor()
    expect(await page.getByLabel('Epochs', { exact: true }).getAttribute('aria-invalid')).toBe('true')
    await train.set('Learning rate', '0.001')
  })

  it('trains two folds and shows how it goes', { timeout: TRAINING_MS + 30_000 }, async () => {
    const train = new TrainPage(page)
    await train.chooseFolds([1, 2])
    await train.set('Epochs', '2')
    await train.start()
    await train.live.getByRole('button', { name: 'Cancel' }).waitFor()
    await train.live.getByText('Fold 2', { exact: true }).waitFor()
    await train.live.getByRole('img', { name: /^Accuracy/ }).waitFor({ timeout: TRAINING_MS })
    await train.openRun(TRAINING_MS)
    await page.getByRole('heading', { name: 'Confusion matrix' }).waitFor()
    expect(await new ShellPage(page).fact('Pooled accuracy')).toMatch(/^\d+\.\d %$/)
  })

  it('goes through the tabs by the keyboard, and from a figure to its clips', async () => {
    await page.getByRole('tab', { name: 'Confusion' }).focus()
    await page.keyboard.press('ArrowRight')
    const wrong = page.getByRole('link', { name: /wrong in fold 1$/ })
    const clips = Number(await wrong.textContent())
    await page.keyboard.press('ArrowRight')
    await page.getByRole('table', { name: 'Per class' }).waitFor()
    await page.getByRole('button', { name: 'Of all 2 folds' }).click()
    await page.getByRole('checkbox', { name: 'Fold 2', exact: true }).check()
    await page.getByRole('heading', { name: 'Per class in fold 2' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('tab', { name: 'Curves' }).click()
    await page.getByRole('img', { name: /^ROC/ }).waitFor()
    await page.getByRole('tab', { name: 'Slices' }).click()
    await page.getByRole('table', { name: 'Accuracy by salience' }).waitFor()
    expect(page.url()).toMatch(/tab=slices&fold=2$/)
    await page.getByRole('tab', { name: 'Folds' }).click()
    await wrong.click()
    await page.getByText(new RegExp(`^${clips} of 400 clips$`)).waitFor()
    await page.goBack()
    await page.getByRole('tab', { name: 'Confusion' }).click()
    await page.getByRole('button', { name: 'Of fold 2' }).click()
    await page.getByRole('button', { name: 'All folds' }).click()
  })

  it('lists the clips of a cell by the keyboard, and plays the one that is clicked', async () => {
    const run = new RunPage(page)
    const counts = await run.counts()
    // Two folds of the demo hold 80 clips.
    expect(counts.flat().reduce((sum, value) => sum + value, 0)).toBe(80)
    const row = counts.findIndex((values) => values.some((value) => value > 0))
    const values = counts[row] ?? []
    const column = values.indexOf(Math.max(...values))
    await run.cell(0, 0).focus()
    for (let step = 0; step < row; step++) await page.keyboard.press('ArrowDown')
    for (let step = 0; step < column; step++) await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Enter')
    await expect.poll(() => run.listed()).toBe(values[column])

    // The list takes the focus, goes through its clips by the same arrows, and gives the focus back.
    const focused = (found: typeof run.cellClips) =>
      expect.poll(() => found.evaluate((element) => element === document.activeElement)).toBe(true)
    await focused(run.cellClips)
    await page.keyboard.press('ArrowDown')
    await expect.poll(() => page.url()).toMatch(/clip=\d+/)
    await page.keyboard.press('Escape')
    await focused(run.cell(row, column))
    await page.keyboard.press('Enter')
    await expect.poll(() => run.listed()).toBe(values[column])

    await run.cellClips.getByRole('row').nth(1).click()
    const clip = new ClipPanel(page)
    await clip.playsOn()
    const heading = page
      .getByRole('complementary', { name: 'Clips of the cell' })
      .getByRole('heading', { level: 2 })
      .nth(1)
    const file = await heading.textContent()
    expect(page.url()).toMatch(/true=\d+&predicted=\d+&clip=\d+/)
    await page.reload()
    await expect.poll(() => heading.textContent()).toBe(file)
    await page.getByRole('heading', { name: 'Predictions' }).waitFor()

    await page.getByText('Pictures', { exact: true }).click()
    const pictures = page.getByRole('listbox', { name: 'Clips as pictures' }).getByRole('option')
    await expect.poll(() => pictures.count()).toBeGreaterThan(1)
    await page.getByLabel('Sort by').selectOption('Margin to the next class')
    await page.keyboard.press('j')
    await clip.playsOn()
    await expect.poll(() => heading.textContent()).not.toBe(file)
  })

  it('saves a report of the run, and says where it is', async () => {
    await page.getByRole('button', { name: 'Save figures' }).click()
    const dialog = page.getByRole('dialog')
    expect(await dialog.getByRole('radio', { name: /PDF/ }).count()).toBe(0)
    await dialog.getByRole('button', { name: 'Export' }).click()
    await dialog.getByText('Exported to').waitFor()
    const file = await dialog.locator('code').textContent()
    expect(await readFile(file ?? '', 'utf8')).toContain('<h1>compact-s on')
    await dialog.getByRole('radio', { name: /^Tables/ }).check()
    await dialog.getByRole('button', { name: 'Export' }).click()
    await dialog.getByText(/^\d+ files, /).waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
  })

  it('lists the run, and says so when there is none at an address', async () => {
    await new ShellPage(page).go('Runs')
    await page.getByRole('cell', { name: 'succeeded' }).waitFor()
    await page.goto(`${new URL(served.url).origin}/#/runs/nothing-here`)
    await page.getByRole('alert').filter({ hasText: 'not-found' }).waitFor()
  })

  it('cancels a run at once', async () => {
    const train = new TrainPage(page)
    await new ShellPage(page).go('Train')
    await train.start()
    const cancel = train.live.getByRole('button', { name: 'Cancel' })
    await train.live.getByText('Training', { exact: true }).waitFor()
    const before = Date.now()
    await cancel.click()
    await train.live.getByText('cancelled', { exact: true }).waitFor()
    expect(Date.now() - before).toBeLessThan(3000)
  })

  it('leaves no console error, exception or violation of its policy behind', () => {
    expect(faults).toEqual([])
  })

  it('says when the connection is lost', async () => {
    await served.stop()
    await page.getByRole('alert').filter({ hasText: 'The connection to Soundfold is lost' }).waitFor()
  })
})

/** The labels as the demo dataset's own CSV gives them, its last column. */
async function demoLabels(folder: string): Promise<string[]> {
  for await (const csv of glob('**/metadata/UrbanSound8K.csv', { cwd: folder })) {
    const lines = (await readFile(join(folder, csv), 'utf8')).trim().split(/\r?\n/)
    return lines.slice(1).map((line) => line.split(',').at(-1) ?? '')
  }
  throw new Error(`${folder} holds no demo dataset.`)
}
