import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SoundfoldError } from '../../../src-main/contract/errors.ts'
import { decodeAudio } from '../../../src-main/core/audio/decode.ts'
import { readAudioHeader } from '../../../src-main/core/audio/header.ts'
import { encodeWav } from '../../../src-main/core/audio/wav-encode.ts'
import { findWavFormat, parseWav } from '../../../src-main/core/audio/wav-format.ts'
import { audioFile, references } from '../../parity/feature-references.ts'
import { noise } from '../../parity/signals.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'soundfold-header-test-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function fileOf(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, bytes)
  return path
}

function chunk(id: string, body: Uint8Array, claimedBytes = body.length): Buffer {
  const head = Buffer.alloc(8)
  head.write(id, 'latin1')
  head.writeUInt32LE(claimedBytes, 4)
  return Buffer.concat([head, body, Buffer.alloc(body.length % 2)])
}

function riff(...chunks: Uint8Array[]): Buffer {
  const body = Buffer.concat([Buffer.from('WAVE'), ...chunks])
  return chunk('RIFF', body)
}

interface Fields {
  tag?: number
  channels?: number
  rateHz?: number
  bits?: number
  blockAlign?: number
}

/** A fmt chunk; blockAlign fits unless given. */
function format({ tag = 1, channels = 1, rateHz = 22_050, bits = 16, ...given }: Fields) {
  const blockAlign = given.blockAlign ?? (channels * bits) / 8
  const body = Buffer.alloc(16)
  body.writeUInt16LE(tag, 0)
  body.writeUInt16LE(channels, 2)
  body.writeUInt32LE(rateHz, 4)
  body.writeUInt32LE(rateHz * blockAlign, 8)
  body.writeUInt16LE(blockAlign, 12)
  body.writeUInt16LE(bits, 14)
  return chunk('fmt ', body)
}

const samples = noise(100)
/** Of encodeWav: 100 samples, mono. */
const pcm = Buffer.from(encodeWav([samples], 22_050)).subarray(44)

const CODECS: Record<string, [codec: string, bits: number | null]> = {
  pcm8: ['pcm8', 8],
  pcm16: ['pcm16', 16],
  pcm24: ['pcm24', 24],
  pcm32: ['pcm32', 32],
  float32: ['float32', 32],
  'pcm-s8': ['pcm-s8', 8],
  float64: ['float64', 64],
  alaw: ['alaw', 8],
  mulaw: ['mulaw', 8],
  ima: ['ima-adpcm', 4],
  ms: ['ms-adpcm', 4],
  flac16: ['flac', 16],
  flac24: ['flac', 24],
  vorbis: ['vorbis', null],
  opus: ['opus', null],
  mp3: ['mp3', null],
}

