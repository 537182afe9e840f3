import {
  TILE_COLUMNS,
  TILE_FLOOR_DB,
  TILE_STEP_DB,
  tileCount,
  tileHop,
  tileLevel,
} from '../../../../src-main/contract/recording.ts'
import type { FrequencyAxis } from './frequency-axis.ts'
import { samples } from './paint.ts'
import type { Levels } from './spectrogram-data.ts'
import type { TimeRange } from './time-range.ts'

/** A part of a recording's spectrogram, as the media route sends it. */
export interface Tile {
  readonly bins: number
  readonly columns: number
  /** A byte a value, row-major, lowest bin first; see `spectrogramTile` of the core. */
  readonly values: Uint8Array
  /** Of the loudest value. */
  readonly loudest: number
}

/** Which tiles a picture needs, all of one level; `last` included. */
export interface TileSpan {
  readonly level: number
  readonly first: number
  readonly last: number
}

/** Tiles that are here, and the way to ask for others. */
export interface TileSource {
  readonly sampleRateHz: number
  readonly frames: number
  readonly bins: number
  /** dB of the loudest value that was seen of the recording; null before there is any. */
  readonly loudestDb: number | null
  tileAt(level: number, index: number): Tile | undefined
  /** Asks for what is in view and takes back what was asked for before and is not. */
  want(span: TileSpan): void
}

const HEADER_BYTES = 8
/** How much coarser a tile may be that stands in for one on its way. */
const STAND_IN_LEVELS = 12

/** @throws Error when the length does not agree with the header */
export function readTile(buffer: ArrayBuffer): Tile {
  if (buffer.byteLength < HEADER_BYTES) throw new Error('The tile has no header.')
  const header = new DataView(buffer)
  const bins = header.getUint32(0, true)
  const columns = header.getUint32(4, true)
  const values = new Uint8Array(buffer, HEADER_BYTES)
  if (values.length !== bins * columns)
    throw new Error(`The tile should hold ${bins} × ${columns} values and does not.`)
  let loudest = 0
  for (const value of values) if (value > loudest) loudest = value
  return { bins, columns, values, loudest }
}

export const byteToDb = (byte: number) => byte * TILE_STEP_DB + TILE_FLOOR_DB

/** @param pixels - of the screen, over the range */
export function tileSpan(
  range: TimeRange,
  source: Pick<TileSource, 'sampleRateHz' | 'frames'>,
  pixels: number,
): TileSpan {
  const { sampleRateHz, frames } = source
  const level = tileLevel(((range.to - range.from) * sampleRateHz) / Math.max(1, pixels))
  const tileSamples = TILE_COLUMNS * tileHop(level)
  const last = tileCount(frames, level) - 1
  const clamp = (index: number) => Math.min(last, Math.max(0, index))
  return {
    level,
    first: clamp(Math.floor((range.from * sampleRateHz) / tileSamples)),
    last: clamp(Math.floor((range.to * sampleRateHz) / tileSamples + 0.5 / TILE_COLUMNS)),
  }
}

/** The value of the cell at a time and a place among the bins, dB; undefined while its tile is not here. */
export function tileValueAt(
  source: TileSource,
  level: number,
  seconds: number,
  bin: number,
): number | undefined {
  const column = Math.round((seconds * source.sampleRateHz) / tileHop(level))
  const tile = source.tileAt(level, Math.floor(column / TILE_COLUMNS))
  const row = Math.min(source.bins - 1, Math.max(0, Math.round(bin)))
  const byte = tile?.values[row * tile.columns + (column % TILE_COLUMNS)]
  return byte === undefined || column % TILE_COLUMNS >= (tile?.columns ?? 0) ? undefined : byteToDb(byte)
}

export interface TilePaint {
  readonly axis: FrequencyAxis
  readonly levels: Levels
  /** 256 RGBA colours, see `colourTable` */
  readonly table: Uint32Array
  readonly height: number
}

