import { cpus } from 'node:os'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { axeFindings } from '../support/axe.ts'
import { browserMissing } from '../support/browser.ts'
import type { ServedWorkspace } from '../support/serve.ts'
import { openDemoPage, type ServedPage } from '../support/served-page.ts'
import { ShellPage } from './pages/shell-page.ts'

/** Stays as it is in every language: data, keys, units, names: of presets, recipes, settings’ choices, and what a run was made by. */
const NAMES = new RegExp(
  [
    String.raw`\S+\.wav|wav pcm\d+|pcm\d+|Demo 2020|/home/\S+|linux x64|\b[\da-f]{8,}\b`,
    'air conditioner|car horn|children playing|dog bark|drilling|engine idling|gun shot|jackhammer|siren|street music',
    'Ctrl|Shift|Alt|Esc|Enter|Space|Delete|Backspace|Home|End|Tab|Page',
    String.raw`[kMG]B|[kM]?Hz|dB|ms|SHA-256|TensorFlow [\d.]+, \d threads?|Node [\d.]+|JavaScript \(V8 \S+, \d thread`,
    '[a-z]*-?forest|compact(-s)?|article(-recorded)?|mfcc(-static)?|pcen|MFCC|HTK|SB-CNN|MLP|Relu|Sqrt|root',
    // The set of verdicts that the audit made.
    'Audit|English( \\(Pseudo-Accents\\))?',
  ].join('|'),
  'g',
)

const PROCESSOR = cpus()[0]?.model.trim() ?? 'unknown'

