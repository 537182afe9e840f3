import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { decodeAiff, findAiffFormat } from '../../../src-main/core/audio/aiff.ts'
import { audioFile } from '../../parity/feature-references.ts'

const chunk = (id: string, ...parts: Uint8Array[]) => {
  const body = Buffer.concat(parts)
  const head = Buffer.alloc(8)
  head.write(id, 'latin1')
  head.writeUInt32BE(body.length, 4)
  return Buffer.concat([head, body, Buffer.alloc(body.length & 1)])
}

/** 44100 Hz as an 80-bit number. */
const RATE_44100 = [0x40, 0x0e, 0xac, 0x44, 0, 0, 0, 0, 0, 0]

function common(channels: number, frames: number, bits: number, compression?: string): Buffer {
  const body = Buffer.alloc(18)
  body.writeInt16BE(channels, 0)
  body.writeUInt32BE(frames, 2)
  body.writeInt16BE(bits, 6)
  body.set(RATE_44100, 8)
  return chunk('COMM', body, Buffer.from(compression ? `${compression}\x00\x00` : '', 'latin1'))
}

const sound = (data: number[], lead = 0) =>
  chunk('SSND', Buffer.from([0, 0, 0, lead, 0, 0, 0, 0]), Buffer.alloc(lead, 0x55), Buffer.from(data))
const form = (kind: 'AIFF' | 'AIFC', ...chunks: Buffer[]) =>
  Buffer.concat([chunk('FORM', Buffer.from(kind), ...chunks)])

describe('AIFF', () => {
  it('takes chunks in any order, padded ones, and an offset before the sound', () => {
    const file = form(
      'AIFF',
      chunk('NAME', Buffer.from('odd')),
      sound([0x40, 0, 0xc0, 0], 6),
      common(2, 1, 16),
    )
    const decoded = decodeAiff(file, 'a.aiff')
    expect(decoded).toMatchObject({ sampleRateHz: 44_100, truncated: false })
    expect(decoded.channels.map((samples) => [...samples])).toEqual([[0.5], [-0.5]])
  })

  it.each([
    ['sowt', 16, [0x00, 0x40], 0.5],
    ['twos', 16, [0x40, 0x00], 0.5],
    ['NONE', 24, [0xc0, 0, 0], -0.5],
    ['NONE', 12, [0x40, 0x00], 0.5],
    ['in24', 24, [0x40, 0, 0], 0.5],
    ['42n1', 24, [0, 0, 0x40], 0.5],
    ['in32', 32, [0x40, 0, 0, 0], 0.5],
    ['23ni', 32, [0, 0, 0, 0xc0], -0.5],
    ['sowt', 32, [0, 0, 0, 0xc0], -0.5],
    ['raw ', 8, [0xc0], 0.5],
    ['NONE', 8, [0xc0], -0.5],
    ['fl32', 32, [0x3f, 0, 0, 0], 0.5],
    ['FL64', 64, [0x3f, 0xe0, 0, 0, 0, 0, 0, 0], 0.5],
    ['fl32', 32, [0x7f, 0xc0, 0, 0], 0],
  ])('AIFF-C %s of %i bits', (compression, bits, data, wanted) => {
    const file = form('AIFC', common(1, 1, bits, compression), sound(data))
    expect([...(decodeAiff(file, 'a.aifc').channels[0] ?? [])]).toEqual([wanted])
  })

  it('decodes a file that is cut short as far as it goes, and flags it', async () => {
    const whole = await readFile(audioFile('pcm16-stereo.aiff'))
    const cut = decodeAiff(whole.subarray(0, whole.length - 1001), 'cut.aiff')
    expect(cut.truncated).toBe(true)
    const frames = 1000 - Math.ceil(1001 / 4)
    expect(cut.channels.map((samples) => samples.length)).toEqual([frames, frames])
    expect(cut.channels[1]).toEqual(decodeAiff(whole, 'whole.aiff').channels[1]?.subarray(0, frames))
  })

  const stated = { chunkSize: 12, frames: 2, tail: [] as number[] }
  it.each([
    ['neither length, as of a recorder that was stopped', { chunkSize: 0, frames: 0 }, 2, true],
    ['no chunk length', { chunkSize: 0 }, 2, false],
    ['a chunk length of the header alone', { chunkSize: 8 }, 2, false],
    ['a chunk length beyond the end', { chunkSize: 0xffffffff }, 2, false],
    ['a chunk length beyond what follows', { chunkSize: 0xffff, tail: [1, 2, 3, 4] }, 2, false],
    ['no number of samples', { frames: 0 }, 2, false],
    ['another number of samples', { frames: 1 }, 2, false],
    ['both lengths beyond the end', { chunkSize: 100, frames: 50 }, 2, true],
    ['a shorter chunk', { chunkSize: 10 }, 1, false],
  ])('reads a file that states %s', (_, given, frames, truncated) => {
    const { chunkSize, frames: statedFrames, tail } = { ...stated, ...given }
    const file = form('AIFF', common(1, statedFrames, 16), sound([0x40, 0, 0x20, 0]))
    file.writeUInt32BE(chunkSize, file.indexOf('SSND') + 4)
    const decoded = decodeAiff(Buffer.concat([file, Buffer.from(tail)]), 'a.aiff')
    expect([...(decoded.channels[0] ?? [])]).toEqual([0.5, 0.25].slice(0, frames))
    expect(decoded.truncated).toBe(truncated)
  })

  it.each([
    ['unsupported-audio', form('AIFC', common(1, 1, 16, 'ima4'), sound([0, 0]))],
    ['unsupported-audio', form('AIFF', common(1, 1, 64), sound([0, 0]))],
    ['unreadable-audio', form('AIFF', common(0, 1, 16), sound([0, 0]))],
    ['unreadable-audio', form('AIFF', common(33, 1, 16), sound([0, 0]))],
    ['unreadable-audio', form('AIFF', common(1, 1, 16))],
    ['unreadable-audio', form('AIFF', sound([0, 0]))],
    ['unreadable-audio', form('AIFF', chunk('COMM', Buffer.alloc(4)), sound([0, 0]))],
  ])('refuses with %s', (code, file) => {
    expect(() => decodeAiff(file, 'a.aiff')).toThrow(expect.objectContaining({ code }))
  })

  it('asks for a few bytes only', async () => {
    const whole = await readFile(audioFile('pcm24-mono.aiff'))
    const search = findAiffFormat(whole.length, 'a.aiff')
    let asked = 0
    let answer = search.next()
    while (!answer.done) {
      asked += answer.value.length
      answer = search.next(whole.subarray(answer.value.offset, answer.value.offset + answer.value.length))
    }
    expect(asked).toBeLessThan(100)
  })
})
