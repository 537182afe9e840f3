import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { decodeAudio } from '../../../src-main/core/audio/decode.ts'
import { openSamples } from '../../../src-main/core/recording/sample-source.ts'

const folder = fileURLToPath(new URL('../../parity/data/audio/', import.meta.url))
const files = readdirSync(folder).filter((name) => /\.(wav|aiff|flac|ogg|mp3)$/.test(name))

describe('samples from any place on', () => {
  it.each(files)('%s: those of the whole file', async (name) => {
    const whole = await decodeAudio(await readFile(folder + name), name)
    const source = await openSamples(folder + name)
    try {
      const frames = whole.channels[0]?.length ?? 0
      expect(source).toMatchObject({
        channels: whole.channels.length,
        sampleRateHz: whole.sampleRateHz,
        frames,
      })
      for (const [from, count] of [
        [0, 100],
        [777, 1500],
        [frames - 10, 10],
      ] as const)
        expect(source.read(from, count)).toEqual(
          whole.channels.map((samples) => {
            const part = new Float32Array(count)
            part.set(samples.subarray(from, from + count))
            return part
          }),
        )
      const over = source.read(-5, frames + 20)
      expect(over[0]?.length).toBe(frames + 20)
      expect([over[0]?.[4], over[0]?.[5], over[0]?.[frames + 5]]).toEqual([0, whole.channels[0]?.[0], 0])
    } finally {
      source.close()
    }
  })

  it('says which file is not there', async () => {
    await expect(openSamples(`${folder}no-such.wav`)).rejects.toThrow('no-such.wav')
  })
})