/** A tile as pixels: a column each, `height` rows, the highest frequency in the first; where bins share a row the loudest shows. */
export function paintTile(tile: Tile, { axis, levels, table, height }: TilePaint): ImageData {
  const { bins, columns, values } = tile
  const rows = samples(height, bins, (share) => axis.bandAt(1 - share))
  const colours = Uint32Array.from({ length: 256 }, (_, byte) => {
    const place = ((byteToDb(byte) - levels.low) / (levels.high - levels.low)) * (table.length - 1)
    return table[Math.round(Math.min(table.length - 1, Math.max(0, place)))] ?? 0
  })
  const pixels = new Uint32Array(columns * height)
  for (let y = 0; y < height; y++) {
    const first = Math.max(0, rows.first[y] ?? 0)
    const last = Math.min(bins - 1, rows.last[y] ?? 0)
    const share = rows.share[y] ?? 0
    const [below, above] = [first * columns, last * columns]
    const target = y * columns
    if (share >= 0)
      for (let x = 0; x < columns; x++) {
        const start = values[below + x] ?? 0
        pixels[target + x] = colours[Math.round(start + ((values[above + x] ?? 0) - start) * share)] ?? 0
      }
    else
      for (let x = 0; x < columns; x++) {
        let loudest = 0
        for (let place = below + x; place <= above + x; place += columns) {
          const value = values[place] ?? 0
          if (value > loudest) loudest = value
        }
        pixels[target + x] = colours[loudest] ?? 0
      }
  }
  return new ImageData(new Uint8ClampedArray(pixels.buffer), columns, height)
}

/** Painted tiles, for as long as they are needed and nothing about their look has changed. */
export class TilePictures {
  #look = ''
  #pictures = new WeakMap<Tile, OffscreenCanvas>()

  /** @param look - whatever decides how tiles are painted, in one text */
  of(tile: Tile, look: string, paint: TilePaint): OffscreenCanvas {
    if (look !== this.#look) {
      this.#look = look
      this.#pictures = new WeakMap()
    }
    const known = this.#pictures.get(tile)
    if (known) return known
    const picture = new OffscreenCanvas(tile.columns, paint.height)
    picture.getContext('2d')?.putImageData(paintTile(tile, paint), 0, 0)
    this.#pictures.set(tile, picture)
    return picture
  }
}

/**
 * Draws the part of a recording that is in view; where a tile is still on its way, a coarser one stands in.
 * @param pictureOf - the painted tile
 * @returns whether all of it is drawn as fine as it should be
 */
export function drawTiles(
  context: CanvasRenderingContext2D,
  source: TileSource,
  range: TimeRange,
  span: TileSpan,
  pictureOf: (tile: Tile) => OffscreenCanvas,
): boolean {
  const { width, height } = context.canvas
  context.clearRect(0, 0, width, height)
  // Columns are values, not samples of something smooth: mixing their colours would show ones that the map does not have.
  context.imageSmoothingEnabled = false
  const pixelsPerSample = width / ((range.to - range.from) * source.sampleRateHz)
  const firstSample = range.from * source.sampleRateHz
  let whole = true
  for (let index = span.first; index <= span.last; index++) {
    const exact = source.tileAt(span.level, index)
    whole &&= exact !== undefined
    const from = index * TILE_COLUMNS * tileHop(span.level)
    for (let up = 0; up <= STAND_IN_LEVELS; up++) {
      const hop = tileHop(span.level + up)
      const place = Math.floor(index / 2 ** up)
      const tile = up === 0 ? exact : source.tileAt(span.level + up, place)
      if (!tile || tile.columns === 0) continue
      const start = place * TILE_COLUMNS * hop
      const count = TILE_COLUMNS / 2 ** up
      const left = Math.min(tile.columns, (from - start) / hop)
      const shown = Math.min(count, tile.columns - left)
      // A column is drawn around its middle.
      const x = (start + (left - 0.5) * hop - firstSample) * pixelsPerSample
      if (shown > 0)
        context.drawImage(
          pictureOf(tile),
          left,
          0,
          shown,
          height,
          x,
          0,
          shown * hop * pixelsPerSample,
          height,
        )
      break
    }
  }
  return whole
}
