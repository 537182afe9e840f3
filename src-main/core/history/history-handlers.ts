import { changesBefore } from '../db/changes.ts'
import type { HandlerParts, Handlers } from '../handlers.ts'

type HistoryMethod = 'history.list' | 'history.next' | 'history.undo' | 'history.redo'

/** What people changed, and the way back. */
export function historyHandlers({
  db,
  journal,
}: Pick<HandlerParts, 'db' | 'journal'>): Pick<Handlers, HistoryMethod> {
  return {
    'history.list': (query) => {
      const found = changesBefore(db, { ...query, limit: query.limit + 1 })
      return { changes: found.slice(0, query.limit), more: found.length > query.limit }
    },
    'history.next': ({ session }) => journal.next(session),
    'history.undo': ({ by, changeId }) => journal.undo(by, changeId),
    'history.redo': ({ by }) => journal.redo(by),
  }
}
