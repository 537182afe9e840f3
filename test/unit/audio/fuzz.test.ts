import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { SoundfoldError } from '../../../src-main/contract/errors.ts'
import { decodeAudio } from '../../../src-main/core/audio/decode.ts'
import { decodeMono } from '../../../src-main/core/audio/decode-mono.ts'
import { decodeStream } from '../../../src-main/core/audio/decode-stream.ts'
import { readAudioHeader, sniffContainer } from '../../../src-main/core/audio/header.ts'
import { createRandom, type Random } from '../../../src-main/core/ml/random.ts'
import { audioFile, formatFile, formats, references } from '../../parity/feature-references.ts'

/** In all; the WebAssembly decoders, which start anew after each file, take the smaller share. */
const MUTATIONS = 10_000
const LOSSY_SHARE = 0.15
/** Each so manieth file is decoded block by block as well. */
const STREAMED_EACH = 2
/**
 * Samples over all channels that a byte can stand for. ADPCM has two a byte, and one in the header of a block that holds little
 * more. FLAC's longest frame of silence is 8 × 65 535 samples in 26 bytes, Opus' 255 × 5760 in the 255 packets of a page, of
 * a byte and more each; MP3's least frame is 2 × 1152 in 24 bytes, and Vorbis' packets have 8192 a channel in two bytes or more.
 */
const MAX_SAMPLES_A_BYTE = { wav: 4, aiff: 4, flac: 20_165, ogg: 5760, mp3: 96 }
/** What one file may take, in ms, on a machine that is busy with other tests. */
const MOST_MS = 3000

const files = [
  ...references.files.map(({ name }) => ({ name, bytes: readFileSync(audioFile(name)) })),
  ...formats.files.map(({ name }) => ({ name, bytes: readFileSync(formatFile(name)) })),
]
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

const outcomes = { decoded: 0, truncated: 0, refused: 0, mostMs: 0 }
afterAll(() => console.info(`Of the mutated files: ${JSON.stringify(outcomes)}`))

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'soundfold-fuzz-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** @returns undefined where the work refuses the file with a typed error that names it */
async function unlessRefused<T>(work: Promise<T>, name: string): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (!(error instanceof SoundfoldError)) throw error
    expect(['unreadable-audio', 'unsupported-audio']).toContain(error.code)
    expect(error.message).toContain(name)
    return undefined
  }
}

/** @returns the number of samples, all of them numbers and no more than the file can stand for */
function countSamples(channels: readonly Float32Array[], bytes: Buffer): number {
  const samples = channels.reduce((sum, channel) => sum + channel.length, 0)
  const container = sniffContainer(bytes) ?? 'wav'
  expect(samples).toBeLessThanOrEqual(MAX_SAMPLES_A_BYTE[container] * bytes.length)
  // The sum is no number as soon as one sample is none.
  for (const channel of channels) {
    let sum = 0
    for (let index = 0; index < channel.length; index++) sum += channel[index] ?? 0
    if (!Number.isFinite(sum)) throw new Error('not a number')
  }
  return samples
}

async function streamed(path: string, bytes: Buffer): Promise<number> {
  let samples = 0
  for await (const { channels } of decodeStream(path, undefined, 1024))
    samples += countSamples(channels, bytes)
  return samples
}

/** Every way to read the file gives numbers in proportion to it, or refuses it with a typed error that names it. */
async function tryFile(name: string, bytes: Buffer, inBlocks: boolean): Promise<void> {
  const path = join(folder, name)
  await writeFile(path, bytes)
  const start = performance.now()
  const header = await unlessRefused(readAudioHeader(path), name)
  const decoded = await unlessRefused(decodeAudio(bytes, name), name)
  // Of other files it is decodeAudio and a mean.
  const mono = isLossy(name) ? undefined : await unlessRefused(decodeMono(bytes, name), name)
  const blocks = inBlocks ? await unlessRefused(streamed(path, bytes), name) : undefined
  const ms = performance.now() - start
  expect(ms).toBeLessThan(MOST_MS)
  outcomes.mostMs = Math.max(outcomes.mostMs, Math.round(ms))
  if (header) expect(Number.isFinite(header.durationSeconds) && header.durationSeconds >= 0).toBe(true)
  if (!decoded) {
    outcomes.refused += 1
    return
  }
  const samples = countSamples(decoded.channels, bytes)
  if (mono && decoded.channels[0]?.length) expect(mono.samples.length).toBe(decoded.channels[0].length)
  // A parser of frames finds its way back into damaged ones elsewhere when it gets them in parts.
  if (inBlocks && !isLossy(name)) expect(blocks ?? 0).toBe(samples)
  outcomes[decoded.truncated ? 'truncated' : 'decoded'] += 1
}

// libopus' wrapper tells each bad packet there.
beforeAll(() => void vi.spyOn(console, 'error').mockImplementation(() => {}))

describe('files with errors of every kind', () => {
  it.each(files)('$name', async ({ name, bytes }) => {
    const alike = files.filter((other) => isLossy(other.name) === isLossy(name)).length
    const share = isLossy(name) ? LOSSY_SHARE : 1 - LOSSY_SHARE
    const count = Math.ceil((MUTATIONS * share) / alike)
    for (let seed = 0; seed < count; seed++) {
      const mutant = mutated(bytes, createRandom(seed))
      await tryFile(name, mutant, seed % STREAMED_EACH === 0).catch((error: unknown) => {
        throw new Error(`${name}, mutation ${seed}: ${error}`, { cause: error })
      })
    }
  })
})
