import { join } from 'node:path'
import { SoundfoldError } from '../../contract/errors.ts'
import { findClip } from '../db/clips.ts'
import type { AudioClip } from '../features/feature-store.ts'
import type { HandlerParts, Handlers } from '../handlers.ts'

type Parts = Pick<HandlerParts, 'db' | 'recordings'>

/** What answers for the sound of one clip. */
export function recordingHandlers({
  db,
  recordings,
}: Parts): Pick<Handlers, 'clips.recording' | 'clips.measure'> {
  const audioOf = (clipId: number): AudioClip => {
    const clip = findClip(db, clipId)
    if (!clip) throw new SoundfoldError('not-found', `There is no clip ${clipId}.`)
    const { contentHash, folder, relativePath, fileName } = clip
    if (contentHash === null)
      throw new SoundfoldError('missing-file', `The audio of ${fileName} could not be read at import.`, {
        hint: 'The validation report says why.',
      })
    return { clipId, path: join(folder, relativePath), contentHash }
  }
  return {
    'clips.recording': ({ clipId }, signal) => recordings.info(audioOf(clipId), signal),
    'clips.measure': ({ clipId, ...request }, signal) => recordings.measure(audioOf(clipId), request, signal),
  }
}
