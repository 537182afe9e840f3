import type { Signal } from './dsp.ts'
import type { DemoFormat } from './plan.ts'

/**
 * A RIFF WAVE file of linear PCM: a 44-byte header, then the interleaved samples.
 * @param channels one array per channel, all of one length, within ±1 (what lies outside is clipped).
 */
export function encodePcm(channels: readonly Signal[], format: DemoFormat): Uint8Array {
  const frames = channels[0]?.length ?? 0
  const width = format.bits / 8
  const block = width * channels.length
  const size = frames * block
  const bytes = new Uint8Array(44 + size + (size % 2))
  const view = new DataView(bytes.buffer)
  writeText(bytes, 0, 'RIFF')
  view.setUint32(4, bytes.length - 8, true)
  writeText(bytes, 8, 'WAVEfmt ')
  view.setUint32(16, 16, true)
  view.setUint16(20, 1, true)
  view.setUint16(22, channels.length, true)
  view.setUint32(24, format.rate, true)
  view.setUint32(28, format.rate * block, true)
  view.setUint16(32, block, true)
  view.setUint16(34, format.bits, true)
  writeText(bytes, 36, 'data')
  view.setUint32(40, size, true)

  const top = 2 ** (format.bits - 1) - 1
  channels.forEach((samples, channel) => {
    let at = 44 + channel * width
    for (let i = 0; i < frames; i++) {
      const value = Math.round(Math.min(1, Math.max(-1, samples[i] ?? 0)) * top)
      if (width === 1) bytes[at] = value + 128
      else {
        bytes[at] = value & 255
        bytes[at + 1] = (value >> 8) & 255
        if (width === 3) bytes[at + 2] = (value >> 16) & 255
      }
      at += block
    }
  })
  return bytes
}

function writeText(bytes: Uint8Array, at: number, text: string): void {
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i)
}
