import { SoundfoldError } from '../../contract/errors.ts'
import type { ClipSelection } from '../../contract/library.ts'
import type { Library } from './library.ts'

/** Which clips of a dataset a request is about: all without a selection, which is refused where it is of none. */
export async function wantedClips(
  library: Library,
  datasetId: number,
  selection: ClipSelection | undefined,
  signal: AbortSignal,
): Promise<(clipId: number) => boolean> {
  if (!selection) return () => true
  const ids = new Set(await library.selected(datasetId, selection, signal))
  if (ids.size === 0)
    throw new SoundfoldError('invalid-input', 'No clip is selected.', {
      hint: 'Select some in the library first.',
    })
  return (clipId) => ids.has(clipId)
}
