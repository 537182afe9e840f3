import type { Change, MadeBy } from '../../../src-main/contract/history.ts'
import { session } from './session.svelte.ts'
import { settings } from './settings.svelte.ts'
import { toasts } from './toasts.svelte.ts'

const STORAGE_KEY = 'soundfold.session'

/** What the person changed in this window, and the way back. */
class Changes {
  /** Lasts as long as the window, also when it is loaded again. */
  readonly session = sessionName()

  /** To be sent with everything that changes something: whose change it is. */
  get by(): MadeBy {
    return { author: this.author, session: this.session }
  }

  get author(): string {
    return settings.values.author || session.info?.userName || 'unknown'
  }

  /** Tells of what the core recorded, with the way back. Null: all was so before. */
  tell(change: Change | null): void {
    if (change) this.#show(change.title, change)
    else toasts.show({ tone: 'success', title: 'Nothing to change: all of them are so already.' })
  }

  /** @param change - this one; the session's last where left out */
  async undo(change?: Change): Promise<void> {
    await this.#take('Not undone', 'Undone', async () =>
      session.call('history.undo', { by: this.by, ...(change && { changeId: change.id }) }),
    )
  }

  async redo(): Promise<void> {
    await this.#take('Not redone', 'Done again', () => session.call('history.redo', { by: this.by }))
  }

  async #take(failed: string, done: string, ask: () => Promise<Change>): Promise<void> {
    try {
      const change = await ask()
      const verb = change.act === 'redo' ? 'Done again' : done
      this.#show(`${verb}: ${change.title}`, change)
    } catch (error) {
      toasts.fail(failed, error)
    }
  }

  #show(title: string, change: Change): void {
    const way = change.act === 'undo' ? 'Do again' : 'Undo'
    const action = { title: way, run: () => void this.undo(change) }
    toasts.show({ tone: 'success', topic: 'change', title, action })
  }
}

function sessionName(): string {
  const made = crypto.randomUUID()
  try {
    const stored = sessionStorage.getItem(STORAGE_KEY) ?? made
    sessionStorage.setItem(STORAGE_KEY, stored)
    return stored
  } catch {
    return made
  }
}

export const changes = new Changes()
