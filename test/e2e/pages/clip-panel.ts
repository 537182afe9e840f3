import type { Locator, Page } from 'playwright-core'

/** Sound and pictures of one clip, in the library or beside the confusion matrix. */
export class ClipPanel {
  readonly page: Page
  readonly audio: Locator

  constructor(page: Page) {
    this.page = page
    this.audio = page.locator('audio')
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
      const pixels = element.getContext('2d')?.getImageData(0, 0, element.width, element.height).data
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
}
