import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browserMissing } from '../support/browser.ts'
import { demoFolder } from '../support/demo-workspace.ts'
import { type ServedWorkspace, serveWorkspace } from '../support/serve.ts'
import { openDemoPage, type ServedPage } from '../support/served-page.ts'
import { ShellPage } from './pages/shell-page.ts'

/** From a first run to corrected metadata, by the keyboard alone. */
describe.skipIf(browserMissing())('an audit of the demo', () => {
  let opened: ServedPage | undefined
  let again: ServedWorkspace | undefined
  let served: ServedWorkspace
  let page: Page
  let faults: string[]
  /** What was decided: file name → the row's new label, null where the row goes. */
  const decided = new Map<string, [classId: number, name: string] | null | 'kept'>()
  let workspace = ''

  beforeAll(async () => {
    opened = await openDemoPage({ reducedMotion: 'reduce' })
    ;({ page, faults, served } = opened)
    workspace = join(served.folder, 'workspace')
    const shell = new ShellPage(page)
    await shell.openDataset(served.url)
  })
  afterAll(async () => {
    await again?.close()
    await opened?.close()
  })

  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key)
  }
  async function choose(text: string) {
    await press('Control+k')
    await page.getByRole('dialog', { name: 'Find an action' }).waitFor()
    await page.keyboard.type(text)
    await press('Enter')
  }
  const file = async () => (await page.locator('h2 .file').textContent()) ?? ''
  const progress = () => page.locator('header [role=status]').textContent()
  /** Presses keys and waits for the next clip. @returns the clip that they were about */
  async function decide(...keys: string[]): Promise<string> {
    const before = await file()
    await press(...keys)
    await expect.poll(file).not.toBe(before)
    return before
  }
  const heading = (name: string) => page.getByRole('heading', { name, exact: true }).waitFor()

  it('trains a baseline whose mistakes come first', async () => {
    await choose('go to training')
    await heading('Train')
    await choose('logistic regression')
    await choose('start training')
    await page.getByRole('button', { name: 'Open the run' }).waitFor({ timeout: 150_000 })
    await choose('go to the audit')
    await heading('Decide on labels')
    await page.getByText('There is none of this dataset yet').waitFor()
    await choose('start the audit')
    await expect.poll(progress).toMatch(/^0 of \d+ decided/)
  })

  it('decides by one key a clip, by the recording, and takes back', async () => {
    decided.set(await decide('y'), 'kept')
    decided.set(await decide('9'), [8, 'siren'])
    decided.set(await decide('x'), null)
    decided.set(await decide('u'), 'kept')
    await press('n')
    await page.keyboard.type('barks, twice')
    await press('Enter')
    decided.set(await decide('r', ...'dog', 'Enter'), [3, 'dog_bark'])
    await expect.poll(progress).toMatch(/^5 of/)

    const taken = await decide('x')
    await expect.poll(progress).toMatch(/^6 of/)
    await press('Control+z')
    await expect.poll(file).toBe(taken)
    await expect.poll(progress).toMatch(/^5 of/)
    await press('Control+Shift+z')
    await expect.poll(progress).toMatch(/^6 of/)
    await press('Control+z')
    await expect.poll(progress).toMatch(/^5 of/)
    await expect.poll(file).toBe(taken)
    // Skipped and come back to, it is still open.
    await press('s')
    await expect.poll(file).not.toBe(taken)
    await press('k')
    await expect.poll(file).toBe(taken)

    await press('w')
    expect(await page.getByLabel('The whole recording').isChecked()).toBe(true)
    await decide('x')
    for (const name of clipsOfRecording(taken)) decided.set(name, null)
    expect(clipsOfRecording(taken).length).toBeGreaterThan(1)
    expect(await page.getByLabel('The whole recording').isChecked()).toBe(false)
  })

  it('opens again where it was', async () => {
    const at = await file()
    const said = await progress()
    await page.reload()
    await expect.poll(file).toBe(at)
    expect((await progress())?.split(' decided')[0]).toBe(said?.split(' decided')[0])
  })

  it('loses nothing when the program is killed', async () => {
    const name = await decide('y')
    decided.set(name, 'kept')
    const said = (await progress())?.split(' decided')[0]
    await expect.poll(() => page.getByRole('region', { name: 'Verdict' }).count()).toBe(1)
    await page.waitForTimeout(300)
    expect(faults).toEqual([])
    await served.kill()
    again = await serveWorkspace(workspace)
    await page.goto(again.url)
    await page.getByRole('navigation', { name: 'Screens' }).waitFor()
    // Of the page that had lost its server.
    faults.length = 0
    await press('4')
    await heading('Verdict sets')
    await choose('start the audit')
    await expect.poll(async () => (await progress())?.split(' decided')[0]).toBe(said)
  })

  it('hides labels, predictions and names from who audits blind', async () => {
    await press('Escape')
    await heading('Verdict sets')
    await page.getByRole('radio', { name: 'Blind' }).focus()
    await press(' ')
    await choose('start the audit')
    await heading('What is it?')
    const main = (await page.locator('main').textContent()) ?? ''
    expect(main).not.toMatch(/\.wav|Keep|Predictions|fold \d|Recording \d/)
    await press('Escape')
    await heading('Verdict sets')
  })

  it('asks a second author without telling what the first said, and then how far they agree', async () => {
    const name = page.getByLabel('Your name')
    await name.focus()
    await page.keyboard.type('Ben')
    await press('Tab')
    await page.getByRole('radio', { name: 'Second opinion' }).focus()
    await press(' ')
    await page.getByLabel('Clips and order').selectOption('What others have decided')
    await choose('start the audit')
    await expect.poll(progress).toMatch(/^0 of \d+ decided/)
    await page.getByRole('region', { name: 'Predictions' }).waitFor()
    expect(await page.getByRole('region', { name: 'Others' }).count()).toBe(0)
    // What nobody else was sure of is not changed by it.
    const kept = [...decided].find(([, verdict]) => verdict === 'kept')?.[0]
    await expect.poll(file).not.toBe('')
    for (let step = 0; (await file()) !== kept && step < 20; step++) await decide('s')
    expect(await file()).toBe(kept)
    await decide('y')
    await press('Escape')
    await page.getByRole('button', { name: /^Agreement of the authors/ }).click()
    await page.getByText('Of 1 clip that both decided they agree on 1').waitFor()
    await press('Escape')
  })

  it('exports corrected metadata, in which nothing else has changed', async () => {
    await choose('export the audit')
    await page.getByRole('dialog', { name: 'Export Audit' }).waitFor()
    await page.getByRole('button', { name: 'Export', exact: true }).focus()
    await press('Enter')
    await page.getByRole('dialog', { name: 'Export Audit' }).getByText('5 files').waitFor()
    expect(exportsOf(workspace)).toHaveLength(1)
    const [folder = ''] = exportsOf(workspace)
    const read = (name: string) => readFileSync(join(workspace, 'exports', folder, name), 'utf8')
    const expected = rowsOf(metadata()).flatMap((row) => {
      const verdict = decided.get(row.split(',')[0] ?? '')
      if (verdict === null) return []
      if (verdict === undefined || verdict === 'kept') return row
      return row.replace(/,\d,[a-z_]+$/, `,${verdict[0]},${verdict[1]}`)
    })
    expect(rowsOf(read('UrbanSound8K.csv'))).toEqual(expected)
    expect(read('patch.csv')).toContain('barks, twice')
    expect(read('audit.html')).toContain('Audit of Demo 2020')
    expect(faults).toEqual([])
  })

  it('takes a patch of somebody else, forks, renames, and merges with each conflict shown', async () => {
    await page.keyboard.press('Escape')
    const [disagreed = ''] = [...decided].find(([, verdict]) => Array.isArray(verdict)) ?? []
    const row = rowsOf(metadata()).find((line) => line.startsWith(disagreed)) ?? ''
    const cells = row.split(',')
    const line = [`audio/fold${cells[5]}/${disagreed}`, 'exclude', cells[7], '', 'two sounds']
    await page.getByRole('button', { name: 'Apply a file…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Patch (CSV)').setInputFiles({
      name: 'carol.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(`clip,action,old,new,reason\n${line.join(',')}\n`),
    })
    await dialog.getByText('Of 1 entry, 1 can be applied to “carol”').waitFor()
    await dialog.getByRole('button', { name: 'Apply' }).click()
    const sets = page.getByRole('table', { name: 'Verdict sets' })
    await sets.getByRole('row', { name: /^carol 0 0 1 0 0/ }).waitFor()

    await page.getByRole('button', { name: 'Fork Audit' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Fork' }).click()
    await page.getByRole('button', { name: 'Rename Audit 2' }).click()
    await page.getByRole('dialog').getByLabel('Name').fill('Both')
    await press('Enter')
    await sets.getByRole('row', { name: /^Both from Audit/ }).waitFor()

    await page.getByRole('button', { name: 'Merge another set into Both' }).click()
    await dialog.getByLabel('From').selectOption('carol')
    await dialog.getByText('1 conflict, 1 open').or(dialog.getByText('1 conflict.')).waitFor()
    const conflict = dialog.getByRole('row', { name: disagreed })
    expect(await dialog.getByRole('button', { name: 'Merge', exact: true }).isDisabled()).toBe(true)
    await conflict.getByLabel('exclude').check()
    await dialog.getByRole('button', { name: 'Merge', exact: true }).click()
    await dialog.waitFor({ state: 'detached' })
    const excluded = async (name: RegExp) =>
      Number(await sets.getByRole('row', { name }).getByRole('cell').nth(2).textContent())
    expect(await excluded(/^Both/)).toBe((await excluded(/^Audit/)) + 1)
  })

  it('trains on the cleaned labels, and compares on each kind of labels', async () => {
    await choose('go to training')
    await page.getByLabel('Labels').selectOption('After the audit “Both”')
    for (const fold of [3, 4, 5, 6, 7, 8, 9, 10])
      await page.getByLabel(String(fold), { exact: true }).uncheck()
    await choose('start training')
    await page.getByRole('button', { name: 'Open the run' }).waitFor({ timeout: 150_000 })
    await choose('go to the runs')
    await expect.poll(() => page.getByRole('checkbox', { name: /^Choose run/ }).count()).toBe(2)
    const cleaned = (await page.locator('main tbody a').first().getAttribute('href')) ?? ''
    await page.getByRole('checkbox', { name: 'Choose all runs' }).check()
    await page.getByRole('button', { name: /^Compare/ }).click()
    const bases = page.getByRole('table', { name: 'Accuracy by which labels count' })
    await bases.getByRole('row', { name: /^Unchanged clips/ }).waitFor({ timeout: 60_000 })
    await page.getByText('Unchanged clips', { exact: true }).last().click()
    await expect.poll(() => page.url()).toContain('labels=unchanged')
    const link = page.getByRole('button', { name: /right in both$/ })
    const clips = Number.parseInt((await link.textContent()) ?? '', 10)
    await link.click()
    await page
      .getByRole('button', { name: `Remove filter: ${clips} clips right in both (unchanged clips)` })
      .waitFor()
    await page
      .getByRole('status')
      .filter({ hasText: `${clips} of 400 clips` })
      .waitFor()

    // A clone takes the set as it is when it starts, and says whether that is what the run had.
    const goTo = (hash: string) =>
      page.evaluate((to) => {
        location.hash = to
      }, hash)
    await goTo(cleaned)
    await page.getByRole('button', { name: 'Clone with changes' }).click()
    await page.getByText('it is now as it was here').waitFor()
    await goTo('#/audit/queue')
    await page.getByLabel('Verdict set', { exact: true }).selectOption('Both')
    await page.getByLabel('Clips and order').selectOption('All clips, by name')
    await choose('start the audit')
    await expect.poll(progress).toMatch(/decided/)
    await decide('x')
    await goTo(cleaned)
    await page.getByRole('button', { name: 'Clone with changes' }).click()
    await page.getByText('has changed since').waitFor()
    await goTo('#/audit/queue')
    await page.getByRole('button', { name: 'Train on the labels of Both' }).click()
    await expect
      .poll(() =>
        page.getByLabel('Labels').evaluate((select: HTMLSelectElement) => select.selectedOptions[0]?.text),
      )
      .toBe('After the audit “Both”')
    expect(faults).toEqual([])
  })

  const metadata = () => readFileSync(join(demoFolder(), 'metadata', 'UrbanSound8K.csv'), 'utf8')
  const clipsOfRecording = (name: string) =>
    rowsOf(metadata()).flatMap((row) => {
      const [own = '', recording] = row.split(',')
      return recording === name.split('-')[0] ? [own] : []
    })
})

const rowsOf = (csv: string) => csv.trimEnd().split(/\r?\n/)
const exportsOf = (workspace: string) =>
  readdirSync(join(workspace, 'exports')).filter((name) => !name.startsWith('.'))
