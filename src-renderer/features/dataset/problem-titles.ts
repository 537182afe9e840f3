import type { ProblemCode } from '../../../src-main/contract/model.ts'

export const PROBLEM_TITLES: Readonly<Record<ProblemCode, string>> = {
  'missing-file': 'Missing file',
  'unreadable-file': 'Unreadable file',
  'truncated-file': 'Truncated file',
  'duplicate-content': 'Duplicate content',
  'wrong-duration': 'Wrong duration',
  'class-out-of-range': 'Class out of range',
  'fold-out-of-range': 'Fold out of range',
  'recording-crosses-folds': 'Recording crosses folds',
  'malformed-row': 'Malformed row',
  'path-outside-folder': 'Path outside folder',
  'duplicate-row': 'Duplicate row',
  'unlisted-file': 'Unlisted file',
}
