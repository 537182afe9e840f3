/** Until a browser has begun to read a download; there is no event for it. */
const DOWNLOAD_STARTS_MS = 10_000

/** Hands a file to the browser (or Electron), which asks or knows where to put it. */
export function download(name: string, blob: Blob): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), DOWNLOAD_STARTS_MS)
}