describe('the header', () => {
  it.each(references.files)('of $name says what libsndfile reads', async (wanted) => {
    const { name, sampleRateHz, channels, frames } = wanted
    const key = name === 'pcm8-stereo.aiff' ? 'pcm-s8' : (name.split('-')[0] ?? '')
    const [codec, bitsPerSample] = CODECS[key] ?? []
    const header = await readAudioHeader(audioFile(name))
    const container = name.slice(name.lastIndexOf('.') + 1)
    expect(header).toMatchObject({ container, codec, sampleRateHz, channels, bitsPerSample })
    expect(header).toMatchObject({ frames, truncated: false })
    expect(header.durationSeconds).toBeCloseTo(frames / sampleRateHz, 12)
  })

  it('goes by content, not by name', async () => {
    const path = join(folder, 'really-vorbis.wav')
    await copyFile(audioFile('vorbis-mono.ogg'), path)
    expect(await readAudioHeader(path)).toMatchObject({ container: 'ogg', codec: 'vorbis' })
    const decoded = await decodeAudio(await readFile(path), 'really-vorbis.wav')
    expect(decoded.channels[0]?.length).toBe(6000)
  })

  it('is found behind odd, unknown and reordered chunks', async () => {
    const bytes = riff(
      chunk('JUNK', new Uint8Array(7)),
      chunk('LIST', Buffer.from('INFOISFT\x05\0\0\0Lavf\0')),
      chunk('data', pcm),
      format({}),
      chunk('id3 ', new Uint8Array(11)),
    )
    expect(await readAudioHeader(await fileOf('odd.wav', bytes))).toMatchObject({
      codec: 'pcm16',
      frames: 100,
    })
    const decoded = await decodeAudio(bytes, 'odd.wav')
    expect(decoded.truncated).toBe(false)
    expect(decoded.channels[0]?.[99]).toBeCloseTo(samples[99] ?? Number.NaN, 4)
  })

  const large = new Uint8Array(100_001)
  it.each([
    ['a picture before the samples', riff(format({}), chunk('id3 ', large), chunk('data', pcm)), 100],
    ['long samples before the format', riff(chunk('data', large.subarray(1)), format({})), 50_000],
  ])('is found behind %s, without reading that', async (name, bytes, frames) => {
    expect(await readAudioHeader(await fileOf('far.wav', bytes)), name).toMatchObject({ frames })
    const asked: number[] = []
    const search = findWavFormat(bytes.length, name)
    for (let next = search.next(); !next.done; ) {
      const { offset, length } = next.value
      asked.push(length)
      next = search.next(bytes.subarray(offset, offset + length))
    }
    expect(asked.reduce((sum, length) => sum + length)).toBeLessThan(100)
  })

  it('is found behind a long ID3 tag', async () => {
    const audio = await readFile(audioFile('mp3-mono.mp3'))
    // 100 000 bytes in sevens of bits.
    const tag = Buffer.concat([Buffer.from('ID3\x04\0\0\0\x06\x0d\x20', 'latin1'), Buffer.alloc(100_000)])
    const whole = await readAudioHeader(audioFile('mp3-mono.mp3'))
    const bytes = Buffer.concat([tag, audio])
    expect(await readAudioHeader(await fileOf('tagged.mp3', bytes))).toEqual(whole)
    expect((await decodeAudio(bytes, 'tagged.mp3')).channels[0]?.length).toBe(whole.frames)
  })

  it('leaves chunks and stray bytes after the samples alone', async () => {
    const bytes = Buffer.concat([
      riff(format({}), chunk('data', pcm), chunk('cue ', new Uint8Array(5))),
      Buffer.alloc(3, 7),
    ])
    expect(await decodeAudio(bytes, 'tail.wav')).toMatchObject({ truncated: false })
    expect(await readAudioHeader(await fileOf('tail.wav', bytes))).toMatchObject({ frames: 100 })
  })
})

describe('a WAV file', () => {
  it.each([
    [1, 1000],
    [1, 4000],
    [2, 384_000],
    [8, 768_000],
    [32, 96_000],
  ])('has %i channels at %i Hz', async (channels, rateHz) => {
    const bytes = encodeWav(
      Array.from({ length: channels }, (_, channel) => new Float32Array(3).fill(channel / 32)),
      rateHz,
    )
    const path = await fileOf('wide.wav', bytes)
    expect(await readAudioHeader(path)).toMatchObject({ channels, sampleRateHz: rateHz, frames: 3 })
    const decoded = await decodeAudio(bytes, 'wide.wav')
    expect(decoded.channels.map((values) => values[2])).toEqual(
      decoded.channels.map((_, channel) => channel / 32),
    )
  })

  it.each([
    [0, 44_100],
    [33, 44_100],
    [1, 999],
    [1, 768_001],
  ])('of %i channels at %i Hz is refused', async (channels, rateHz) => {
    const bytes = riff(format({ channels, rateHz }), chunk('data', new Uint8Array(132)))
    await expect(decodeAudio(bytes, 'odd.wav')).rejects.toMatchObject({ code: 'unreadable-audio' })
  })

  it.each([
    ['RF64', 0xffffffff],
    ['BW64', 0xffffffff],
    // Recorders reserve the chunk and fill it only beyond 4 GiB.
    ['RF64', 200],
  ])('of %s, its data chunk stating %i bytes', async (id, stated) => {
    const sizes = Buffer.alloc(28)
    sizes.writeBigUInt64LE(200n, 8)
    const tail = chunk('LIST', Buffer.from('INFO'))
    const bytes = riff(chunk('ds64', sizes), format({}), chunk('data', pcm, stated), tail)
    bytes.write(id, 'latin1')
    bytes.writeUInt32LE(0xffffffff, 4)
    const path = await fileOf('long.wav', bytes)
    expect(await readAudioHeader(path)).toMatchObject({ frames: 100, truncated: false })
    const wanted = (await decodeAudio(riff(format({}), chunk('data', pcm)), 'short.wav')).channels
    expect((await decodeAudio(bytes, 'long.wav')).channels).toEqual(wanted)
  })

  it.each(['ima-adpcm-stereo.wav', 'ms-adpcm-stereo.wav'])('%s needs no fact chunk', async (name) => {
    const whole = await readFile(audioFile(name))
    const at = whole.indexOf('fact')
    const bytes = Buffer.concat([whole.subarray(0, at), whole.subarray(at + 8 + whole.readUInt32LE(at + 4))])
    bytes.writeUInt32LE(bytes.length - 8, 4)
    expect(bytes.includes('fact')).toBe(false)
    expect(await decodeAudio(bytes, name)).toEqual(await decodeAudio(whole, name))
  })
})

