import { clipAnnotations } from '../annotation/clip-annotations.ts'
import { verdictKind } from '../audit/verdict-kind.ts'
import { clipTags } from '../tags/clip-tags.ts'
import type { ChangeKind } from './change-kind.ts'

/** Everything whose changes can be undone. */
export const CHANGE_KINDS: readonly ChangeKind<unknown, unknown>[] = [clipTags, clipAnnotations, verdictKind]
