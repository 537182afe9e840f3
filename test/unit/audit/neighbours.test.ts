import { expect, it } from 'vitest'
import { nearestRows } from '../../../src-main/core/audit/nearest.ts'
import { outliers } from '../../../src-main/core/audit/outliers.ts'
import { standardised, unit } from '../../../src-main/core/audit/similarity.ts'
import { createRandom } from '../../../src-main/core/ml/random.ts'

/** Points about some centres. */
function cloud(rows: number, width: number, centres: number, seed: number) {
  const random = createRandom(seed)
  const places = Array.from({ length: centres }, () =>
    Float64Array.from({ length: width }, () => 4 * random.normal()),
  )
  return Array.from({ length: rows }, (_, row) =>
    Float64Array.from(
      { length: width },
      (_, column) => (places[row % centres]?.[column] ?? 0) + random.normal(),
    ),
  )
}

it('the nearest rows are those with the highest cosine', async () => {
  const vectors = unit(standardised(cloud(60, 6, 4, 1)))
  const found = await nearestRows(vectors, 3, (a, b) => (a + b) % 7 !== 0)
  for (let row = 0; row < 60; row++) {
    const cosines = Array.from({ length: 60 }, (_, other) => ({
      other,
      cosine: vectors.values
        .subarray(row * 6, row * 6 + 6)
        .reduce((sum, value, column) => sum + value * (vectors.values[other * 6 + column] ?? 0), 0),
    }))
      .filter(({ other }) => other !== row && (other + row) % 7 !== 0)
      .sort((a, b) => b.cosine - a.cosine)
    expect([...found.rows.subarray(row * 3, row * 3 + 3)]).toEqual(
      cosines.slice(0, 3).map(({ other }) => other),
    )
  }
})

it('among very many, nearly all of them are found', async () => {
  const vectors = unit(standardised(cloud(3000, 12, 40, 2)))
  const any = () => true
  const exact = await nearestRows(vectors, 1, any)
  const inCells = await nearestRows(vectors, 1, any, {}, 1000)
  const same = exact.rows.filter((row, at) => row === inCells.rows[at]).length
  expect(same / 3000).toBeGreaterThan(0.95)
})

it('stops when it is told to', async () => {
  const vectors = unit(standardised(cloud(3000, 40, 4, 3)))
  await expect(
    nearestRows(vectors, 1, () => true, { signal: AbortSignal.abort(new Error('stop')) }),
  ).rejects.toThrow('stop')
})

it('an outlier is far from its own class, wherever that lies', async () => {
  const points = cloud(120, 5, 2, 5)
  // Of the first class, in the midst of the second.
  points[40] = Float64Array.from(points[41] ?? [])
  const vectors = standardised(points)
  const classes = points.map((_, row) => row % 2)
  const found = await outliers(
    vectors,
    classes,
    points.map((_, row) => row),
  )
  expect(found.toSorted((a, b) => b.deviations - a.deviations)[0]?.row).toBe(40)
  expect(found.length).toBeLessThan(4)
})

it('slices of its own recording do not make a clip usual', async () => {
  const points = cloud(60, 5, 1, 6)
  for (const row of [0, 1, 2, 3, 4, 5, 6])
    points[row] = Float64Array.from({ length: 5 }, () => 30 + row / 100)
  const recordings = points.map((_, row) => (row < 7 ? 0 : row))
  const found = await outliers(
    standardised(points),
    points.map(() => 0),
    recordings,
  )
  expect(found.map(({ row }) => row).sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6])
})
