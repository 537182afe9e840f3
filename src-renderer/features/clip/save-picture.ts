import type { ClipDetail } from '../../../src-main/contract/model.ts'
import { colourTable } from '../../lib/components/colour/colour-map.ts'
import { binAxis } from '../../lib/components/spectrogram/bin-axis.ts'
import { drawPng, drawSvg, type FigureRequest } from '../../lib/components/spectrogram/draw-figure.ts'
import { frequencyAxis } from '../../lib/components/spectrogram/frequency-axis.ts'
import { paintSpectrogram } from '../../lib/components/spectrogram/paint.ts'
import {
  decibelExtent,
  type SpectrogramData,
  type SpectrogramScale,
  shownLevels,
} from '../../lib/components/spectrogram/spectrogram-data.ts'
import { drawTiles, TilePictures, type TileSource, tileSpan } from '../../lib/components/spectrogram/tile.ts'
import type { TimeRange } from '../../lib/components/spectrogram/time-range.ts'
import { download } from '../../lib/download.ts'
import { className } from '../../lib/format.ts'
import { settings } from '../../lib/state/settings.svelte.ts'
import { toasts } from '../../lib/state/toasts.svelte.ts'
import { pictureFileName } from './picture-name.ts'

export type PictureFormat = 'png' | 'svg'

/** Saves a mel spectrogram as it is shown. */
export function saveMel(
  clip: ClipDetail,
  format: PictureFormat,
  data: SpectrogramData,
  scale: SpectrogramScale,
  range: TimeRange,
): Promise<void> {
  const { colourMap, frequencyAxis: axisName, rangeDb, gainDb } = settings.values
  const axis = frequencyAxis(scale.melCentresHz, axisName)
  const levels = shownLevels(decibelExtent(data.decibels), rangeDb, gainDb)
  const table = colourTable(colourMap)
  const paint = (context: CanvasRenderingContext2D) => {
    const { width, height } = context.canvas
    const pixels = paintSpectrogram(data, scale, { range, axis, levels, table, width, height })
    context.putImageData(new ImageData(pixels, width, height), 0, 0)
  }
  return save(clip, format, { range, axis, levels, paint })
}

/**
 * Saves the spectrogram of a clip's page as it is shown.
 * @param pixels - of the picture on the page, whose tiles are here
 */
export function saveTiles(
  clip: ClipDetail,
  format: PictureFormat,
  tiles: TileSource,
  range: TimeRange,
  pixels: number,
): Promise<void> {
  const { colourMap, frequencyAxis: axisName, rangeDb, gainDb } = settings.values
  const axis = binAxis(tiles.sampleRateHz, tiles.bins, axisName)
  const loudest = tiles.loudestDb ?? 0
  const levels = shownLevels({ low: loudest - rangeDb, high: loudest }, rangeDb, gainDb)
  const pictures = new TilePictures()
  const paint = (context: CanvasRenderingContext2D) => {
    const look = { axis, levels, table: colourTable(colourMap), height: context.canvas.height }
    const span = tileSpan(range, tiles, pixels)
    drawTiles(context, tiles, range, span, (tile) => pictures.of(tile, '', look))
  }
  return save(clip, format, { range, axis, levels, paint })
}

/** Hands the picture to the browser (or Electron), which asks or knows where to put it. */
async function save(
  clip: ClipDetail,
  format: PictureFormat,
  picture: Pick<FigureRequest, 'range' | 'axis' | 'levels' | 'paint'>,
): Promise<void> {
  const { colourMap: map, frequencyAxis: axisName } = settings.values
  const request: FigureRequest = {
    title: clip.fileName,
    subtitle: `${className(clip.className)}, fold ${clip.fold}`,
    map,
    axisName,
    ...picture,
  }
  try {
    const blob =
      format === 'png' ? await drawPng(request) : new Blob([drawSvg(request)], { type: 'image/svg+xml' })
    download(pictureFileName(clip.fileName, format), blob)
  } catch (error) {
    toasts.fail('The picture could not be saved', error)
  }
}
