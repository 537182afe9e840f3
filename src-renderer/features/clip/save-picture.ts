import type { ClipDetail } from '../../../src-main/contract/model.ts'
import { drawPng, drawSvg, type FigureRequest } from '../../lib/components/spectrogram/draw-figure.ts'
import { pictureFileName } from './picture-name.ts'

export type PictureFormat = 'png' | 'svg'

/** Until a browser has begun to read a download; there is no event for it. */
const DOWNLOAD_STARTS_MS = 10_000

/** Hands the picture to the browser (or Electron), which asks or knows where to put it. */
export async function savePicture(
  clip: ClipDetail,
  format: PictureFormat,
  request: FigureRequest,
): Promise<void> {
  const blob =
    format === 'png' ? await drawPng(request) : new Blob([drawSvg(request)], { type: 'image/svg+xml' })
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = pictureFileName(clip.fileName, format)
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), DOWNLOAD_STARTS_MS)
}
