import { readFile } from 'node:fs/promises'
import type { Locator, Page } from 'playwright-core'

/** Sound and pictures of one clip, in the library or beside the confusion matrix. */
export class ClipPanel {
  readonly page: Page
  readonly audio: Locator
  /** The spectrogram as something to point at and to read by keys. */
  readonly picture: Locator
  readonly readout: Locator

  constructor(page: Page) {
    this.page = page
    this.audio = page.locator('audio')
    this.picture = page.getByRole('application', { name: /spectrogram of/i })
    this.readout = this.picture.locator('.readout')
  }

  async seconds(): Promise<number> {
    return this.audio.evaluate((audio: HTMLAudioElement) => audio.currentTime)
  }

  /** Waits until the sound has moved on from where it is. */
  async playsOn(): Promise<void> {
    const before = await this.seconds()
    await this.page.waitForFunction((from) => {
      const audio = document.querySelector('audio')
      return audio !== null && (audio.currentTime > from || audio.ended)
    }, before)
  }

  /** How many colours the spectrogram shows: an empty canvas has one. */
  async spectrogramColours(): Promise<number> {
    const canvas = this.page.locator('.picture canvas')
    await canvas.waitFor()
    return canvas.evaluate((element: HTMLCanvasElement) => {
      // On a canvas of its own: Chromium warns of one that is read often.
      const { width, height } = element
      if (width === 0 || height === 0) return 0
      const copy = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })
      copy?.drawImage(element, 0, 0)
      const pixels = copy?.getImageData(0, 0, width, height).data
      return new Set(new Uint32Array(pixels?.buffer ?? new ArrayBuffer(0))).size
    })
  }

  /** Pixels of the waveform that are drawn; its canvas lies in wavesurfer's shadow root. */
  async waveformPixels(): Promise<number> {
    const canvas = this.page.locator('.wave canvas').first()
    await canvas.waitFor()
    return canvas.evaluate((element: HTMLCanvasElement) => {
      const pixels = element.getContext('2d')?.getImageData(0, 0, element.width, element.height).data
      return (pixels ?? []).filter((value, index) => index % 4 === 3 && value > 0).length
    })
  }

  /** The part of the clip in view, in seconds, as the toolbar says it. */
  async range(): Promise<[number, number]> {
    const text = await this.page.getByRole('group', { name: 'Pictures' }).locator('.range').textContent()
    const [, from = '', to = ''] = /([\d.]+) – ([\d.]+) s/.exec(text ?? '') ?? []
    return [Number.parseFloat(from), Number.parseFloat(to)]
  }

  /** The part of the clip that the waveform's canvas shows, as shares of the clip. */
  async waveformRange(): Promise<[number, number]> {
    const wave = this.page.locator('.wave [part="scroll"], .wave .scroll').first()
    return wave.evaluate(({ scrollLeft, clientWidth, scrollWidth }) => [
      scrollLeft / scrollWidth,
      (scrollLeft + clientWidth) / scrollWidth,
    ])
  }

  /** @param x - share of the picture from the left; @param y - from the top */
  async pointAt(x: number, y: number): Promise<void> {
    const box = await this.picture.boundingBox()
    if (!box) throw new Error('The spectrogram has no place on the page.')
    await this.page.mouse.move(box.x + x * box.width, box.y + y * box.height)
  }

  /** The colour of the loudest point, as its colour bar has it on top. */
  async loudestColour(): Promise<number[]> {
    return this.page.locator('.bar canvas').evaluate((element: HTMLCanvasElement) => {
      // On a canvas of its own: Chromium warns of one that is read often.
      const copy = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })
      copy?.drawImage(element, 0, 0)
      return [...(copy?.getImageData(0, 0, 1, 1).data ?? [])].slice(0, 3)
    })
  }

  /** Saves the picture by the menu. */
  async save(format: 'PNG' | 'SVG'): Promise<{ name: string; content: Buffer }> {
    await this.page.getByRole('button', { name: 'Save the picture' }).click()
    const waiting = this.page.waitForEvent('download')
    await this.page.getByRole('menuitem', { name: format }).click()
    const download = await waiting
    return { name: download.suggestedFilename(), content: await readFile(await download.path()) }
  }
}
