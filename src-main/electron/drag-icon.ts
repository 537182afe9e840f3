import { type NativeImage, nativeImage } from 'electron'

const SIZE = 32
/** Heights of the bars of a small waveform, of the icon's. */
const BARS = [0.3, 0.6, 0.95, 0.5, 0.8, 0.4, 0.2]
/** Blue, green, red, opacity: the accent of the window. */
const COLOUR = [0x7a, 0x6b, 0x0b, 0xff]

/** What hangs on the pointer while a clip is dragged out; a drag without an icon is refused. */
export function dragIcon(): NativeImage {
  const pixels = Buffer.alloc(SIZE * SIZE * 4)
  for (const [bar, share] of BARS.entries()) {
    const height = Math.round(share * SIZE)
    for (let y = Math.floor((SIZE - height) / 2); y < (SIZE + height) / 2; y++)
      for (let x = 2 + bar * 4; x < 4 + bar * 4; x++) pixels.set(COLOUR, 4 * (y * SIZE + x))
  }
  return nativeImage.createFromBitmap(pixels, { width: SIZE, height: SIZE })
}
