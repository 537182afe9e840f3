import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browserMissing } from '../support/browser.ts'
import type { ServedWorkspace } from '../support/serve.ts'
import { openDemoPage, type ServedPage } from '../support/served-page.ts'
import { ShellPage } from './pages/shell-page.ts'
import { TrainPage } from './pages/train-page.ts'

const TRAINING_MS = 200_000

/** A leaking run and a sweep in one browser; each test goes on where the one before it ended. */
describe.skipIf(browserMissing())('splits and sweeps in a browser', () => {
  let opened: ServedPage | undefined
  let served: ServedWorkspace
  let page: Page
  let faults: string[]
  let train: TrainPage
  let shell: ShellPage

  beforeAll(async () => {
    opened = await openDemoPage({
      viewport: { width: 1280, height: 900 },
    })
    ;({ page, faults, served } = opened)
    train = new TrainPage(page)
    shell = new ShellPage(page)
    await shell.openDataset(served.url)
    await shell.go('Train')
  })
  afterAll(async () => {
    await opened?.close()
  })

  it('starts a random split only after its leak is accepted, and labels it wherever it states its accuracy', {
    timeout: TRAINING_MS + 30_000,
  }, async () => {
    await page.getByRole('radio', { name: /Random forest/ }).check()
    const split = page.getByRole('region', { name: 'Split' })
    await split.getByText('No recording has clips in two folds.').waitFor()
    await split.getByRole('radio', { name: 'Random' }).check({ force: true })
    await split.getByText('at 98 % where the official folds give 84 %').waitFor()
    await train.set('Folds', '3')
    await split.getByText(/clips a fold/).waitFor()
    await train.start()
    await split.getByText('Accept the leak, or choose another split.').waitFor()
    await split.getByRole('checkbox', { name: /I accept the leak/ }).check()
    await train.chooseFolds([3])
    await train.start()
    await train.openRun(TRAINING_MS)
    await page.getByText('Mean accuracy over 1 fold').getByText('random split: leaks').waitFor()
    await shell.go('Runs')
    await page.getByRole('row', { name: /random-forest random split: leaks \d/ }).waitFor()
  })

  it('shows a sweep’s trials and starts a run with the best settings on what they did not see', {
    timeout: TRAINING_MS + 30_000,
  }, async () => {
    await page.getByRole('link', { name: 'Sweeps' }).click()
    await page.getByText('No sweeps yet').waitFor()
    await page.getByRole('button', { name: 'New sweep' }).click()
    const start = page.getByRole('button', { name: 'Start the sweep' })
    await start.click()
    // The accepted leak is not remembered: the training form asks again.
    await page.getByText('The training form, whose settings all trials share, has faults.').waitFor()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await shell.go('Train')
    const split = page.getByRole('region', { name: 'Split' })
    await split.getByRole('radio', { name: 'The dataset’s folds' }).check({ force: true })
    await shell.go('Runs')
    await page.getByRole('link', { name: 'Sweeps' }).click()
    await page.getByRole('button', { name: 'New sweep' }).click()
    await page.getByLabel('Settings to search').fill('{"network.tree": {"choice": [1, 30]}}')
    await page.getByLabel('Method').selectOption('grid')
    await page.getByLabel('Held-out fold').selectOption('4')
    await start.click()
    await page.getByText("A trial can't be trained, with network.tree = 1").waitFor()
    await page.getByLabel('Settings to search').fill('{"network.trees": {"choice": [1, 30]}}')
    await start.click()
    await page.getByRole('heading', { name: /^Best settings/ }).waitFor({ timeout: TRAINING_MS })
    const rows = page.getByRole('region', { name: 'Trials' }).getByRole('row')
    expect(await rows.count()).toBe(3)
    expect(
      await page
        .getByRole('img', { name: /Inner accuracy by network\.trees/ })
        .locator('circle')
        .count(),
    ).toBe(2)
    await page.getByText('soundfold train').waitFor()
    await page.getByRole('button', { name: 'Start a run with these' }).click()
    await page.getByText('Mean accuracy over 1 fold').waitFor({ timeout: TRAINING_MS })
    await page.getByRole('tab', { name: 'Folds' }).click()
    await page
      .getByRole('tabpanel', { name: 'Folds' })
      .getByRole('rowheader', { name: '4', exact: true })
      .first()
      .waitFor()
  })

  it('leaves no console error, exception or violation of the page’s policy behind', () => {
    expect(faults).toEqual([])
  })
})
