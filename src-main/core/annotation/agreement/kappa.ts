/**
 * Fleiss' kappa (1971), of any number of raters that all rated each thing.
 * @param ratings - of each thing what each rater said, all equally long, two at least
 * @returns 1 always the same, 0 as by chance; null where chance alone would always agree, and for none; as statsmodels' `fleiss_kappa`
 */
export function fleissKappa(ratings: readonly (readonly string[])[]): number | null {
  const raters = ratings[0]?.length ?? 0
  const totals = new Map<string, number>()
  let agreement = 0
  for (const said of ratings) {
    const counts = new Map<string, number>()
    for (const label of said) counts.set(label, (counts.get(label) ?? 0) + 1)
    let pairs = 0
    for (const [label, n] of counts) {
      pairs += n * (n - 1)
      totals.set(label, (totals.get(label) ?? 0) + n)
    }
    agreement += pairs / (raters * (raters - 1))
  }
  const all = ratings.length * raters
  const expected = [...totals.values()].reduce((sum, n) => sum + (n / all) ** 2, 0)
  return beyondChance(agreement / ratings.length, expected)
}

/** The share of things of which two raters, drawn at random, said the same. */
export function meanAgreement(ratings: readonly (readonly string[])[]): number | null {
  if (ratings.length === 0) return null
  const shares = ratings.map((said) => {
    const pairs = [...Map.groupBy(said, (label) => label).values()].reduce(
      (sum, { length }) => sum + length * (length - 1),
      0,
    )
    return pairs / (said.length * (said.length - 1))
  })
  return shares.reduce((sum, share) => sum + share, 0) / shares.length
}

/** What was said of one label and of all others: Fleiss' kappa then tells how well that one is agreed on. */
export const againstRest = (label: string, said: readonly string[]): string[] =>
  said.map((one) => (one === label ? 'it' : 'another'))

function beyondChance(observed: number, expected: number): number | null {
  const kappa = (observed - expected) / (1 - expected)
  return Number.isFinite(kappa) ? kappa : null
}
