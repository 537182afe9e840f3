import { z } from 'zod'
import { toMono } from '../audio/channels.ts'
import { decodeStream } from '../audio/decode-stream.ts'
import { forEachFrame } from '../features/stft.ts'
import { fingerprint } from './fingerprint.ts'

/** Of a longer file, so much from its beginning is measured. */
export const MEASURED_SECONDS = 60
const FINGERPRINT_SECONDS = 10
const FRAME_SECONDS = 0.05
/** A frame below it is silent: room noise of a quiet recording is some 20 dB louder. */
const SILENT_DBFS = -60
/** Samples at the same highest level one after another: a curve that is cut off. */
const LEAST_RUN = 4
/** Of full scale: less than a step of 16 bits. */
const SAME_LEVEL = 1e-5
const NO_LEVEL_DB = -200

/** To be raised with every change of what is measured: others are made again. */
export const MEASURES_VERSION = 1
export const audioMeasuresSchema = z.object({
  version: z.literal(MEASURES_VERSION),
  seconds: z.number(),
  sampleRateHz: z.number(),
  channels: z.int(),
  peak: z.number().describe('of full scale'),
  loudestDbfs: z.number().describe('RMS of the loudest 50 ms, −200 for nothing'),
  silentShare: z.number().describe('of frames of 50 ms below −60 dBFS'),
  clippedShare: z.number().describe('of samples in runs of four and more at the highest level'),
  /** Level of what differs between the channels, less that of what they share; null for one channel. */
  sideDb: z.number().nullable(),
  /** Of the quietest channel, less that of the loudest; null for one channel. */
  quietestChannelDb: z.number().nullable(),
  /** Above it there is nothing; null where the spectrum has no edge. */
  cutOffHz: z.number().nullable(),
  /** Of the first ten seconds: uint32 little-endian in base64. */
  fingerprint: z.string(),
})
export type AudioMeasures = z.infer<typeof audioMeasuresSchema>

/** A file's measurements. @throws SoundfoldError missing-file | unreadable-audio | unsupported-audio */
export async function measureFile(path: string): Promise<AudioMeasures> {
  const blocks: Float32Array[][] = []
  let [frames, sampleRateHz] = [0, 0]
  for await (const block of decodeStream(path)) {
    blocks.push(block.channels)
    sampleRateHz = block.sampleRateHz
    frames += block.channels[0]?.length ?? 0
    if (frames >= MEASURED_SECONDS * sampleRateHz) break
  }
  const count = blocks[0]?.length ?? 0
  const channels = Array.from({ length: count }, (_, channel) => {
    const joined = new Float32Array(frames)
    let at = 0
    for (const block of blocks) {
      const part = block[channel] ?? new Float32Array()
      joined.set(part, at)
      at += part.length
    }
    return joined
  })
  return measure(channels, sampleRateHz)
}

/** @param channels - −1 … 1, of one length */
export function measure(channels: readonly Float32Array[], sampleRateHz: number): AudioMeasures {
  const mono = toMono(channels)
  const levels = frameLevels(mono, Math.max(1, Math.round(FRAME_SECONDS * sampleRateHz)))
  const peaks = channels.map((channel) => channel.reduce((most, value) => Math.max(most, Math.abs(value)), 0))
  const words = fingerprint(mono.subarray(0, FINGERPRINT_SECONDS * sampleRateHz), sampleRateHz)
  return {
    version: MEASURES_VERSION,
    seconds: sampleRateHz > 0 ? mono.length / sampleRateHz : 0,
    sampleRateHz,
    channels: channels.length,
    peak: peaks.reduce((most, peak) => Math.max(most, peak), 0),
    loudestDbfs: levels.reduce((most, level) => Math.max(most, level), NO_LEVEL_DB),
    silentShare: levels.length > 0 ? levels.filter((level) => level < SILENT_DBFS).length / levels.length : 1,
    clippedShare: clippedShare(channels, peaks),
    ...betweenChannels(channels),
    cutOffHz: cutOff(mono, sampleRateHz),
    fingerprint: Buffer.from(words.buffer, words.byteOffset, words.byteLength).toString('base64'),
  }
}

export function fingerprintOf({ fingerprint: text }: Pick<AudioMeasures, 'fingerprint'>): Uint32Array {
  return new Uint32Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer)
}

