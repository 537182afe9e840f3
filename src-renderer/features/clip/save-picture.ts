import type { ClipDetail } from '../../../src-main/contract/model.ts'
import { drawPng, drawSvg } from '../../lib/components/spectrogram/draw-figure.ts'
import type { SpectrogramData, SpectrogramScale } from '../../lib/components/spectrogram/spectrogram-data.ts'
import type { TimeRange } from '../../lib/components/spectrogram/time-range.ts'
import { download } from '../../lib/download.ts'
import { className } from '../../lib/format.ts'
import { settings } from '../../lib/state/settings.svelte.ts'
import { toasts } from '../../lib/state/toasts.svelte.ts'
import { pictureFileName } from './picture-name.ts'

export type PictureFormat = 'png' | 'svg'

/** Hands the picture as it is shown to the browser (or Electron), which asks or knows where to put it. */
export async function saveView(
  clip: ClipDetail,
  format: PictureFormat,
  data: SpectrogramData,
  scale: SpectrogramScale,
  range: TimeRange,
): Promise<void> {
  const { colourMap: map, frequencyAxis: axisName, rangeDb, gainDb } = settings.values
  const request = {
    title: clip.fileName,
    subtitle: `${className(clip.className)}, fold ${clip.fold}`,
    ...{ data, scale, range, map, axisName, rangeDb, gainDb },
  }
  try {
    const blob =
      format === 'png' ? await drawPng(request) : new Blob([drawSvg(request)], { type: 'image/svg+xml' })
    download(pictureFileName(clip.fileName, format), blob)
  } catch (error) {
    toasts.fail('The picture could not be saved', error)
  }
}
