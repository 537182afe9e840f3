import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browserMissing } from '../support/browser.ts'
import type { ServedWorkspace } from '../support/serve.ts'
import { openDemoPage, type ServedPage } from '../support/served-page.ts'
import { RecipeColumn } from './pages/recipes-page.ts'
import { ShellPage } from './pages/shell-page.ts'

/** One workspace; each test goes on where the one before it ended. */
describe.skipIf(browserMissing())('recipes in a browser', () => {
  let opened: ServedPage | undefined
  let served: ServedWorkspace
  let page: Page
  let faults: string[]
  let left: RecipeColumn
  let right: RecipeColumn
  const clip = () => page.getByRole('combobox', { name: 'Clip', exact: true }).locator('option:checked')

  beforeAll(async () => {
    opened = await openDemoPage()
    ;({ page, faults, served } = opened)
    left = new RecipeColumn(page, 'Left')
    right = new RecipeColumn(page, 'Right')
    const shell = new ShellPage(page)
    await shell.openDataset(served.url)
    await shell.go('Recipes')
  })
  afterAll(async () => {
    await opened?.close()
  })

  it('draw the first clip by two recipes', async () => {
    await expect.poll(() => left.grid()).toBe('128 × 173')
    await expect.poll(() => right.grid()).toBe('128 × 64')
    expect(await left.colours()).toBeGreaterThan(50)
    expect(page.url()).toMatch(/#\/recipes\?.*clip=\d+/)
  })

  it('go from clip to clip, and search one', async () => {
    const first = (await clip().textContent()) ?? ''
    const before = await left.pixels()
    expect(await page.getByRole('button', { name: 'Previous clip' }).isDisabled()).toBe(true)
    await page.getByRole('button', { name: 'Next clip' }).click()
    await expect.poll(() => clip().textContent()).not.toBe(first)
    await expect.poll(() => left.pixels()).not.toBe(before)
    await page.getByRole('button', { name: 'Previous clip' }).click()
    await expect.poll(() => left.pixels()).toBe(before)

    const [file = ''] = first.trim().split(' ')
    await page.getByRole('searchbox', { name: 'Search clips' }).fill(file)
    await page.getByText('1 clip', { exact: true }).waitFor()
    await page.getByRole('searchbox', { name: 'Search clips' }).fill('no such clip')
    await page.getByText('No clip found').waitFor()
    expect(await clip().textContent()).toBe(first)
    await page.getByRole('searchbox', { name: 'Search clips' }).fill('')
  })

  it('follow a setting with the picture and tell where the other column differs', async () => {
    const before = await left.pixels()
    await left.field('Bands').fill('40')
    await expect.poll(() => left.grid()).toBe('40 × 173')
    expect(await left.pixels()).not.toBe(before)
    expect(await right.root.getByText('Left: 40').count()).toBe(1)
    await right.chooser.selectOption('mfcc')
    await expect.poll(() => right.grid()).toBe('120 × 173')
    await expect.poll(() => right.colours()).toBeGreaterThan(50)
    await right.field('Kind').selectOption('chroma')
    await expect.poll(() => right.grid()).toBe('12 × 173')
    expect(await right.field('Bands').count()).toBe(0)
  })

  it('refuse wrong settings at their own fields, and keep the picture', async () => {
    await left.field('Bands').fill('0')
    await left.root.getByText('Enter a whole number from 1 to 1024.').waitFor()
    expect(await left.field('Bands').getAttribute('aria-invalid')).toBe('true')
    expect(await left.root.getByRole('button', { name: 'Save as…' }).isDisabled()).toBe(true)
    expect(await left.grid()).toBe('40 × 173')
    await left.field('Bands').fill('48')
    await expect.poll(() => left.grid()).toBe('48 × 173')
    expect(await left.field('Bands').getAttribute('aria-invalid')).toBe('false')
  })

  it('keep what is not saved while another screen is open', async () => {
    const shell = new ShellPage(page)
    await shell.go('Library')
    await shell.go('Recipes')
    expect(await left.field('Bands').inputValue()).toBe('48')
    await expect.poll(() => left.grid()).toBe('48 × 173')
    expect(await right.field('Kind').inputValue()).toBe('chroma')
  })

  it('are saved by a name, are there after a reload, and offered by the training form', async () => {
    await left.root.getByRole('button', { name: 'Save as…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Save the recipe' })
    await dialog.getByLabel('Name').fill('Wrong Name')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.getByText(/^Enter small letters/).waitFor()
    await dialog.getByLabel('Name').fill('article')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.getByRole('alert').filter({ hasText: 'built-in' }).waitFor()
    await dialog.getByLabel('Name').fill('forty-eight')
    await page.keyboard.press('Enter')
    await dialog.waitFor({ state: 'detached' })
    expect(await left.chooser.inputValue()).toBe('forty-eight')

    await page.reload()
    await expect.poll(() => left.grid()).toBe('48 × 173')
    expect(await left.chooser.inputValue()).toBe('forty-eight')
    await new ShellPage(page).go('Train')
    await page.getByLabel('Feature recipe').selectOption('forty-eight')
    await page.getByText(/^48 mel bands in dB/).waitFor()
    await page.getByRole('link', { name: 'Compare recipes' }).click()
    await expect.poll(() => right.grid()).toBe('48 × 173')
  })

  it('are removed after a question', async () => {
    expect(await left.root.getByRole('button', { name: 'Remove' }).count()).toBe(0)
    await right.root.getByRole('button', { name: 'Remove' }).click()
    const dialog = page.getByRole('dialog', { name: 'Remove the recipe forty-eight?' })
    await dialog.getByRole('button', { name: 'Remove' }).click()
    await expect.poll(() => right.chooser.locator('option').allTextContents()).not.toContain('forty-eight')
    expect(await right.chooser.inputValue()).toBe('article')
  })

  it('leave no console error, exception or violation of the page’s policy behind', () => {
    expect(faults).toEqual([])
  })
})