/** Whoever uses no mouse, or no eyes: axe on every screen, the palette, the key map. */
describe.skipIf(browserMissing())('the window without a mouse', () => {
  let opened: ServedPage | undefined
  let served: ServedWorkspace
  let page: Page
  let faults: string[]
  /** Where the screen of the asked run is. */
  let asked = ''

  beforeAll(async () => {
    opened = await openDemoPage({ reducedMotion: 'reduce' })
    ;({ page, faults, served } = opened)
    const shell = new ShellPage(page)
    await shell.openDataset(served.url)
  })
  afterAll(async () => {
    await opened?.close()
  })

  const palette = () => page.getByRole('dialog', { name: 'Find an action' })
  async function find(text: string): Promise<void> {
    await page.keyboard.press('Control+k')
    await palette().waitFor()
    await page.keyboard.type(text)
  }
  const first = () => palette().getByRole('option', { selected: true })

  it('does by Ctrl+K what a button of the screen does', async () => {
    await find('export feat')
    await expect.poll(() => first().textContent()).toContain('Export features')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'Export features' }).waitFor()
    await page.keyboard.press('Escape')
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0)
  })

  it('trains a run that is then found by its network, by keys alone', async () => {
    await find('go to train')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Train', exact: true }).waitFor()
    await find('random forest')
    await page.keyboard.press('Enter')
    await find('start training')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Open the run' }).waitFor({ timeout: 200_000 })
    await page.keyboard.press('1')
    await find('random-forest demo')
    await expect.poll(() => first().textContent()).toContain('random-forest')
    await page.keyboard.press('Enter')
    await expect.poll(() => page.url()).toContain('#/runs/')
  })

  it('asks the run about two clips and lists what it says', async () => {
    await page.keyboard.press('1')
    await page.getByRole('grid', { name: 'Clips', exact: true }).focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Shift+ArrowDown')
    await page.getByText('2 clips chosen').waitFor()
    await page.keyboard.press('Shift+p')
    const dialog = page.getByRole('dialog', { name: 'Predict 2 clips' })
    await dialog.getByLabel('Run').focus()
    for (const key of ['Tab', 'Tab', 'Tab', 'Enter']) await page.keyboard.press(key)
    await page.getByRole('status').filter({ hasText: '2 files by the mean of' }).waitFor({ timeout: 60_000 })
    asked = new URL(page.url()).hash
    expect(await page.getByRole('grid', { name: 'Predictions' }).getByRole('row').count()).toBe(3)
  })

  it('says when nothing is called so, and closes by Escape', async () => {
    await find('xyzzy')
    await palette().getByText('Nothing here is called that').waitFor()
    await page.keyboard.press('Enter')
    await page.keyboard.press('Escape')
    await expect.poll(() => palette().count()).toBe(0)
  })

  it('takes another key for a command, keeps it over a reload, and refuses one that is taken', async () => {
    await page.keyboard.press('6')
    const key = page.getByRole('button', { name: /^Key for Go to the runs/ })
    const says = (text: string) => page.getByRole('status').filter({ hasText: text }).waitFor()
    await key.focus()
    await page.keyboard.press('Enter')
    await page.keyboard.press('1')
    await says('1 already means “Go to the library”')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Alt+r')
    await says('“Go to the runs” is now on Alt R')

    await page.reload()
    await page.getByRole('heading', { name: 'Keys' }).waitFor()
    await page.keyboard.press('3')
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keys' }).getByText('Alt R').waitFor()
    await page.keyboard.press('Escape')
    expect(page.url()).toContain('#/settings')
    await page.keyboard.press('Alt+r')
    await expect.poll(() => page.url()).toContain('#/runs')

    await page.keyboard.press('6')
    await find('go to the runs: the key it came with')
    await page.keyboard.press('Enter')
    await says('“Go to the runs” is on 3 again')
  })

  it('finds issues by keys alone', async () => {
    await page.keyboard.press('i')
    await page.getByText('Nobody has looked for issues').waitFor()
    await find('look for issues')
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: 'Look for issues' })
    // Listening to every clip is for other tests.
    for (const kind of [
      'Near duplicate',
      'Outlier of its class',
      'Silence',
      'Clipping',
      'Band-limited',
      'Mono in stereo',
    ])
      await dialog.getByRole('checkbox', { name: kind }).press(' ')
    await dialog.getByRole('button', { name: 'Look for issues' }).press('Enter')
    await page.getByRole('grid', { name: 'Issues' }).waitFor({ timeout: 60_000 })
    await page.keyboard.press('j')
    await page.getByRole('complementary', { name: 'The issue’s clip' }).waitFor()
    await page.keyboard.press('Escape')
  })

  it('has no findings of axe on any screen, light and dark', async () => {
    await page.keyboard.press('3')
    const run = (await page.locator('main a[href*="runs/"]').first().getAttribute('href')) ?? ''
    await page.keyboard.press('4')
    await page.getByRole('button', { name: 'Start the audit' }).click()
    await page.getByRole('region', { name: 'Verdict' }).waitFor()
    const queue = new URL(page.url()).hash
    const findings: string[] = []
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      for (const hash of [
        '#/library',
        '#/library?clip=5',
        '#/clip/5',
        '#/library?view=grid',
        '#/library?view=overview',
        '#/dataset',
        '#/import',
        '#/train',
        '#/runs',
        run,
        ...['folds', 'classes', 'curves', 'slices'].map((tab) => `${run}?tab=${tab}`),
        '#/audit/queue',
        queue,
        `${queue}&mode=blind`,
        '#/audit',
        '#/audit?kind=label&issue=1',
        '#/recipes',
        '#/map',
        '#/sweeps',
        '#/history',
        '#/clips?ids=1,2,3',
        '#/predict',
        asked,
        '#/settings',
      ])
        findings.push(...(await look(hash, colorScheme)))
    }
    expect(findings).toEqual([])
    expect(faults).toEqual([])
  })

  it('has every text of the window in the catalogue that translators are given', async () => {
    await page.keyboard.press('3')
    const run = (await page.locator('main a[href*="runs/"]').first().getAttribute('href')) ?? ''
    await page.evaluate(() => localStorage.setItem('soundfold.language', 'en-XA'))
    await page.reload()
    const left: string[] = []
    for (const hash of [
      '#/library?clip=5',
      '#/library?view=grid',
      '#/library?view=overview',
      '#/clip/5',
      '#/dataset',
      '#/import',
      '#/train',
      '#/runs',
      run,
      ...['folds', 'classes', 'curves', 'slices'].map((tab) => `${run}?tab=${tab}`),
      '#/runs/00000000',
      '#/audit/queue',
      '#/audit',
      '#/recipes',
      '#/sweeps',
      '#/map',
      '#/history',
      '#/clips?ids=1,2,3',
      '#/predict',
      '#/settings',
    ]) {
      await page.evaluate((to) => {
        location.hash = to
      }, hash)
      await page.locator('main :is(h1, h2, [role="alert"])').first().waitFor()
      await page.waitForLoadState('networkidle', { timeout: 60_000 })
      left.push(...(await plainWords()).map((words) => `${hash} ${words}`))
    }
    expect(left).toEqual([])
    // Whoever is in it sees how to leave.
    await page.getByText('English', { exact: true }).click()
    await page.getByRole('heading', { name: 'Settings' }).waitFor()
  })

  /** What is shown or read out in letters without accents, less names: of data, keys, units. */
  async function plainWords(): Promise<string[]> {
    const texts = await page.locator('body').evaluate((body) => {
      const ATTRIBUTES = ['aria-label', 'aria-description', 'aria-valuetext', 'alt', 'placeholder', 'title']
      const found = [...body.querySelectorAll('*')]
        .filter((element) => !element.closest('script, style, code, kbd, .mono'))
        .flatMap((element) => [
          ...[...element.childNodes].filter((node) => node instanceof Text).map((node) => node.textContent),
          ...ATTRIBUTES.map((name) => element.getAttribute(name)),
        ])
      return [...new Set(found)]
    })
    return texts.flatMap((text) => {
      const words = (text ?? '')
        .replaceAll(PROCESSOR, ' ')
        .replaceAll(NAMES, ' ')
        .match(/(?<!\p{L})[A-Za-z]{2,}(?!\p{L})/gu)
      return words ? [`${words.join(' ')} in: ${text?.trim()}`] : []
    })
  }

  async function look(hash: string, scheme: string): Promise<string[]> {
    // The screen before it has a heading too: what is looked at is what was drawn after.
    await page.evaluate(async (to) => {
      location.hash = to
      for (let frame = 0; frame < 2; frame++) await new Promise((drawn) => requestAnimationFrame(drawn))
    }, hash.slice(1))
    await page.locator('main :is(h1, h2)').first().waitFor()
    await page.waitForLoadState('networkidle', { timeout: 60_000 })
    return (await axeFindings(page)).map((finding) => `${scheme} ${hash} ${finding}`)
  }
})
