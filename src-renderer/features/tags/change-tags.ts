import type { ClipSelection } from '../../../src-main/contract/library.ts'
import { changes } from '../../lib/state/changes.svelte.ts'
import { session } from '../../lib/state/session.svelte.ts'
import { toasts } from '../../lib/state/toasts.svelte.ts'

/** Gives or takes tags, and tells of it with the way back. @returns whether it went well */
export async function changeTags(
  method: 'tags.add' | 'tags.remove',
  input: { datasetId: number; selection: ClipSelection; tags: string[] },
): Promise<boolean> {
  try {
    changes.tell(await session.call(method, { ...input, by: changes.by }))
    return true
  } catch (error) {
    toasts.fail('The tags could not be changed', error)
    return false
  }
}
