/** A file or folder as a drop names it. */
export interface DroppedEntry {
  name: string
  isFolder: boolean
  /** Absolute; undefined where it is not told, as in a browser. */
  path?: string | undefined
}

export type Drop =
  | { kind: 'folder'; name: string; path: string | undefined }
  | { kind: 'audio'; files: readonly DroppedEntry[] }
  /** Nothing that there is a use for; the sentence says what there would be. */
  | { kind: 'other'; advice: string }

const AUDIO = /\.(wav|wave|aiff?|aifc|flac|ogg|oga|opus|mp3)$/i

/** What can be done with what was dropped. */
export function whatWasDropped(entries: readonly DroppedEntry[]): Drop {
  const folders = entries.filter(({ isFolder }) => isFolder)
  const [folder] = folders
  if (folder && entries.length === 1) return { kind: 'folder', name: folder.name, path: folder.path }
  if (folders.length > 0)
    return { kind: 'other', advice: 'Drop one folder at a time: each becomes a dataset.' }
  if (entries.length > 0 && entries.every(({ name }) => AUDIO.test(name)))
    return { kind: 'audio', files: entries }
  if (entries.some(({ name }) => /\.csv$/i.test(name)))
    return { kind: 'other', advice: 'Drop the folder that holds the CSV and its audio, not the CSV alone.' }
  if (entries.some(({ name }) => /\.onnx$/i.test(name)))
    return { kind: 'other', advice: 'Embedding models are added on the screen Recipes, under “Models”.' }
  return {
    kind: 'other',
    advice: 'Drop the folder of a dataset, or audio files: WAV, AIFF, FLAC, Ogg or MP3.',
  }
}
