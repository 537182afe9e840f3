/** A cluster's members, in the order in which they will stand. */
type Cluster = readonly number[]

/**
 * An order in which classes that are taken for each other stand side by side: average-linkage clustering of how often
 * two are confused (both ways, by row), each merge turned so that the most alike ends meet.
 * @param matrix - [true][predicted] = clips
 * @returns places, each once
 */
export function similarityOrder(matrix: readonly (readonly number[])[]): number[] {
  const sums = matrix.map((row) => row.reduce((total, value) => total + value, 0))
  const share = (row: number, column: number) => {
    const sum = sums[row] ?? 0
    return sum > 0 ? (matrix[row]?.[column] ?? 0) / sum : 0
  }
  const alike = (a: number, b: number) => share(a, b) + share(b, a)
  let clusters: Cluster[] = matrix.map((_, place) => [place])
  while (clusters.length > 1) {
    let best: { a: Cluster; b: Cluster; likeness: number } | undefined
    clusters.forEach((a, index) => {
      for (const b of clusters.slice(index + 1)) {
        const pairs = a.flatMap((one) => b.map((other) => alike(one, other)))
        const likeness = pairs.reduce((total, value) => total + value, 0) / pairs.length
        if (!best || likeness > best.likeness) best = { a, b, likeness }
      }
    })
    if (!best) break
    const { a, b } = best
    clusters = [joined(a, b, alike), ...clusters.filter((cluster) => cluster !== a && cluster !== b)]
  }
  return [...(clusters[0] ?? [])]
}

function joined(a: Cluster, b: Cluster, alike: (one: number, other: number) => number): Cluster {
  const turns = [a, a.toReversed()].flatMap((left) => [b, b.toReversed()].map((right) => ({ left, right })))
  const meeting = ({ left, right }: { left: Cluster; right: Cluster }) =>
    alike(left.at(-1) ?? 0, right[0] ?? 0)
  const best = turns.reduce((found, turn) => (meeting(turn) > meeting(found) ? turn : found))
  return [...best.left, ...best.right]
}
