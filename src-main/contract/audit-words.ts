import type { IssueKind, LabelMethod, LabelScore } from './audit-issues.ts'

const TITLES: Readonly<Record<IssueKind, string>> = {
  label: 'Doubted label',
  'recording-label': 'Doubted recording',
  'conflicting-recording': 'Recording with two labels',
  'overlapping-labels': 'Overlap under other label',
  'recording-crosses-folds': 'Recording crosses folds',
  'exact-duplicate': 'Exact duplicate',
  'near-duplicate': 'Near duplicate',
  outlier: 'Outlier of its class',
  silence: 'Silence',
  clipping: 'Clipping',
  'too-short': 'Too short',
  'wrong-duration': 'Wrong duration',
  'band-limited': 'Band-limited',
  'mono-in-stereo': 'Mono in stereo',
}

/** A kind of issue as people read it. */
export const issueKindTitle = (kind: IssueKind): string => TITLES[kind]

export const METHOD_WORDS: Readonly<Record<LabelMethod, { title: string; text: string }>> = {
  'prune-by-noise-rate': {
    title: 'Prune by noise rate',
    text: 'For each label and true class as many as are estimated, the widest margin first.',
  },
  'prune-by-class': {
    title: 'Prune by class',
    text: 'For each label as many as are estimated, the least probable first.',
  },
  both: { title: 'Both', text: 'What pruning by noise rate and by class both take: fewer, and surer.' },
  'confident-learning': {
    title: 'Confident learning',
    text: 'Clips that are confidently of another class than their label.',
  },
}

export const SCORE_WORDS: Readonly<Record<LabelScore, { title: string; text: string }>> = {
  'self-confidence': { title: 'Self-confidence', text: 'The probability of the label, the lowest first.' },
  'normalized-margin': {
    title: 'Normalised margin',
    text: 'The probability of the label less the highest other, the lowest first.',
  },
  'confidence-weighted-entropy': {
    title: 'Confidence-weighted entropy',
    text: 'How spread the probabilities are by that of the label.',
  },
}
