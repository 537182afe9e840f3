import { z } from 'zod'

/** Which labels runs are compared on, where an audit changed some: so that cleaned test labels can't flatter a model unseen. */
export const LABEL_BASES = ['scored', 'original', 'cleaned', 'unchanged'] as const
export const labelBasisSchema = z.enum(LABEL_BASES)
export type LabelBasis = z.infer<typeof labelBasisSchema>

/** Those that take verdicts. */
export const AUDITED_BASES = ['original', 'cleaned', 'unchanged'] as const satisfies readonly LabelBasis[]

export const LABEL_BASIS_WORDS: Readonly<Record<LabelBasis, { title: string; text: string }>> = {
  scored: {
    title: 'As each run was scored',
    text: 'Clips that both runs were scored on under the same label.',
  },
  original: {
    title: 'Original labels',
    text: 'All clips that both predicted, under the labels as imported, with whatever is wrong about them.',
  },
  cleaned: {
    title: 'Cleaned labels',
    text: 'All clips that both predicted, under the labels after the audit. Verdicts that were made in sight of a run’s predictions favour it here.',
  },
  unchanged: {
    title: 'Unchanged clips',
    text: 'Only clips whose label the audit left as it was: no cleaning of test labels moves these figures.',
  },
}
