/** A name for every file system: no path, nothing that Windows forbids, and not endless. */
export function pictureFileName(clipFileName: string, extension: string): string {
  const stem = clipFileName.replace(/\.[^.]*$/, '')
  const safe = Array.from(stem, (character) =>
    character < ' ' || '<>:"/\\|?*'.includes(character) ? '_' : character,
  )
  return `${safe.slice(0, 100).join('').trim() || 'clip'}-spectrogram.${extension}`
}
