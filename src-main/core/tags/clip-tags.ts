import { z } from 'zod'
import { addTags, type ClipTag, haveTags, removeTags } from '../db/tags.ts'
import type { ChangeKind } from '../history/change-kind.ts'

/** A clip has a tag or not. */
export const clipTags: ChangeKind<ClipTag, true> = {
  name: 'tags',
  subject: z.object({ clipId: z.int(), tag: z.string() }),
  state: z.literal(true),
  topics: ['clips'],
  read: (db, subjects) => haveTags(db, subjects).map((has) => (has ? true : null)),
  write: (db, items) => {
    const subjects = (wanted: true | null) =>
      items.filter(({ state }) => state === wanted).map(({ subject }) => subject)
    removeTags(db, subjects(null))
    addTags(db, subjects(true))
  },
}