describe('a damaged WAV file', () => {
  it('that is cut short gives what there is, flagged', async () => {
    const whole = riff(format({}), chunk('data', pcm))
    const cut = whole.subarray(0, whole.length - 81)
    const decoded = await decodeAudio(cut, 'cut.wav')
    expect(decoded.truncated).toBe(true)
    expect(decoded.channels[0]?.length).toBe(59)
    expect(await readAudioHeader(await fileOf('cut.wav', cut))).toMatchObject({ frames: 59 })
  })

  it.each([0x7fffffff, 0xffffffff])('that promises %i bytes of data gives what there is', async (claimed) => {
    const bytes = riff(format({}), chunk('data', pcm, claimed))
    const { frames, truncated } = parseWav(bytes, 'promise.wav')
    expect(frames).toBe(100)
    // All ones stand for a length unknown when the header was written: streaming, not damage.
    expect(truncated).toBe(claimed !== 0xffffffff)
  })

  it('that promises less than it has gives what it promises', async () => {
    const bytes = riff(format({}), chunk('data', pcm, 20))
    expect((await decodeAudio(bytes, 'less.wav')).channels[0]?.length).toBe(10)
  })

  const broken: Record<string, [bytes: Uint8Array, code: string, text: RegExp]> = {
    'zero.wav': [new Uint8Array(), 'unreadable-audio', /zero\.wav.*empty/],
    'text.wav': [Buffer.from('this is not a sound at all\n'), 'unreadable-audio', /text\.wav.*not WAV/],
    'no-fmt.wav': [riff(chunk('data', pcm)), 'unreadable-audio', /no fmt chunk/],
    'no-data.wav': [riff(format({})), 'unreadable-audio', /no data chunk/],
    'head-only.wav': [riff(format({})).subarray(0, 20), 'unreadable-audio', /head-only\.wav/],
    'short-fmt.wav': [
      riff(chunk('fmt ', new Uint8Array(8)), chunk('data', pcm)),
      'unreadable-audio',
      /cut short/,
    ],
    'no-channels.wav': [
      riff(format({ channels: 0, blockAlign: 2 }), chunk('data', pcm)),
      'unreadable-audio',
      /0 channels/,
    ],
    'no-rate.wav': [riff(format({ rateHz: 0 }), chunk('data', pcm)), 'unreadable-audio', /0 Hz/],
    'block.wav': [riff(format({ blockAlign: 3 }), chunk('data', pcm)), 'unreadable-audio', /block size of 3/],
    'no-block.wav': [
      riff(format({ blockAlign: 0 }), chunk('data', pcm)),
      'unreadable-audio',
      /block size of 0/,
    ],
    'gsm.wav': [
      riff(format({ tag: 0x31, bits: 0, blockAlign: 65 }), chunk('data', pcm)),
      'unsupported-audio',
      /0x31/,
    ],
    'bits.wav': [
      riff(format({ bits: 12, blockAlign: 2 }), chunk('data', pcm)),
      'unsupported-audio',
      /12 bits/,
    ],
  }

  it.each(Object.entries(broken))('%s is refused by name', async (name, [bytes, code, text]) => {
    const failures = await Promise.allSettled([
      readAudioHeader(await fileOf(name, bytes)),
      decodeAudio(bytes, name),
    ])
    for (const failure of failures) {
      const reason: unknown = failure.status === 'rejected' ? failure.reason : 'it was read'
      expect(reason).toBeInstanceOf(SoundfoldError)
      expect(reason).toMatchObject({ code, message: expect.stringMatching(text) })
    }
  })

  it.each([0, 36])(
    'whose recorder was stopped before it wrote the lengths (RIFF: %i) is taken whole',
    async (riff) => {
      const samples = noise(1000)
      const bytes = Buffer.from(encodeWav([samples], 8000))
      const whole = await decodeAudio(bytes, 'whole.wav')
      bytes.writeUInt32LE(riff, 4)
      bytes.writeUInt32LE(0, 40)
      const path = await fileOf('stopped.wav', bytes)
      expect(await readAudioHeader(path)).toMatchObject({ frames: 1000, truncated: true })
      const decoded = await decodeAudio(bytes, 'stopped.wav')
      expect(decoded).toEqual({ ...whole, truncated: true })
    },
  )

  it('without samples has no header to show', async () => {
    const path = await fileOf('none.wav', riff(format({}), chunk('data', new Uint8Array())))
    await expect(readAudioHeader(path)).rejects.toMatchObject({ code: 'unreadable-audio' })
  })

  it('that is missing is named', async () => {
    await expect(readAudioHeader(join(folder, 'gone.wav'))).rejects.toMatchObject({
      code: 'missing-file',
      message: expect.stringContaining('gone.wav'),
    })
  })
})

