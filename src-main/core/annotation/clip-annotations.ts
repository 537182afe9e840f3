import { z } from 'zod'
import {
  type AnnotationChange,
  type AnnotationState,
  annotationStateSchema,
} from '../../contract/annotation.ts'
import { plural } from '../../contract/words.ts'
import { type AnnotationRef, annotationStates, writeAnnotationStates } from '../db/annotations.ts'
import type { ChangeKind } from '../history/change-kind.ts'

/** Where an annotation lies and what it says. */
export const clipAnnotations: ChangeKind<AnnotationRef, AnnotationState> = {
  name: 'annotations',
  subject: z.object({ clipId: z.int(), id: z.uuid() }),
  state: annotationStateSchema,
  topics: ['annotations'],
  read: annotationStates,
  write: writeAnnotationStates,
}

interface Changed {
  before: AnnotationState | null
  after: AnnotationState | null
}

const VERBS = { split: 'Split', merge: 'Merged', paste: 'Pasted' } as const

/** `Added an annotation to NAME: siren`. */
export function changeTitle(
  changed: readonly Changed[],
  act: AnnotationChange['act'],
  fileName: string,
): string {
  const [first] = changed
  if (act && first) {
    const count = changed.filter(({ before, after }) => (act === 'paste' ? after : (before ?? after))).length
    return `${VERBS[act]} ${act === 'paste' ? annotationsInWords(count) : 'annotations'} in ${fileName}`
  }
  const added = changed.filter(({ before }) => before === null).length
  const removed = changed.filter(({ after }) => after === null).length
  const others = changed.length - added - removed
  const parts = [
    ...(added > 0 ? [`added ${annotationsInWords(added)}`] : []),
    ...(others > 0 ? [`changed ${annotationsInWords(others)}`] : []),
    ...(removed > 0 ? [`removed ${annotationsInWords(removed)}`] : []),
  ]
  const labels = [...new Set(changed.flatMap(({ before, after }) => (after ?? before)?.label || []))]
  const text = parts.join(', ')
  const which = labels.length === 1 ? ` “${labels[0]}”` : ''
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${which} in ${fileName}`
}

const annotationsInWords = (count: number) =>
  count === 1 ? 'an annotation' : plural(count, ['annotation', 'annotations'])
