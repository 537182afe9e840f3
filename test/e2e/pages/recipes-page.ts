import type { Locator, Page } from 'playwright-core'

/** One of the two columns of the recipes' screen. */
export class RecipeColumn {
  readonly root: Locator
  readonly chooser: Locator
  readonly picture: Locator

  constructor(page: Page, side: 'Left' | 'Right') {
    this.root = page.getByRole('region', { name: `${side} recipe` })
    this.chooser = this.root.getByRole('combobox', { name: `${side} recipe` })
    this.picture = this.root.getByRole('img')
  }

  field(label: string): Locator {
    return this.root.getByLabel(label, { exact: true })
  }

  async grid(): Promise<string> {
    const fact = this.root.locator('dl > div', { hasText: 'Rows × frames' })
    return (await fact.locator('dd').textContent())?.trim() ?? ''
  }

  /** What is drawn, as text to compare. */
  async pixels(): Promise<string> {
    return this.picture
      .locator('canvas')
      .evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL('image/png'))
  }

  /** How many colours are drawn: an empty canvas has one. */
  async colours(): Promise<number> {
    return this.picture.locator('canvas').evaluate((canvas: HTMLCanvasElement) => {
      // On a canvas of its own: Chromium warns of one that is read often.
      const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', {
        willReadFrequently: true,
      })
      copy?.drawImage(canvas, 0, 0)
      const pixels = copy?.getImageData(0, 0, canvas.width, canvas.height).data
      return new Set(new Uint32Array(pixels?.buffer ?? new ArrayBuffer(0))).size
    })
  }
}