describe('a damaged compressed file', () => {
  it.each(['vorbis-stereo.ogg', 'flac16-mono.flac', 'mp3-mono.mp3'])(
    '%s cut to its first bytes is refused',
    async (name) => {
      const head = (await readFile(audioFile(name))).subarray(0, 20)
      // An MP3 file has no header but that of its first frame, which is still there.
      if (!name.endsWith('mp3'))
        await expect(readAudioHeader(await fileOf(`head-${name}`, head))).rejects.toBeInstanceOf(
          SoundfoldError,
        )
      await expect(decodeAudio(head, name)).rejects.toBeInstanceOf(SoundfoldError)
    },
  )

  it.each(['vorbis-stereo.ogg', 'flac16-mono.flac'])(
    '%s cut in the middle never throws anything unknown, and the next file decodes',
    async (name) => {
      const whole = await readFile(audioFile(name))
      const cut = whole.subarray(0, Math.floor(whole.length * 0.7))
      const outcome = await decodeAudio(cut, name).catch((error: unknown) => error)
      if (!(outcome instanceof SoundfoldError)) expect(outcome).toMatchObject({ truncated: true })
      const frames = references.files.find((file) => file.name === name)?.frames
      expect((await decodeAudio(whole, name)).channels[0]?.length).toBe(frames)
    },
  )

  it.each(['vorbis-stereo.ogg', 'mp3-stereo.mp3'])('%s cut in the middle is flagged', async (name) => {
    const whole = await readFile(audioFile(name))
    // An Ogg file needs a whole page with sound left: the stream again, its last byte missing.
    const cut = name.endsWith('ogg')
      ? Buffer.concat([whole, whole]).subarray(0, -1)
      : whole.subarray(0, whole.length / 2)
    const full = await readAudioHeader(audioFile(name))
    const header = await readAudioHeader(await fileOf(`cut-${name}`, cut))
    expect(header.truncated).toBe(true)
    expect(header.durationSeconds).toBeLessThanOrEqual(full.durationSeconds)
  })

  describe.each(['flac16-mono.flac', 'flac24-stereo.flac'])('%s', (name) => {
    const whole = () => readFile(audioFile(name))
    const wanted = references.files.find((file) => file.name === name)

    it('whose encoder left the length open has that of its last frame', async () => {
      const bytes = await whole()
      bytes.writeUInt8(bytes.readUInt8(21) & 0xf0, 21)
      bytes.writeUInt32BE(0, 22)
      const path = await fileOf(`open-${name}`, bytes)
      expect(await readAudioHeader(path)).toMatchObject({ frames: wanted?.frames, truncated: false })
    })

    it('that promises more than its last frame is flagged', async () => {
      const bytes = await whole()
      bytes.writeUInt32BE(1e6, 22)
      const { frames, durationSeconds, truncated } = await readAudioHeader(await fileOf(`cut-${name}`, bytes))
      expect([frames, truncated]).toEqual([null, true])
      expect(durationSeconds).toBeLessThan((wanted?.frames ?? 0) / (wanted?.sampleRateHz ?? 1))
      expect((await decodeAudio(bytes, name)).truncated).toBe(true)
    })
  })

  it('an MP3 file cut in the middle decodes to what there is, flagged', async () => {
    const whole = await readFile(audioFile('mp3-mono.mp3'))
    expect(await decodeAudio(whole.subarray(0, whole.length / 2), 'cut.mp3')).toMatchObject({
      truncated: true,
    })
  })

  it('Ogg without Vorbis or Opus is not supported', async () => {
    const bytes = Buffer.concat([
      Buffer.from('OggS'),
      Buffer.alloc(24),
      Buffer.from('Speex   '),
      Buffer.alloc(40),
    ])
    await expect(readAudioHeader(await fileOf('speex.ogg', bytes))).rejects.toMatchObject({
      code: 'unsupported-audio',
    })
    await expect(decodeAudio(bytes, 'speex.ogg')).rejects.toBeInstanceOf(SoundfoldError)
  })
})