const decibels = (power: number) => (power > 0 ? Math.max(NO_LEVEL_DB, 10 * Math.log10(power)) : NO_LEVEL_DB)

function powerOf(samples: Float32Array): number {
  let sum = 0
  for (const value of samples) sum += value * value
  return samples.length > 0 ? sum / samples.length : 0
}

/** dBFS of each stretch of so many samples; a rest that is shorter counts where it is all there is. */
function frameLevels(samples: Float32Array, length: number): number[] {
  if (samples.length < length) return samples.length > 0 ? [decibels(powerOf(samples))] : []
  return Array.from({ length: Math.floor(samples.length / length) }, (_, frame) =>
    decibels(powerOf(samples.subarray(frame * length, (frame + 1) * length))),
  )
}

function clippedShare(channels: readonly Float32Array[], peaks: readonly number[]): number {
  let [clipped, samples] = [0, 0]
  channels.forEach((channel, place) => {
    const level = (peaks[place] ?? 0) - SAME_LEVEL
    samples += channel.length
    let run = 0
    for (let at = 0; at <= channel.length; at++) {
      // A run is of one side: between the two lie other values.
      if (at < channel.length && Math.abs(channel[at] ?? 0) >= level && level > 0) run += 1
      else {
        if (run >= LEAST_RUN) clipped += run
        run = 0
      }
    }
  })
  return samples > 0 ? clipped / samples : 0
}

function betweenChannels(
  channels: readonly Float32Array[],
): Pick<AudioMeasures, 'sideDb' | 'quietestChannelDb'> {
  const [first, ...others] = channels
  if (!first || others.length === 0) return { sideDb: null, quietestChannelDb: null }
  let [side, middle] = [0, 0]
  for (const other of others)
    for (let at = 0; at < first.length; at++) {
      side += ((first[at] ?? 0) - (other[at] ?? 0)) ** 2
      middle += ((first[at] ?? 0) + (other[at] ?? 0)) ** 2
    }
  const powers = channels.map(powerOf)
  return {
    sideDb: decibels(side) - decibels(middle),
    quietestChannelDb: decibels(Math.min(...powers)) - decibels(Math.max(...powers)),
  }
}

const SPECTRUM_LENGTH = 2048
const SPECTRUM_BANDS = 128
/** Bands that the edge may take: filters are no walls. */
const EDGE_BANDS = 3
/** The level falls by so much at an edge, and lies so far below the loudest band above it. */
const EDGE_DB = 18
const EMPTY_DB = 50

/** Where the mean spectrum ends at an edge and is empty above: what resampling and lossy coding leave, and nature does not. */
function cutOff(samples: Float32Array, sampleRateHz: number): number | null {
  if (samples.length < SPECTRUM_LENGTH) return null
  const perBand = SPECTRUM_LENGTH / 2 / SPECTRUM_BANDS
  const bands = new Float64Array(SPECTRUM_BANDS)
  forEachFrame(
    samples,
    { nFft: SPECTRUM_LENGTH, hopLength: SPECTRUM_LENGTH / 2, centred: false },
    (power) => {
      const bins = power.view
      for (let band = 0; band < SPECTRUM_BANDS; band++)
        for (let bin = 0; bin < perBand; bin++)
          bands[band] = (bands[band] ?? 0) + (bins[1 + band * perBand + bin] ?? 0)
    },
  )
  const levels = Array.from(bands, decibels)
  const loudest = Math.max(...levels)
  /** Of this band and all above. */
  const highestFrom = [...levels]
  for (let band = levels.length - 2; band >= 0; band--)
    highestFrom[band] = Math.max(levels[band] ?? 0, highestFrom[band + 1] ?? 0)
  let best: { band: number; drop: number } | undefined
  for (let band = 1; band + EDGE_BANDS < SPECTRUM_BANDS; band++) {
    const above = highestFrom[band + EDGE_BANDS] ?? 0
    const drop = (levels[band - 1] ?? 0) - above
    if (loudest - above < EMPTY_DB || drop < EDGE_DB) continue
    if (!best || drop > best.drop) best = { band, drop }
  }
  return best ? ((best.band + EDGE_BANDS / 2) / SPECTRUM_BANDS) * (sampleRateHz / 2) : null
}
