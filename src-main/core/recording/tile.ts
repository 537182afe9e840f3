import {
  TILE_COLUMNS,
  TILE_FLOOR_DB,
  TILE_STEP_DB,
  type TileWindow,
  tileHop,
} from '../../contract/recording.ts'
import { forEachFrame } from '../features/stft.ts'
import { readMono, type SampleSource } from './sample-source.ts'

export interface TileRequest {
  /** Samples of the (Hann) window, and of the transform. */
  window: TileWindow
  level: number
  index: number
}

/**
 * Frames that a column shows at most, spread evenly over its time. Up to a hop of four windows they cover all of it, half over each other; further out
 * a column shows samples of its time, which lets a recording of hours open at once.
 */
const MOST_FRAMES = 8
/** Above this many samples a tile's frames are read one by one, and not all of its time. */
const MOST_READ = 2 ** 22

/**
 * A part of a recording's spectrogram (mean of the channels): of each column the loudest value of each bin, over frames spread
 * evenly over the column's time. Column c of a level is centred at sample c · hop, as librosa's with `center=True`.
 * @returns uint32 LE bins (window / 2 + 1), uint32 LE columns, then a byte a value, row-major, lowest bin first:
 *   round((dB + 120) · 2), dB relative to a sine at full scale; the columns that the recording has of the tile
 */
export function spectrogramTile(source: SampleSource, { window, level, index }: TileRequest): Uint8Array {
  const hop = tileHop(level)
  const first = index * TILE_COLUMNS
  const columns = Math.max(0, Math.min(TILE_COLUMNS, Math.floor(source.frames / hop) + 1 - first))
  const bins = window / 2 + 1
  const bytes = new Uint8Array(8 + bins * columns)
  const header = new DataView(bytes.buffer)
  header.setUint32(0, bins, true)
  header.setUint32(4, columns, true)
  const perColumn = Math.min(MOST_FRAMES, Math.max(1, (2 * hop) / window))
  const stride = hop / perColumn
  // So that the frames of a column lie around its middle.
  const start = first * hop - ((perColumn - 1) * stride) / 2 - window / 2
  const samples = columns * hop + window <= MOST_READ ? contiguous : scattered
  const column = new Float32Array(bins)
  const total = columns * perColumn
  samples(source, { start: Math.round(start), stride, count: total, window }, (power, frame) => {
    if (perColumn === 1) column.set(power)
    else if (frame % perColumn === 0) column.set(power)
    else for (let bin = 0; bin < bins; bin++) column[bin] = Math.max(column[bin] ?? 0, power[bin] ?? 0)
    if (frame % perColumn === perColumn - 1)
      writeColumn(bytes, column, Math.floor(frame / perColumn), columns, window)
  })
  return bytes
}

interface Frames {
  start: number
  stride: number
  count: number
  window: number
}
type Take = (power: Float32Array, frame: number) => void

function contiguous(source: SampleSource, { start, stride, count, window }: Frames, take: Take): void {
  const samples = readMono(source, start, Math.ceil((count - 1) * stride) + window)
  const settings = { nFft: window, hopLength: stride, centred: false }
  forEachFrame(samples, settings, (power, frame) => {
    if (frame < count) take(power.view.subarray(0, window / 2 + 1), frame)
  })
}

function scattered(source: SampleSource, { start, stride, count, window }: Frames, take: Take): void {
  for (let frame = 0; frame < count; frame++) {
    const samples = readMono(source, Math.round(start + frame * stride), window)
    forEachFrame(samples, { nFft: window, hopLength: window, centred: false }, (power) =>
      take(power.view.subarray(0, window / 2 + 1), frame),
    )
  }
}

function writeColumn(bytes: Uint8Array, power: Float32Array, at: number, columns: number, window: number) {
  // A sine at full scale: amplitude 1 times half the window's sum, which is half its length for Hann's.
  const reference = (window / 4) ** 2
  const steps = 10 / TILE_STEP_DB
  const floor = TILE_FLOOR_DB / TILE_STEP_DB
  for (let bin = 0, place = 8 + at; bin < power.length; bin++, place += columns) {
    const value = steps * Math.log10((power[bin] ?? 0) / reference) - floor
    bytes[place] = value >= 255 ? 255 : value > 0 ? Math.round(value) : 0
  }
}
