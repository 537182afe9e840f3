import { z } from 'zod'

export const MOST_TAGS_AT_ONCE = 50

/** A word of a person's own on a clip: spaces at the ends and doubled ones are left out. */
export const tagSchema = z
  .string()
  .transform((text) => text.normalize('NFC').trim().replace(/\s+/g, ' '))
  .pipe(
    z
      .string()
      .min(1, 'a tag must have a letter')
      .max(60, 'a tag has at most 60 letters')
      .regex(/^[^\p{Cc},]*$/u, 'a tag has no comma'),
  )

/** Which tags a dataset's clips have, by name. */
export const tagCountsSchema = z.array(z.object({ tag: z.string(), clips: z.int() }))
