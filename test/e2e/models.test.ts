import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browserMissing } from '../support/browser.ts'
import { framedDeclaration, modelFile } from '../support/embedding-workspace.ts'
import type { ServedWorkspace } from '../support/serve.ts'
import { openServedPage, type ServedPage } from '../support/served-page.ts'
import { toneWav } from '../support/tiny-workspace.ts'
import { ShellPage } from './pages/shell-page.ts'

/** One workspace; each test goes on where the one before it ended. */
describe.skipIf(browserMissing())('embedding models in a browser', () => {
  let opened: ServedPage | undefined
  let served: ServedWorkspace
  let page: Page
  let faults: string[]
  let shell: ShellPage
  let dialog: Locator
  let model: string

  beforeAll(async () => {
    opened = await openServedPage()
    ;({ page, faults, served } = opened)
    model = join(served.folder, 'framed.onnx')
    await copyFile(modelFile('framed'), model)
    dialog = page.getByRole('dialog', { name: 'Embedding models' })
    shell = new ShellPage(page)
    await shell.open(served.url)
    await shell.importFolder(await twoTones(served.folder))
    await page.getByRole('button', { name: 'Validate again' }).waitFor()
    await shell.go('Recipes')
    await page.getByRole('button', { name: 'Embedding models…' }).click()
  })
  afterAll(async () => {
    await opened?.close()
  })
  const add = () => dialog.getByRole('button', { name: 'Add', exact: true }).click()

  it('are none at first, and a file must be named', async () => {
    await dialog.getByText('This workspace has no embedding model yet').waitFor()
    await add()
    await dialog.getByText('Enter the path of an ONNX file.').waitFor()
    await dialog.getByLabel('Name of the recipe').fill('Not a Name')
    await dialog.getByText('Enter small letters').waitFor()
    await dialog.getByLabel('Name of the recipe').fill('')
  })

  it('say what a model without a declaration takes', async () => {
    await dialog.getByLabel('Model file').fill(model)
    await add()
    await dialog.getByRole('alert').getByText('The model needs a declaration').waitFor()
    await dialog.getByRole('alert').getByText('The model takes "audio" float32 [1, any]').waitFor()
  })

  it('are added, and offered for training', async () => {
    await writeFile(model.replace('.onnx', '.json'), JSON.stringify(framedDeclaration))
    await add()
    await dialog.getByText('6 values of an embedding model').waitFor()
    expect(await dialog.getByLabel('Model file').inputValue()).toBe('')
    await page.keyboard.press('Escape')
    expect(await page.getByRole('combobox', { name: 'Left recipe' }).getByText('framed').count()).toBe(0)
    await shell.go('Train')
    const recipe = page.getByLabel('Feature recipe')
    await recipe.selectOption('framed')
    await page.getByText('6 values of an embedding model').waitFor()
  })

  it('are removed after a question', async () => {
    await shell.go('Recipes')
    await page.getByRole('button', { name: 'Embedding models…' }).click()
    await dialog.getByRole('button', { name: 'Remove framed' }).click()
    await page
      .getByRole('dialog', { name: 'Remove the model framed?' })
      .getByRole('button', { name: 'Remove', exact: true })
      .click()
    await dialog.getByText('This workspace has no embedding model yet').waitFor()
    expect(faults).toEqual([])
  })
})

/** A dataset in the layout of ESC. @returns its folder */
async function twoTones(root: string): Promise<string> {
  const folder = join(root, 'dataset')
  await mkdir(join(folder, 'audio'), { recursive: true })
  await writeFile(join(folder, 'audio', 'low.wav'), toneWav(220, 1))
  await writeFile(join(folder, 'audio', 'high.wav'), toneWav(1760, 1))
  const rows = ['filename,fold,target,category,src_file', 'low.wav,1,0,low,1', 'high.wav,2,1,high,2', '']
  await writeFile(join(folder, 'meta.csv'), rows.join('\n'))
  return folder
}
