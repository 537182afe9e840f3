import { readFileSync } from 'node:fs'
import { OggVorbisDecoder } from '@wasm-audio-decoders/ogg-vorbis'
import { describe, expect, it } from 'vitest'
import { decodeAudio } from '../../../src-main/core/audio/decode.ts'
import type { DecodedAudio } from '../../../src-main/core/audio/types.ts'
import { decodePlainVorbis } from '../../../src-main/core/audio/vorbis/decode-vorbis.ts'
import { oggPackets } from '../../../src-main/core/audio/vorbis/ogg-packets.ts'
import { createRandom, type Random } from '../../../src-main/core/ml/random.ts'
import {
  audioFile,
  distance,
  formatFile,
  realClip,
  vorbis,
  vorbisFile,
  vorbisReference,
} from '../../parity/feature-references.ts'
import { oggFile, vorbisGranules } from '../../support/ogg.ts'

/** Sums in another order than libvorbis'; samples are up to 1. */
const LARGEST_GAP = 1e-6

/** A whole file's packets, and where each ends. */
function partsOf(file: Uint8Array) {
  const read = oggPackets(file)
  const packets = read.map(({ bytes }) => bytes)
  return { packets, granules: vorbisGranules(packets, read.at(-1)?.granule ?? 0) }
}

/** Fails where the library would have to decode it. */
function decoded(file: Uint8Array): DecodedAudio {
  const audio = decodePlainVorbis(file)
  if (!audio) throw new Error('it is not decoded as a plain file')
  return audio
}

describe('the decoder of plain Ogg Vorbis files', () => {
  it.each(vorbis.files)('decodes $name as libsndfile does', ({ name, sampleRateHz }) => {
    const audio = decoded(readFileSync(vorbisFile(name)))
    const [channels = 0, frames = 0] = vorbis.arrays[name]?.shape ?? []
    expect(audio).toMatchObject({ sampleRateHz, truncated: false })
    expect(audio.channels.map(({ length }) => length)).toEqual(Array(channels).fill(frames))
    const wanted = vorbisReference(name)
    audio.channels.forEach((samples, channel) => {
      const gap = distance(samples, wanted.subarray(channel * frames, (channel + 1) * frames)).max
      expect(gap).toBeLessThan(LARGEST_GAP)
    })
  })

  const clips = [
    'esc10/audio/1-17150-A.ogg',
    'esc10/audio/1-110389-A.ogg',
    'esc10/audio/3-104632-A.ogg',
    'esc10/audio/5-151085-A.ogg',
  ]
  for (const { name, path, absent } of clips.map(realClip))
    it.skipIf(absent)(
      `decodes ${name} as the library${absent ? ' (not in ../shared/data)' : ''}`,
      async () => {
        const bytes = readFileSync(path)
        const { channels } = decoded(bytes)
        const library = new OggVorbisDecoder()
        await library.ready
        const { channelData } = await library.decodeFile(bytes)
        library.free()
        expect(channels).toHaveLength(1)
        expect(
          distance(channels[0] ?? new Float32Array(), channelData[0] ?? new Float32Array()).max,
        ).toBeLessThan(2 * LARGEST_GAP)
      },
    )

  it('is what decodes a file', async () => {
    const bytes = readFileSync(vorbisFile('best.ogg'))
    expect(await decodeAudio(bytes, 'best.ogg')).toEqual(decoded(bytes))
  })

  it('finds packets however pages part them, with checksums as the RFC defines them', () => {
    for (const name of ['middle.ogg', 'best.ogg', 'eight-channels.ogg']) {
      const file = readFileSync(vorbisFile(name))
      const { packets, granules } = partsOf(file)
      for (const segments of [1, 2, 7, 255])
        expect(decoded(oggFile(packets, granules, segments))).toEqual(decoded(file))
    }
  })

  it('keeps apart files of several setups that come in turns', () => {
    const files = vorbis.files.map(({ name }) => readFileSync(vorbisFile(name)))
    const first = files.map(decoded)
    for (let round = 0; round < 2; round++) expect(files.map(decoded)).toEqual(first)
  })
})

