import type { WavFormat } from './wav-format.ts'

/** Both ADPCM forms of WAV, as the Microsoft multimedia standards update (RIFFNEW, 1994) defines them. */

const IMA_STEPS = Int16Array.from([
  7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88, 97,
  107, 118, 130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449, 494, 544, 598, 658, 724,
  796, 876, 963, 1060, 1166, 1282, 1411, 1552, 1707, 1878, 2066, 2272, 2499, 2749, 3024, 3327, 3660, 4026,
  4428, 4871, 5358, 5894, 6484, 7132, 7845, 8630, 9493, 10442, 11487, 12635, 13899, 15289, 16818, 18500,
  20350, 22385, 24623, 27086, 29794, 32767,
])
const IMA_INDEX = Int8Array.from([-1, -1, -1, -1, 2, 4, 6, 8])
const SCALE = 2 ** 15
const clip16 = (value: number) => Math.max(-32768, Math.min(32767, value))

/** @param data - sample data of the file; a last block that is cut short is left out */
export function decodeImaAdpcm(data: Uint8Array, format: WavFormat): Float32Array[] {
  const { channels, blockAlign, samplesPerBlock, frames } = format
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const out = Array.from({ length: channels }, () => new Float32Array(frames))
  const blocks = Math.floor(data.length / blockAlign)
  for (let block = 0; block < blocks; block++) {
    const start = block * blockAlign
    out.forEach((samples, channel) => {
      let value = view.getInt16(start + channel * 4, true)
      let index = Math.max(0, Math.min(88, view.getUint8(start + channel * 4 + 2)))
      let position = block * samplesPerBlock
      samples[position++] = value / SCALE
      for (let sample = 0; sample < samplesPerBlock - 1; sample++) {
        // Groups of eight samples, four bytes, channel after channel.
        const group = sample >> 3
        const offset = start + 4 * channels + (group * channels + channel) * 4 + ((sample & 7) >> 1)
        const nibble = offset < data.length ? (view.getUint8(offset) >> (sample & 1 ? 4 : 0)) & 15 : 0
        const step = IMA_STEPS[index] ?? 0
        let change = step >> 3
        if (nibble & 1) change += step >> 2
        if (nibble & 2) change += step >> 1
        if (nibble & 4) change += step
        value = clip16(nibble & 8 ? value - change : value + change)
        index = Math.max(0, Math.min(88, index + (IMA_INDEX[nibble & 7] ?? 0)))
        samples[position++] = value / SCALE
      }
    })
  }
  return out
}

const MS_ADAPT = Int16Array.from([
  230, 230, 230, 230, 307, 409, 512, 614, 768, 614, 512, 409, 307, 230, 230, 230,
])
const MS_COEFFICIENTS: readonly (readonly [number, number])[] = [
  [256, 0],
  [512, -256],
  [0, 0],
  [192, 64],
  [240, 0],
  [460, -208],
  [392, -232],
]
const MS_LEAST_DELTA = 16

/** @param data - sample data of the file; a last block that is cut short is left out */
export function decodeMsAdpcm(data: Uint8Array, format: WavFormat): Float32Array[] {
  const { channels, blockAlign, samplesPerBlock, frames } = format
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const out = Array.from({ length: channels }, () => new Float32Array(frames))
  const blocks = Math.floor(data.length / blockAlign)
  for (let block = 0; block < blocks; block++) {
    const start = block * blockAlign
    out.forEach((samples, channel) => {
      const [c1, c2] = MS_COEFFICIENTS[view.getUint8(start + channel)] ?? [0, 0]
      let delta = view.getInt16(start + channels + channel * 2, true)
      let last = view.getInt16(start + 3 * channels + channel * 2, true)
      let beforeLast = view.getInt16(start + 5 * channels + channel * 2, true)
      let position = block * samplesPerBlock
      samples[position++] = beforeLast / SCALE
      samples[position++] = last / SCALE
      for (let sample = 0; sample < samplesPerBlock - 2; sample++) {
        const place = sample * channels + channel
        const byte = view.getUint8(start + 7 * channels + (place >> 1))
        const nibble = place & 1 ? byte & 15 : byte >> 4
        const signed = nibble & 8 ? nibble - 16 : nibble
        const predicted = (last * c1 + beforeLast * c2) >> 8
        const value = clip16(predicted + signed * delta)
        beforeLast = last
        last = value
        delta = Math.max(MS_LEAST_DELTA, ((MS_ADAPT[nibble] ?? 0) * delta) >> 8)
        samples[position++] = value / SCALE
      }
    })
  }
  return out
}
