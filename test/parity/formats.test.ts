import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { decodeAudio } from '../../src-main/core/audio/decode.ts'
import { readAudioHeader } from '../../src-main/core/audio/header.ts'
import { distance, formatFile, formatReference, formats } from './feature-references.ts'

/**
 * Lossy codecs are computed in floats, in another order here than there. Versions and builds of libopus differ by more than the
 * others do (−84 dB), which RFC 6716 allows.
 */
const LARGEST_GAP: Record<string, number> = { VORBIS: 1e-5, MPEG_LAYER_III: 1e-5, OPUS: 1e-4 }

const CODECS: Record<string, string> = {
  PCM_S8: 'pcm-s8',
  PCM_U8: 'pcm8',
  PCM_16: 'pcm16',
  PCM_24: 'pcm24',
  PCM_32: 'pcm32',
  FLOAT: 'float32',
  DOUBLE: 'float64',
  ALAW: 'alaw',
  ULAW: 'mulaw',
  IMA_ADPCM: 'ima-adpcm',
  MS_ADPCM: 'ms-adpcm',
  VORBIS: 'vorbis',
  OPUS: 'opus',
  MPEG_LAYER_III: 'mp3',
}

const largest: Record<string, number> = {}
afterAll(() => console.info(`Largest gap to libsndfile: ${JSON.stringify(largest)}`))

describe('every form against libsndfile', () => {
  it.each(formats.files)('$name', async ({ name, subtype, sampleRateHz, channels, frames }) => {
    const header = await readAudioHeader(formatFile(name))
    const { container } = header
    const codec = container === 'flac' ? 'flac' : CODECS[subtype]
    expect(header).toMatchObject({ codec, sampleRateHz, channels, frames, truncated: false })
    expect(header.durationSeconds).toBeCloseTo(frames / sampleRateHz, 12)
    const decoded = await decodeAudio(readFileSync(formatFile(name)), name)
    expect(decoded).toMatchObject({ sampleRateHz, truncated: false })
    expect(decoded.channels.map((samples) => samples.length)).toEqual(Array(channels).fill(frames))
    const wanted = formatReference(name)
    const gaps = decoded.channels.map(
      (samples, channel) => distance(samples, wanted.subarray(channel * frames, (channel + 1) * frames)).max,
    )
    const gap = Math.max(...gaps)
    const kind = `${container} ${codec}`
    largest[kind] = Math.max(largest[kind] ?? 0, gap)
    expect(gap).toBeLessThanOrEqual(LARGEST_GAP[subtype] ?? 0)
  })

  it.each(formats.refused)('%s is refused by name, with a way out', async (name) => {
    const wanted = { code: 'unsupported-audio', message: expect.stringContaining(name) }
    const hint = expect.stringMatching(/Convert/)
    await expect(readAudioHeader(formatFile(name))).rejects.toMatchObject({ ...wanted, hint })
    await expect(decodeAudio(readFileSync(formatFile(name)), name)).rejects.toMatchObject({ ...wanted, hint })
  })
})
