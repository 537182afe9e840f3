import { z } from 'zod'
import { type Split, splitSchema } from '../../../src-main/contract/split.ts'
import { numberOf } from '../../lib/number-of.ts'

/** The split as it is typed. */
export interface SplitFields {
  readonly split: Split['kind']
  readonly splitFolds: string
  readonly splitSeed: string
  readonly acceptLeak: boolean
  readonly excludeCrossing: boolean
}

export const PREDEFINED_FIELDS: SplitFields = {
  split: 'predefined',
  splitFolds: '5',
  splitSeed: '73',
  acceptLeak: false,
  excludeCrossing: false,
}

/** How it is remembered. An accepted leak is not: it is accepted anew for each form. */
export const storedSplit = {
  split: z.enum(['predefined', 'grouped', 'random']).catch('predefined'),
  splitFolds: z.string().catch('5'),
  splitSeed: z.string().catch('73'),
  excludeCrossing: z.boolean().catch(false),
}

/** Of the contract, as far as what is typed can be one. */
export function checkSplit({ split: kind, splitFolds, splitSeed, acceptLeak }: SplitFields) {
  if (kind === 'predefined') return splitSchema.safeParse({ kind })
  const parts = { kind, folds: numberOf(splitFolds), seed: numberOf(splitSeed) }
  return splitSchema.safeParse(kind === 'random' ? { ...parts, acceptLeak } : parts)
}

export const splitOf = (fields: SplitFields): Split | undefined => checkSplit(fields).data

/** The folds that can be held out; none while the split is not valid. */
export function foldsOf(
  fields: SplitFields,
  dataset: { readonly folds: readonly number[] },
): readonly number[] {
  const split = splitOf(fields)
  if (split === undefined) return []
  if (split.kind === 'predefined') return dataset.folds
  return Array.from({ length: split.folds }, (_, index) => index + 1)
}

export function splitFieldsOf({
  split,
  excludeCrossing,
}: {
  split: Split
  excludeCrossing: boolean
}): SplitFields {
  return {
    ...PREDEFINED_FIELDS,
    split: split.kind,
    ...(split.kind !== 'predefined' && { splitFolds: String(split.folds), splitSeed: String(split.seed) }),
    // Whoever cloned the run saw its label; the form shows the warning again.
    acceptLeak: split.kind === 'random' && split.acceptLeak,
    excludeCrossing,
  }
}
