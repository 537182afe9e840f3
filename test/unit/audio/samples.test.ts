import { describe, expect, it } from 'vitest'
import { toMono } from '../../../src-main/core/audio/channels.ts'
import { decodeAudio } from '../../../src-main/core/audio/decode.ts'
import { PeakBuilder } from '../../../src-main/core/audio/peaks.ts'
import { decodeWav } from '../../../src-main/core/audio/wav.ts'
import { encodeWav } from '../../../src-main/core/audio/wav-encode.ts'
import { noise } from '../../parity/signals.ts'

const waveformPeaks = (channels: Float32Array[], buckets: number) => {
  const builder = new PeakBuilder(channels[0]?.length ?? 0, buckets)
  builder.add(channels)
  return builder.peaks
}

describe('the mean over channels', () => {
  it('is the only channel itself', () => {
    const samples = noise(5)
    expect(toMono([samples])).toBe(samples)
  })

  it.each([2, 3, 6])('of %i channels', (count) => {
    const channels = Array.from({ length: count }, (_, channel) => Float32Array.of(channel, 1, -channel / 4))
    const mean = (count - 1) / 2
    expect([...toMono(channels)]).toEqual([mean, 1, -mean / 4])
  })

  it('of none is empty', () => {
    expect(toMono([]).length).toBe(0)
    expect(toMono([new Float32Array(), new Float32Array()]).length).toBe(0)
  })
})

describe('the outline of a waveform', () => {
  it('holds the lowest and highest sample of each bucket over all channels', () => {
    const left = Float32Array.of(0.5, -0.25, 0, 0.125, 0, 0)
    const right = Float32Array.of(0, 0, -1, 0, 0.75, 0.5)
    expect([...waveformPeaks([left, right], 3)]).toEqual([-0.25, 0.5, -1, 0.125, 0, 0.75])
  })

  it('has a bucket for each sample of a short clip, and one for none', () => {
    expect([...waveformPeaks([Float32Array.of(0.5, -0.5)], 2000)]).toEqual([0, 0.5, -0.5, 0])
    expect([...waveformPeaks([Float32Array.of(-0.5)], 2000)]).toEqual([-0.5, 0])
    expect([...waveformPeaks([new Float32Array()], 2000)]).toEqual([0, 0])
    expect([...waveformPeaks([], 2000)]).toEqual([0, 0])
  })

  it('misses no sample when buckets don’t divide the clip', () => {
    const samples = noise(10_007)
    const peaks = waveformPeaks([samples], 2000)
    expect(peaks.length).toBe(4000)
    expect(Math.min(...peaks)).toBe(Math.min(...samples))
    expect(Math.max(...peaks)).toBe(Math.max(...samples))
  })
})

describe('a WAV file of 16 bits', () => {
  it.each([8000, 11_024, 11_025, 44_100, 192_000])('comes back as it was at %i Hz', (rateHz) => {
    const channels = [noise(101), noise(202).subarray(101)]
    const decoded = decodeWav(encodeWav(channels, rateHz), 'round.wav')
    expect(decoded).toMatchObject({ sampleRateHz: rateHz, truncated: false })
    decoded.channels.forEach((samples, channel) => {
      samples.forEach((sample, index) => {
        expect(Math.abs(sample - (channels[channel]?.[index] ?? Number.NaN))).toBeLessThanOrEqual(2 ** -16)
      })
    })
    // What 16 bits hold exactly comes back exactly.
    expect(encodeWav(decoded.channels, rateHz)).toEqual(encodeWav(channels, rateHz))
  })

  it('clips what is too loud', () => {
    const { channels } = decodeWav(encodeWav([Float32Array.of(2, -2, 1, -1)], 44_100), 'loud.wav')
    expect([...(channels[0] ?? [])]).toEqual([32767 / 32768, -1, 32767 / 32768, -1])
  })

  it('of one sample, and of none', async () => {
    expect((await decodeAudio(encodeWav([Float32Array.of(0.25)], 22_050), 'one.wav')).channels).toEqual([
      Float32Array.of(0.25),
    ])
    expect(decodeWav(encodeWav([new Float32Array()], 22_050), 'none.wav').channels).toEqual([
      new Float32Array(),
    ])
  })
})

describe('a WAV file of floats', () => {
  it('never hands on what is no number', () => {
    const bytes = Buffer.from(encodeWav([new Float32Array(4)], 22_050))
    bytes.writeUInt16LE(3, 20)
    bytes.writeUInt16LE(4, 32)
    bytes.writeUInt16LE(32, 34)
    bytes.writeFloatLE(Number.NaN, 44)
    bytes.writeFloatLE(Number.POSITIVE_INFINITY, 48)
    expect(decodeWav(bytes, 'nan.wav').channels).toEqual([Float32Array.of(0, 0)])
  })
})
