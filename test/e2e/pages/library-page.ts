import type { Locator, Page } from 'playwright-core'

export class LibraryPage {
  readonly page: Page
  readonly table: Locator
  readonly total: Locator
  readonly panel: Locator

  constructor(page: Page) {
    this.page = page
    this.table = page.getByRole('grid', { name: 'Clips', exact: true })
    this.total = page.getByRole('region', { name: 'Clips', exact: true }).getByRole('status')
    this.panel = page.getByRole('complementary', { name: 'Clip', exact: true })
  }

  async filterBy(value: string): Promise<void> {
    await this.page.getByRole('complementary', { name: 'Filters' }).getByLabel(value).check()
  }

  async search(text: string): Promise<void> {
    await this.page.keyboard.press('/')
    await this.page.keyboard.type(text)
  }

  async sortBy(column: string): Promise<void> {
    await this.table.getByRole('columnheader', { name: column }).getByRole('button').click()
  }

  /** Texts of a column over the rows in view, its place counted from 0. */
  async column(place: number): Promise<string[]> {
    const cells = this.table.getByRole('row').locator(`[role=gridcell]:nth-child(${place + 1})`)
    return (await cells.allTextContents()).map((text) => text.trim())
  }

  async openedFile(): Promise<string> {
    return (await this.panel.getByRole('heading', { level: 2 }).textContent()) ?? ''
  }
}
