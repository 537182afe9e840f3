import type { Page } from 'playwright-core'

/** What is around every screen, and the first one. */
export class ShellPage {
  readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  /** Signs in by the one-time address and waits for the window. */
  async open(url: string): Promise<void> {
    await this.page.goto(url)
    await this.page.getByRole('navigation', { name: 'Screens' }).waitFor()
  }

  /** Of a workspace with a dataset: as `open`, to the dataset's report. */
  async openDataset(url: string): Promise<void> {
    await this.open(url)
    await this.page.evaluate(() => {
      location.hash = '#/dataset'
    })
    await this.page.getByRole('button', { name: 'Validate again' }).waitFor()
  }

  async go(screen: 'Library' | 'Train' | 'Runs' | 'Audit' | 'Recipes' | 'Settings'): Promise<void> {
    await this.page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name: screen }).click()
  }

  async makeDemo(): Promise<void> {
    await this.page.getByRole('button', { name: 'Make the demo dataset' }).click()
    // The report opens by itself when the import has ended.
    await this.page.getByRole('button', { name: 'Validate again' }).waitFor({ timeout: 200_000 })
  }

  async importFolder(folder: string): Promise<void> {
    await this.page.getByLabel('Folder', { exact: true }).fill(folder)
    await this.page.getByRole('button', { name: 'Import' }).click()
  }

  /** The value beside a title in a list of facts. */
  async fact(title: string): Promise<string> {
    const term = this.page.locator('dl > div', { has: this.page.getByText(title, { exact: true }) })
    return (await term.locator('dd').first().textContent())?.trim() ?? ''
  }
}
