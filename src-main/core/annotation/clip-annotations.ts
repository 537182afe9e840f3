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

/** `Added an annotation “siren” in NAME`. */
export function changeTitle(
  changed: readonly Changed[],
  act: AnnotationChange['act'],
  fileName: string,
): string {
  if (act === 'split') return `Split annotations in ${fileName}`
  if (act === 'merge') return `Merged annotations in ${fileName}`
  const added = changed.filter(({ before }) => before === null).length
  const removed = changed.filter(({ after }) => after === null).length
  const others = changed.length - added - removed
  if (act === 'paste') return `Pasted ${annotationsInWords(changed.length - removed)} in ${fileName}`
  const labels = [...new Set(changed.flatMap(({ before, after }) => (after ?? before)?.label || []))]
  const which = `${annotationsInWords(changed.length)}${labels.length === 1 ? ` “${labels[0]}”` : ''}`
  if (added === changed.length) return `Added ${which} in ${fileName}`
  if (removed === changed.length) return `Removed ${which} in ${fileName}`
  if (others === changed.length) return `Changed ${which} in ${fileName}`
  const parts = [
    ...(added > 0 ? [`added ${annotationsInWords(added)}`] : []),
    ...(others > 0 ? [`changed ${annotationsInWords(others)}`] : []),
    ...(removed > 0 ? [`removed ${annotationsInWords(removed)}`] : []),
  ]
  return `Changes in ${fileName}: ${parts.join(', ')}`
}

const annotationsInWords = (count: number) =>
  count === 1 ? 'an annotation' : plural(count, ['annotation', 'annotations'])
