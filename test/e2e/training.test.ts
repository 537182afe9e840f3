import { readdir } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browserMissing } from '../support/browser.ts'
import type { ServedWorkspace } from '../support/serve.ts'
import { openDemoPage, type ServedPage } from '../support/served-page.ts'
import { ShellPage } from './pages/shell-page.ts'
import { TrainPage } from './pages/train-page.ts'

const TRAINING_MS = 200_000

/** Settings, a run and the list of runs in one browser; each test goes on where the one before it ended. */
describe.skipIf(browserMissing())('training in a browser', () => {
  let opened: ServedPage | undefined
  let served: ServedWorkspace
  let page: Page
  let faults: string[]
  let train: TrainPage
  const field = (label: string) => page.getByLabel(label, { exact: true })

  beforeAll(async () => {
    opened = await openDemoPage({
      viewport: { width: 1280, height: 900 },
    })
    ;({ page, faults, served } = opened)
    train = new TrainPage(page)
    const shell = new ShellPage(page)
    await shell.openDataset(served.url)
    await shell.go('Train')
  })
  afterAll(async () => {
    await opened?.close()
  })

  it('marks what differs from the preset, and takes it back', async () => {
    await train.set('Epochs', '20')
    await page.getByRole('button', { name: 'Reset 1 changed' }).waitFor()
    await page.getByRole('button', { name: 'Reset Epochs to the preset’s 18' }).click()
    expect(await field('Epochs').inputValue()).toBe('18')
    expect(await page.getByRole('button', { name: /^Reset \d/ }).count()).toBe(0)
  })

  it('shows the settings of a choice, and draws the learning rate by them', async () => {
    await train.openGroup('Schedule')
    const chart = page.getByRole('img', { name: /^Learning rate over/ })
    await expect
      .poll(() => chart.getAttribute('aria-label'))
      .toMatch(/over 18 epochs.*highest 0\.008 at epoch 1\.8/)
    await field('Schedule').and(page.locator('select')).selectOption('step')
    expect(await field('Every, epochs').inputValue()).toBe('6')
    await expect.poll(() => chart.getAttribute('aria-label')).toMatch(/ends at 8e-5\.$/)
  })

  it('shows a clip with what augmentation makes of it', async () => {
    await train.openGroup('Augmentation')
    const preview = page.getByRole('group', { name: 'Preview of augmentation' })
    const draws = preview.getByRole('img', { name: /^Draw/ })
    await draws.nth(2).waitFor()
    await train.set('Time shift, share of length', '0')
    await preview.getByText('All of it is off').waitFor()
    await train.set('Mirrored, probability', '1')
    await expect
      .poll(() => draws.evaluateAll((all) => all.map((one) => one.ariaLabel)))
      .toEqual(['Draw 1: mirrored', 'Draw 2: mirrored', 'Draw 3: mirrored'])
    await preview.getByRole('button', { name: 'Draw again' }).click()
    await preview.getByRole('img', { name: 'Draw 6: mirrored' }).waitFor()
    await train.set('Mirrored, probability', '0')
    await train.set('Time shift, share of length', '0.25')
  })

  it('opens the group of a wrong setting and puts the focus there', async () => {
    await train.openGroup('Optimiser')
    await train.set('Gradient norm, at most', '0')
    await train.openGroup('Optimiser')
    await train.start()
    await page.getByText('Enter a number above 0, or nothing.').waitFor()
    await expect
      .poll(() => field('Gradient norm, at most').evaluate((e) => e === document.activeElement))
      .toBe(true)
    await train.set('Gradient norm, at most', '')
  })

  it('remembers the form over a reload', async () => {
    await train.set('Epochs', '3')
    await train.set('Seed', '5')
    await page.reload()
    await expect.poll(() => field('Epochs').inputValue()).toBe('3')
    expect(await field('Seed').inputValue()).toBe('5')
    await page.getByText('Steps, warm-up 0.1').waitFor()
  })

  it('trains a fold with an inner fold, and has its curves and figures', {
    timeout: TRAINING_MS + 30_000,
  }, async () => {
    await train.chooseFolds([2])
    await train.openGroup('Inner fold')
    await field('Inner fold').selectOption('next')
    await field('Result').selectOption('best-inner')
    await train.start()
    await train.live.getByText('Left, about').waitFor()
    await train.live.getByRole('img', { name: /^Learning rate/ }).waitFor({ timeout: TRAINING_MS })
    await train.live.getByRole('button', { name: 'Open the run' }).waitFor({ timeout: TRAINING_MS })
    await train.live.getByText('inner fold', { exact: true }).first().waitFor()
    await train.live.getByRole('heading', { name: 'Epochs' }).click()
    const table = train.live.getByRole('grid', { name: 'Epochs' })
    expect(await table.getAttribute('aria-rowcount')).toBe('4')
    await train.openRun(TRAINING_MS)
    await page.getByRole('cell', { name: 'Best epoch on the inner fold' }).waitFor()
    await page.getByText('best on the test fold, not the result').waitFor()
  })

  it('exports its model, with a card', async () => {
    await page.getByRole('button', { name: 'Export model' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Folds').selectOption('each')
    await dialog.getByRole('button', { name: 'Export', exact: true }).click()
    await dialog.getByText('Exported to').waitFor({ timeout: 30_000 })
    const folder = (await dialog.locator('code').textContent()) ?? ''
    expect((await readdir(folder)).sort()).toEqual(['card.json', 'card.md', 'fold-2.onnx'])
    await dialog.getByRole('button', { name: 'Close' }).last().click()
  })

  it('clones the run with changes', async () => {
    await page.getByRole('button', { name: 'Clone with changes' }).click()
    await page.getByText('Nothing is changed of them.').waitFor()
    expect(await field('Epochs').inputValue()).toBe('3')
    await train.set('Epochs', '2')
    await page.getByText('Epochs: 3 → 2').waitFor()
    // A model that learns in one pass takes none of these settings.
    await page.getByRole('radio', { name: /^Nearest neighbours/ }).check()
    expect(await field('Epochs').count()).toBe(0)
    await train.start()
    await train.live.getByText('nearest-neighbours').waitFor()
    await train.live.getByRole('button', { name: 'Open the run' }).waitFor({ timeout: TRAINING_MS })
  })

  it('lists, searches and sorts runs, and removes the chosen one', async () => {
    await new ShellPage(page).go('Runs')
    const models = () => page.locator('tbody tr td:nth-child(4)').allTextContents()
    await expect.poll(models).toEqual(['nearest-neighbours', 'compact-s'])
    await page.getByRole('button', { name: 'Model' }).click()
    await expect.poll(models).toEqual(['compact-s', 'nearest-neighbours'])
    await page.getByRole('checkbox', { name: 'Choose all runs' }).check()
    await page.getByRole('button', { name: 'Compare' }).click()
    await page.getByRole('heading', { name: /^nearest-neighbours .* compared with compact-s/ }).waitFor()
    await page.getByText(/Only 1 of the \d+ folds is shared/).waitFor()
    await page.getByRole('link', { name: 'Runs' }).last().click()
    await page.getByRole('searchbox').waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('best epoch')
    await expect.poll(models).toEqual(['compact-s'])
    await page.getByRole('searchbox').fill('nothing like it')
    await page.getByText('No run is found by that').waitFor()
    await page.getByRole('button', { name: 'Show all' }).click()
    await page.getByRole('row').filter({ hasText: 'nearest' }).getByRole('checkbox').check()
    await page.getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove the run' }).click()
    await expect.poll(models).toEqual(['compact-s'])
  })

  it('pauses a run, knows it after a reload, and resumes it to its end', {
    timeout: TRAINING_MS + 30_000,
  }, async () => {
    const shell = new ShellPage(page)
    await shell.go('Train')
    await page.getByRole('radio', { name: /^Compact S/ }).check()
    await train.set('Epochs', '20')
    await train.start()
    // What a reopened window shows comes from what is stored.
    await train.live.getByText('Confusion matrix now').waitFor({ timeout: TRAINING_MS })
    await page.reload()
    await train.live.getByText('Confusion matrix now').waitFor({ timeout: TRAINING_MS })
    await train.live.getByRole('button', { name: 'Pause' }).click()
    await train.openRun(TRAINING_MS)
    await page.getByText('This run was paused').waitFor()
    await page.getByRole('button', { name: 'Log' }).click()
    await expect
      .poll(() => page.getByRole('textbox', { name: /Log of fold/ }).inputValue())
      .toContain('epoch 1')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Resume' }).click()
    await page.getByRole('button', { name: 'Pause' }).waitFor()
    await page.getByRole('button', { name: 'Pause' }).waitFor({ state: 'detached', timeout: TRAINING_MS })
    expect(await shell.fact('Starts')).toBe('2')
  })

  it('moves waiting runs in the queue', async () => {
    const shell = new ShellPage(page)
    await shell.go('Train')
    const names = ['Nearest neighbours', 'Logistic regression', 'Compact S']
    for (const name of [...names].reverse()) {
      await page.getByRole('radio', { name: new RegExp(`^${name}`) }).check()
      await train.start()
    }
    const jobs = page.getByRole('group', { name: 'Jobs' })
    await page.locator('button.indicator').click()
    const titles = () => jobs.locator('.job strong').allTextContents()
    const waiting = async () => (await titles()).slice(1, 3)
    await expect
      .poll(waiting)
      .toEqual(['Train logistic-regression on Demo 2020', 'Train nearest-neighbours on Demo 2020'])
    await jobs.getByRole('button', { name: 'Move Train nearest-neighbours on Demo 2020 up' }).press('Enter')
    await expect
      .poll(waiting)
      .toEqual(['Train nearest-neighbours on Demo 2020', 'Train logistic-regression on Demo 2020'])
    const cancels = jobs.getByRole('button', { name: 'Cancel' })
    for (let left = 3; left > 0; left--) {
      await expect.poll(() => cancels.count()).toBe(left)
      await cancels.last().click()
    }
    await expect.poll(() => cancels.count()).toBe(0)
    await page.keyboard.press('Escape')
  })

  it('leaves no console error, exception or violation of the page’s policy behind', () => {
    expect(faults).toEqual([])
  })
})
