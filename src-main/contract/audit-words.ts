import type { IssueKind } from './audit-issues.ts'

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
