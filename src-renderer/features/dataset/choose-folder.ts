import { session } from '../../lib/state/session.svelte.ts'
import { toasts } from '../../lib/state/toasts.svelte.ts'

/** The system's dialog; null when it was closed or could not be shown. */
export async function chooseFolder(title: string): Promise<string | null> {
  try {
    return (await session.call('shell.chooseFolder', { title })).folder
  } catch (error) {
    toasts.fail('The folder dialog could not be shown', error)
    return null
  }
}
