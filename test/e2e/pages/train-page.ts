import type { Locator, Page } from 'playwright-core'

export class TrainPage {
  readonly page: Page
  readonly live: Locator

  constructor(page: Page) {
    this.page = page
    this.live = page.getByRole('region', { name: 'Current run' })
  }

  async chooseFolds(folds: readonly number[]): Promise<void> {
    const group = this.page.getByRole('group', { name: 'Folds to hold out' })
    await group.getByLabel('all').uncheck()
    for (const fold of folds) await group.getByLabel(String(fold), { exact: true }).check()
  }

  /** Shows the settings of a group. */
  async openGroup(title: string): Promise<void> {
    await this.page.locator('summary').filter({ hasText: title }).click()
  }

  async set(field: string, value: string): Promise<void> {
    await this.page.getByLabel(field, { exact: true }).fill(value)
  }

  async start(): Promise<void> {
    await this.page.getByRole('button', { name: 'Start training' }).click()
  }

  async openRun(timeout: number): Promise<void> {
    await this.live.getByRole('button', { name: 'Open the run' }).click({ timeout })
  }
}