describe('a file that is not plain is left to the library', () => {
  const file = readFileSync(vorbisFile('middle.ogg'))
  const { packets, granules } = partsOf(file)
  const changed = (change: (bytes: Buffer) => void) => {
    const bytes = Buffer.from(file)
    change(bytes)
    return bytes
  }
  const withPacket = (index: number, bytes: Uint8Array) =>
    oggFile(
      packets.map((packet, at) => (at === index ? bytes : packet)),
      granules,
    )
  const lastPage = file.lastIndexOf('OggS')
  const odd: [why: string, bytes: Uint8Array][] = [
    [
      'a damaged byte',
      changed((bytes) => bytes.writeUInt8(bytes.readUInt8(file.length - 9) ^ 4, file.length - 9)),
    ],
    ['cut short', file.subarray(0, file.length - 20)],
    ['without its last page', file.subarray(0, lastPage)],
    ['a missing page', Buffer.concat([file.subarray(0, 58), file.subarray(lastPage)])],
    ['two streams, one behind the other', Buffer.concat([file, file])],
    ['more behind its end', Buffer.concat([file, Buffer.alloc(100)])],
    ['something before its beginning', Buffer.concat([Buffer.alloc(100), file])],
    [
      'a position ahead of the samples',
      oggFile(
        packets,
        granules.map((granule) => granule && granule + 1e6),
      ),
    ],
    [
      'a position behind them',
      oggFile(
        packets,
        granules.map((granule) => Math.max(0, granule - 1000)),
      ),
    ],
    ['a length that it cannot have', oggFile(packets, granules.with(-1, 2 ** 40))],
    ['a packet cut in its floors', withPacket(4, packets[4]?.subarray(0, 2) ?? new Uint8Array())],
    ['an empty packet', withPacket(4, new Uint8Array())],
    ['a header among the sound', withPacket(4, packets[0] ?? new Uint8Array())],
    ['a setup header cut short', withPacket(2, packets[2]?.subarray(0, 3000) ?? new Uint8Array())],
    ['no sound', oggFile(packets.slice(0, 3), granules)],
    ['Opus', readFileSync(formatFile('ogg-opus-48000-1ch.ogg'))],
    ['FLAC', readFileSync(audioFile('flac16-mono.flac'))],
    ['nothing', new Uint8Array()],
  ]
  it.each(odd)('%s', (_, bytes) => {
    expect(decodePlainVorbis(file)).toBeDefined()
    expect(decodePlainVorbis(bytes)).toBeUndefined()
  })
})

/** Bytes and bits changed, packets cut short or doubled; the checksums are right. */
function mutated(packets: readonly Uint8Array[], first: number, last: number, random: Random): Uint8Array[] {
  const changed = packets.map((packet) => Uint8Array.from(packet))
  for (let change = random.whole(5); change >= 0; change--) {
    const index = first + random.whole(last - first)
    const packet = changed[index] ?? new Uint8Array()
    const at = random.whole(packet.length || 1)
    switch (random.whole(4)) {
      case 0:
        packet[at] = random.whole(256)
        break
      case 1:
        packet[at] = (packet[at] ?? 0) ^ (1 << random.whole(8))
        break
      case 2:
        changed[index] = packet.subarray(0, at)
        break
      default:
        packet.set(packet.subarray(random.whole(packet.length || 1)).subarray(0, packet.length - at), at)
    }
  }
  return changed
}

describe('whatever the packets hold, it gives numbers or leaves the file to the library', () => {
  const sources = ['middle.ogg', 'best.ogg', 'three-channels.ogg', 'eight-channels.ogg', 'one-sample.ogg']
  /** Setups are laid out anew for each file. */
  const parts = [
    { what: 'headers', first: 0, count: 200 },
    { what: 'sound', first: 3, count: 200 },
  ]
  for (const { what, first, count } of parts)
    it.each(sources)(`${what} of %s`, (name) => {
      const file = readFileSync(vorbisFile(name))
      const { packets, granules } = partsOf(file)
      const wanted = decoded(file)
      let plain = 0
      for (let seed = 0; seed < count; seed++) {
        const mutant = mutated(packets, first, first === 0 ? 3 : packets.length, createRandom(seed))
        const audio = decodePlainVorbis(oggFile(mutant, granules))
        if (!audio) continue
        plain += 1
        for (const samples of audio.channels) {
          expect(samples.length).toBe(wanted.channels[0]?.length)
          if (!samples.every(Number.isFinite)) throw new Error(`mutation ${seed}: not a number`)
        }
        // Writing where it should not would change tables, which are kept.
        if (seed % 10 === 0) expect(decoded(file)).toEqual(wanted)
      }
      expect(plain).toBeGreaterThan(0)
      expect(decoded(file)).toEqual(wanted)
    })
})
