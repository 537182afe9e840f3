import { readdir, stat } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { SoundfoldError } from '../../contract/errors.ts'

/** What the formats that are read end with. */
const AUDIO = /\.(wav|wave|flac|ogg|oga|opus|mp3|aiff?|aifc)$/i

/**
 * Files themselves, and the audio files of folders and of those below them, in order.
 * @param paths - absolute
 * @throws SoundfoldError invalid-input where there is none, or more than `most`, or a path is not absolute
 */
export async function audioFilesIn(
  paths: readonly string[],
  most: number,
  signal: AbortSignal,
): Promise<string[]> {
  const files: string[] = []
  for (const path of paths) {
    signal.throwIfAborted()
    if (!isAbsolute(path))
      throw new SoundfoldError('invalid-input', `${path} is not a full path.`, {
        hint: 'Name files and folders from the root of the disk on.',
      })
    if (!(await stat(path).catch(() => undefined))?.isDirectory()) files.push(path)
    else {
      const entries = await readdir(path, { recursive: true, withFileTypes: true })
      const audio = entries.filter((entry) => entry.isFile() && AUDIO.test(entry.name))
      for (const file of audio.map((entry) => join(entry.parentPath, entry.name)).sort()) files.push(file)
    }
  }
  if (files.length === 0)
    throw new SoundfoldError('invalid-input', 'There is no audio file in what was named.', {
      hint: 'Name files, or folders with WAV, FLAC, OGG, Opus, MP3 or AIFF files.',
    })
  if (files.length > most)
    throw new SoundfoldError('invalid-input', `${files.length} files are more than ${most} at once.`, {
      hint: 'Name fewer files, or the folders one after another.',
    })
  return files
}
