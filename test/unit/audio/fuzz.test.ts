import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { SoundfoldError } from '../../../src-main/contract/errors.ts'
import { decodeAudio } from '../../../src-main/core/audio/decode.ts'
import { decodeMono } from '../../../src-main/core/audio/decode-mono.ts'
import { createRandom, type Random } from '../../../src-main/core/ml/random.ts'
import { audioFile, references } from '../../parity/feature-references.ts'

/** In all; the WebAssembly decoders, which start anew after each file, take the smaller share. */
const MUTATIONS = 10_000
const LOSSY_SHARE = 0.2
/**
 * Samples that a byte can stand for: ADPCM has two a byte, FLAC's and Opus' longest frames of silence take a few bytes, and MP3's
 * and Vorbis' least frame is some ten bytes.
 */
const MAX_SAMPLES_A_BYTE = { wav: 4, aiff: 2, flac: 6000, ogg: 3000, mp3: 100 }

const files = references.files.map(({ name }) => ({ name, bytes: readFileSync(audioFile(name)) }))
const isLossy = (name: string) => /\.(ogg|mp3|flac)$/.test(name)

/** Numbers that parsers trip over. */
const ODD_NUMBERS = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff]

/** One to four changes: bytes, numbers, parts left out, doubled or moved; half of them in the first 64 bytes. */
function mutated(original: Buffer, random: Random): Buffer {
  let bytes = Buffer.from(original)
  for (let change = random.whole(4); change >= 0; change--) {
    const reach = random.whole(2) ? Math.min(64, bytes.length) : bytes.length
    const at = random.whole(Math.max(1, reach))
    const length = 1 + random.whole(random.whole(2) ? 8 : 400)
    switch (random.whole(7)) {
      case 0:
        bytes[at] = random.whole(256)
        break
      case 1:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random.whole(8))
        break
      case 2: {
        const value = ODD_NUMBERS[random.whole(ODD_NUMBERS.length)] ?? 0
        if (at + 4 <= bytes.length) bytes[random.whole(2) ? 'writeUInt32LE' : 'writeUInt32BE'](value, at)
        break
      }
      case 3:
        bytes = bytes.subarray(0, at)
        break
      case 4:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)])
        break
      case 5:
        bytes = Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)])
        break
      default: {
        const from = random.whole(Math.max(1, bytes.length))
        bytes.copy(bytes, at, from, Math.min(bytes.length, from + length))
      }
    }
  }
  return bytes
}

const outcomes = { decoded: 0, truncated: 0, refused: 0 }
afterAll(() => console.info(`Of the mutated files: ${JSON.stringify(outcomes)}`))

/** Decodes to finite samples in proportion to the file, or is refused with a typed error that names the file. */
async function tryFile(name: string, bytes: Buffer): Promise<void> {
  try {
    const { channels, truncated } = await decodeAudio(bytes, name)
    const samples = channels.reduce((sum, channel) => sum + channel.length, 0)
    const container = name.slice(name.lastIndexOf('.') + 1) as keyof typeof MAX_SAMPLES_A_BYTE
    expect(samples / Math.max(1, bytes.length)).toBeLessThanOrEqual(MAX_SAMPLES_A_BYTE[container])
    for (const channel of channels) if (!channel.every(Number.isFinite)) throw new Error('not a number')
    if (channels[0]?.length) expect((await decodeMono(bytes, name)).samples.length).toBe(channels[0].length)
    outcomes[truncated ? 'truncated' : 'decoded'] += 1
  } catch (error) {
    if (!(error instanceof SoundfoldError)) throw error
    expect(['unreadable-audio', 'unsupported-audio']).toContain(error.code)
    expect(error.message).toContain(name)
    outcomes.refused += 1
  }
}

// libopus' wrapper tells each bad packet there.
beforeAll(() => void vi.spyOn(console, 'error').mockImplementation(() => {}))

describe('files with errors of every kind', () => {
  it.each(files)('$name', { timeout: 120_000 }, async ({ name, bytes }) => {
    const alike = files.filter((other) => isLossy(other.name) === isLossy(name)).length
    const share = isLossy(name) ? LOSSY_SHARE : 1 - LOSSY_SHARE
    const count = Math.ceil((MUTATIONS * share) / alike)
    for (let seed = 0; seed < count; seed++) {
      const mutant = mutated(bytes, createRandom(seed))
      await tryFile(name, mutant).catch((error: unknown) => {
        throw new Error(`${name}, mutation ${seed}: ${error}`, { cause: error })
      })
    }
  })
})
