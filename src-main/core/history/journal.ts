import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { SoundfoldError } from '../../contract/errors.ts'
import type { CoreEvent } from '../../contract/events.ts'
import type { Change, MadeBy } from '../../contract/history.ts'
import {
  addChange,
  countClipsOfChange,
  findChange,
  itemsOfChange,
  lastDone,
  lastUndone,
  type NewChange,
} from '../db/changes.ts'
import type { Database } from '../db/open.ts'
import { transaction } from '../db/query.ts'
import type { ChangeKind } from './change-kind.ts'
import { CHANGE_KINDS } from './kinds.ts'

/** One action of a person: what it is called, and the state that each thing is to have after it. */
export interface Action<Subject, State> {
  readonly by: MadeBy
  readonly datasetId: number
  readonly items: readonly { readonly subject: Subject; readonly after: State | null }[]
  /** In people's words, for so many things that really change. */
  readonly title: (changed: readonly Subject[]) => string
}

/**
 * Changes things and writes down what they were before, in one transaction. Nothing is ever taken from the history: undo and
 * redo are changes too, which point to the one that they take back.
 */
export class Journal {
  readonly #db: Database
  readonly #tell: (event: CoreEvent) => void
  readonly #kinds: ReadonlyMap<string, ChangeKind<unknown, unknown>>
  /** Changes that could not be taken back step by step: the next step goes past them. By name they are tried again. */
  readonly #passed = new Set<number>()

  constructor(
    db: Database,
    tell: (event: CoreEvent) => void,
    kinds: readonly ChangeKind<unknown, unknown>[] = CHANGE_KINDS,
  ) {
    this.#db = db
    this.#tell = tell
    this.#kinds = new Map(kinds.map((kind) => [kind.name, kind]))
  }

  /**
   * Brings each thing to its state and records it as one change. A thing is named once.
   * @returns null where all were so before
   */
  record<Subject, State>(
    kind: ChangeKind<Subject, State>,
    { by, datasetId, items, title }: Action<Subject, State>,
  ): Change | null {
    if (this.#kinds.get(kind.name) !== kind)
      throw new Error(`The history does not know the kind ${kind.name}.`)
    return this.#written(kind, () => {
      const before = kind.read(
        this.#db,
        items.map(({ subject }) => subject),
      )
      const changed = items.flatMap(({ subject, after }, place) => {
        const was = before[place] ?? null
        return isDeepStrictEqual(was, after) ? [] : [{ subject, before: was, after }]
      })
      if (changed.length === 0) return null
      kind.write(
        this.#db,
        changed.map(({ subject, after }) => ({ subject, state: after })),
      )
      return {
        ...{ by, datasetId, kind: kind.name, act: 'do', undoes: null, items: changed },
        title: title(changed.map(({ subject }) => subject)),
      }
    })
  }

  /** What the session's next undo and redo are about. */
  next(session: string): { undo: Change | null; redo: Change | null } {
    return {
      undo: lastDone(this.#db, session, this.#passed),
      redo: lastUndone(this.#db, session, this.#passed),
    }
  }

  /**
   * Takes back the session's last change, or the one that is named, whoever made it.
   * @throws SoundfoldError not-found where there is none | conflict where a thing is no longer as the change left it: the next call
   *   goes past it
   */
  undo(by: MadeBy, changeId?: number): Change {
    if (changeId === undefined) {
      const last = lastDone(this.#db, by.session, this.#passed)
      if (!last) throw new SoundfoldError('not-found', 'There is nothing to undo in this session.')
      return this.#step(by, last, 'undo')
    }
    const change = this.#named(changeId)
    if (change.undone) throw new SoundfoldError('conflict', `“${change.title}” was taken back already.`)
    return this.#takeBack(by, change, change.act === 'undo' ? 'redo' : 'undo')
  }

  /**
   * Does again what the session took back last. A new change ends what can be done again.
   * @throws SoundfoldError not-found | conflict
   */
  redo(by: MadeBy): Change {
    const change = lastUndone(this.#db, by.session, this.#passed)
    if (!change) throw new SoundfoldError('not-found', 'There is nothing to redo in this session.')
    return this.#step(by, change, 'redo')
  }

  /** One that can't be taken back any more doesn't bar the way to those before it. */
  #step(by: MadeBy, change: Change, act: 'undo' | 'redo'): Change {
    try {
      return this.#takeBack(by, change, act)
    } catch (error) {
      if (!(error instanceof SoundfoldError && error.code === 'conflict')) throw error
      this.#passed.add(change.id)
      const next = `The next ${act} goes past it.`
      throw new SoundfoldError('conflict', error.message, {
        hint: [error.hint, next].filter(Boolean).join(' '),
      })
    }
  }

  #named(changeId: number): Change {
    const change = findChange(this.#db, changeId)
    if (change) return change
    throw new SoundfoldError('not-found', `There is no change ${changeId} in the history.`)
  }

  #takeBack(by: MadeBy, change: Change, act: 'undo' | 'redo'): Change {
    const kind = this.#kinds.get(change.kind)
    if (!kind)
      throw new SoundfoldError('conflict', `This Soundfold can’t take back changes of “${change.kind}”.`)
    const written = this.#written(kind, () => {
      const past = itemsOfChange(this.#db, change.id)
      const subjects = z.array(kind.subject).parse(past.map(({ subject }) => subject))
      const clips = new Set(past.flatMap(({ subject }) => clipIdSchema.safeParse(subject).data?.clipId ?? []))
      if (countClipsOfChange(this.#db, change.id) < clips.size) throw clipsAreGone(change)
      const states = z.array(kind.state.nullable())
      const [before, after] = [
        states.parse(past.map((item) => item.before)),
        states.parse(past.map((item) => item.after)),
      ]
      const now = kind.read(this.#db, subjects)
      const others = now.filter((state, place) => !isDeepStrictEqual(state, after[place])).length
      if (others > 0) throw changedSince(change, others)
      kind.write(
        this.#db,
        subjects.map((subject, place) => ({ subject, state: before[place] ?? null })),
      )
      return {
        ...{ by, datasetId: change.datasetId, kind: kind.name, act, undoes: change.id, title: change.title },
        items: past.map((item) => ({ subject: item.subject, before: item.after, after: item.before })),
      }
    })
    if (!written) throw new Error('Undo wrote no change.')
    return written
  }

  /** Writes a change with what it changes, or nothing of both, and tells the windows. */
  #written(kind: Pick<ChangeKind<unknown, unknown>, 'topics'>, work: () => NewChange | null): Change | null {
    const change = transaction(this.#db, () => {
      const made = work()
      return made && this.#named(addChange(this.#db, made))
    })
    if (change)
      for (const topic of [...kind.topics, 'history' as const])
        this.#tell({ name: 'changed', payload: { topic } })
    return change
  }
}

const clipIdSchema = z.object({ clipId: z.int() })

const clipsAreGone = ({ title }: Change) =>
  new SoundfoldError(
    'conflict',
    `“${title}” can’t be taken back: some of its clips are no longer in the dataset.`,
  )

const changedSince = ({ title, items }: Change, others: number) =>
  new SoundfoldError(
    'conflict',
    `“${title}” can’t be taken back: ${others} of the ${items} things it changed ${others === 1 ? 'has' : 'have'} been changed since.`,
    { hint: 'Take back the later changes first; the history lists them.' },
  )
