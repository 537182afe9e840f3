import type { ClipDetail } from '../../../src-main/contract/model.ts'
import { drawPng, drawSvg, type FigureRequest } from '../../lib/components/spectrogram/draw-figure.ts'
import { download } from '../../lib/download.ts'
import { pictureFileName } from './picture-name.ts'

export type PictureFormat = 'png' | 'svg'

/** Hands the picture to the browser (or Electron), which asks or knows where to put it. */
export async function savePicture(
  clip: ClipDetail,
  format: PictureFormat,
  request: FigureRequest,
): Promise<void> {
  const blob =
    format === 'png' ? await drawPng(request) : new Blob([drawSvg(request)], { type: 'image/svg+xml' })
  download(pictureFileName(clip.fileName, format), blob)
}
