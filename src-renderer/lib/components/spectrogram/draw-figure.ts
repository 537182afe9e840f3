import { type ColourMapName, colourMap } from '../colour/colour-map.ts'
import { frequencyTicks, levelTicks, timeTicks } from './axis-ticks.ts'
import { FIGURE, figureSvg, PLOT } from './figure-svg.ts'
import type { FrequencyAxis, FrequencyAxisName } from './frequency-axis.ts'
import type { Levels } from './spectrogram-data.ts'
import type { TimeRange } from './time-range.ts'

export interface FigureRequest {
  readonly title: string
  readonly subtitle: string
  readonly range: TimeRange
  readonly map: ColourMapName
  readonly axisName: FrequencyAxisName
  readonly axis: FrequencyAxis
  readonly levels: Levels
  /** Fills a canvas with the picture of the range. */
  readonly paint: (context: CanvasRenderingContext2D) => void
}

/** Pixels of a saved picture for each unit of its figure. */
export const FIGURE_SCALE = 2
const FREQUENCY_TITLES: Readonly<Record<FrequencyAxisName, string>> = {
  mel: 'Frequency (Hz), mel scale',
  linear: 'Frequency (Hz)',
  log: 'Frequency (Hz), logarithmic',
}

/** The spectrogram as the window shows it, as an SVG file. */
export function drawSvg(request: FigureRequest): string {
  const { range, map, axisName, axis, levels } = request
  const canvas = document.createElement('canvas')
  canvas.width = PLOT.width * FIGURE_SCALE
  canvas.height = PLOT.height * FIGURE_SCALE
  request.paint(context(canvas))
  return figureSvg({
    title: request.title,
    subtitle: request.subtitle,
    imageUrl: canvas.toDataURL('image/png'),
    times: timeTicks(range, 10),
    frequencies: frequencyTicks(axis, axisName, 20 / PLOT.height),
    frequencyTitle: FREQUENCY_TITLES[axisName],
    levels: levelTicks(levels, 8),
    colours: colourMap(map),
  })
}

/** The same figure in pixels. The policy of the page lets it load images from blobs. */
export async function drawPng(request: FigureRequest): Promise<Blob> {
  const url = URL.createObjectURL(new Blob([drawSvg(request)], { type: 'image/svg+xml' }))
  try {
    const image = new Image()
    image.src = url
    await image.decode()
    const canvas = document.createElement('canvas')
    canvas.width = FIGURE.width * FIGURE_SCALE
    canvas.height = FIGURE.height * FIGURE_SCALE
    context(canvas).drawImage(image, 0, 0, canvas.width, canvas.height)
    return await new Promise((resolve, reject) =>
      canvas.toBlob((blob) => {
        if (blob) resolve(blob)
        else reject(new Error('The browser could not make a PNG of this size.'))
      }, 'image/png'),
    )
  } finally {
    URL.revokeObjectURL(url)
  }
}

function context(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const found = canvas.getContext('2d')
  if (!found) throw new Error('The browser gives no canvas to draw on.')
  return found
}
