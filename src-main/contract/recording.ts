import { z } from 'zod'

/** What the page of a clip shows of its sound, whatever its length: outline, spectrogram in tiles, samples. */

/** Samples of the finest buckets; each further level has a fourth of the buckets of the one before. */
export const WAVE_BUCKET_SAMPLES = 64
export const WAVE_LEVEL_FACTOR = 4

const stretchSchema = z.object({ from: z.number(), to: z.number() })
export const marksSchema = z.object({
  /** All of them, also where not all are listed. */
  count: z.int(),
  /** Seconds, in order. */
  stretches: z.array(stretchSchema),
})
export type Marks = z.infer<typeof marksSchema>

export const recordingInfoSchema = z.object({
  sampleRateHz: z.int(),
  channels: z.int(),
  /** Samples per channel, as decoded. */
  frames: z.int(),
  /** The outline, in parts at `clips/ID/wave/BYTE/BYTES`: int16 LE pairs (minimum, maximum over all channels), 32767 for full scale. */
  levels: z.array(z.object({ bucketSamples: z.int(), offsetBytes: z.int(), buckets: z.int() })),
  /** Three and more samples in a row at full scale. */
  clipped: marksSchema,
  /** Half a second and more, nowhere above −60 dBFS. */
  silent: marksSchema,
  peakDbfs: z.number().nullable().describe('null for digital silence'),
})
export type RecordingInfo = z.infer<typeof recordingInfoSchema>

export const TILE_COLUMNS = 256
/** Samples of the window; longer ones tell frequencies better apart, shorter ones times. */
export const TILE_WINDOWS = [256, 512, 1024, 2048, 4096, 8192] as const
export type TileWindow = (typeof TILE_WINDOWS)[number]
export const TILE_LEVELS = 18
const FIRST_HOP = 64

/** Samples from a column of a tile to the next one. @param level - 0 is the finest */
export function tileHop(level: number): number {
  return FIRST_HOP * 2 ** level
}

/** Tiles of a recording at a level. */
export function tileCount(frames: number, level: number): number {
  return Math.max(1, Math.ceil((Math.floor(frames / tileHop(level)) + 1) / TILE_COLUMNS))
}

/** The finest level whose columns are at least so many samples apart, so that no column is lost between two pixels. */
export function tileLevel(samplesPerPixel: number): number {
  const level = Math.ceil(Math.log2(Math.max(1, samplesPerPixel) / FIRST_HOP) - 1e-9)
  return Math.min(TILE_LEVELS - 1, Math.max(0, level))
}

/** A byte of a tile stands for so many decibels: half a dB a step, dB relative to a sine at full scale. */
export const TILE_FLOOR_DB = -120
export const TILE_STEP_DB = 0.5

/** A stretch of a clip to be measured. */
export const measureInputSchema = z.strictObject({
  clipId: z.int(),
  fromSeconds: z.number().min(0),
  toSeconds: z.number().positive(),
  /** Of the band; all frequencies where left out. */
  lowHz: z.number().min(0).optional(),
  highHz: z.number().positive().optional(),
  /** From 0; the mean of the channels where left out. */
  channel: z.int().min(0).optional(),
})
export type MeasureInput = z.infer<typeof measureInputSchema>

const bandwidthSchema = z.object({ lowHz: z.number(), highHz: z.number() })

/** See `measureSource`, which has the formulas. What can't be told is null: digital silence, too few samples. */
export const measurementsSchema = z.object({
  fromSeconds: z.number(),
  toSeconds: z.number(),
  lowHz: z.number(),
  highHz: z.number(),
  durationSeconds: z.number(),
  peakDbfs: z.number().nullable().describe('largest sample, of all frequencies'),
  rmsDbfs: z.number().nullable().describe('of all frequencies; a sine at full scale has −3.0'),
  bandDbfs: z.number().nullable().describe('RMS level of the band alone'),
  peakHz: z.number().nullable().describe('of the strongest bin of the band'),
  resolutionHz: z.number().nullable().describe('from bin to bin'),
  halfPower: bandwidthSchema.nullable().describe('around the peak, −3 dB'),
  tenthPower: bandwidthSchema.nullable().describe('around the peak, −10 dB'),
  ninety: bandwidthSchema.nullable().describe('from 5 % to 95 % of the band’s energy'),
  centroidHz: z.number().nullable(),
  snrDb: z.number().nullable(),
})
export type Measurements = z.infer<typeof measurementsSchema>
