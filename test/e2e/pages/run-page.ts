import type { Locator, Page } from 'playwright-core'

export class RunPage {
  readonly page: Page
  readonly matrix: Locator
  readonly cellClips: Locator

  constructor(page: Page) {
    this.page = page
    this.matrix = page.getByRole('grid', { name: /Confusion matrix/ })
    this.cellClips = page.getByRole('grid', { name: 'Clips of the cell' })
  }

  /** Counts of the matrix; an empty cell is 0. */
  async counts(): Promise<number[][]> {
    await this.matrix.waitFor()
    return this.matrix
      .locator('tbody tr')
      .evaluateAll((rows) =>
        rows.map((row) =>
          [...row.querySelectorAll('[data-cell]')].map((cell) => Number(cell.textContent?.trim() || 0)),
        ),
      )
  }

  cell(row: number, column: number): Locator {
    return this.matrix.locator(`[data-cell="${row},${column}"]`)
  }

  /** Rows of the list of a cell, without its header. */
  async listed(): Promise<number> {
    await this.cellClips.waitFor()
    return Number(await this.cellClips.getAttribute('aria-rowcount')) - 1
  }
}
