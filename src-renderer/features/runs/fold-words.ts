/** Some of a run's folds: `fold 3`, `folds 1, 2`. */
export function foldWords(folds: readonly number[]): string {
  return `${folds.length === 1 ? 'fold' : 'folds'} ${folds.join(', ')}`
}
