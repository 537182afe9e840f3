import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { mapSettingsSchema } from '../../src-main/contract/space.ts'
import { type MapMessage, runMapTask } from '../../src-main/core/space/map-task.ts'

const data = (name: string) => new URL(`data/${name}`, import.meta.url)
const reference = z
  .object({
    rows: z.int(),
    width: z.int(),
    neighbours: z.int(),
    trustworthiness: z.number(),
    places: z.array(z.tuple([z.number(), z.number()])),
  })
  .parse(JSON.parse(readFileSync(data('map.json'), 'utf8')))
const { rows, width, neighbours } = reference
const vectors = new Float32Array(Uint8Array.from(readFileSync(data('map.f32'))).buffer)

/** Other rows by their distance from one, the nearest first. */
const nearest = (row: number, distance: (a: number, b: number) => number) =>
  Array.from({ length: rows }, (_, other) => other)
    .filter((other) => other !== row)
    .sort((a, b) => distance(row, a) - distance(row, b))

const cosineDistance = (a: number, b: number) => {
  let dot = 0
  for (let at = 0; at < width; at++) dot += (vectors[a * width + at] ?? 0) * (vectors[b * width + at] ?? 0)
  return 1 - dot
}

/** Venna & Kaski (2001): 1, less what rows that are near in the plane alone are too far away for. */
function trustworthiness(places: readonly (readonly [number, number])[]): number {
  const inPlane = (a: number, b: number) => {
    const [[ax, ay], [bx, by]] = [places[a] ?? [0, 0], places[b] ?? [0, 0]]
    return Math.hypot(ax - bx, ay - by)
  }
  let penalty = 0
  for (let row = 0; row < rows; row++) {
    const rank = new Map(nearest(row, cosineDistance).map((other, place) => [other, place + 1]))
    for (const other of nearest(row, inPlane).slice(0, neighbours))
      penalty += Math.max(0, (rank.get(other) ?? 0) - neighbours)
  }
  return 1 - (2 / (rows * neighbours * (2 * rows - 3 * neighbours - 1))) * penalty
}

it('the measure is scikit-learn’s', () => {
  expect(trustworthiness(reference.places)).toBeCloseTo(reference.trustworthiness, 4)
})

it('a map can be trusted as umap-learn’s can, whatever the seed', async () => {
  for (const seed of [1, 2, 3]) {
    const settings = mapSettingsSchema.parse({ neighbours, minimumDistance: 0.1, seed })
    const messages: MapMessage[] = []
    await runMapTask(
      { values: vectors, rows, width, settings },
      (message) => messages.push(message),
      new AbortController().signal,
    )
    const last = messages.at(-1)
    if (last?.type !== 'done') throw new Error('No map was made.')
    const ours = Array.from(
      { length: rows },
      (_, row) => [last.places[2 * row] ?? 0, last.places[2 * row + 1] ?? 0] as const,
    )
    expect(trustworthiness(ours)).toBeGreaterThan(reference.trustworthiness - 0.02)
  }
  // Places by chance are far from it.
  const chance = reference.places.map((_, row) => [(row * 0.618) % 1, (row * 0.414) % 1] as const)
  expect(trustworthiness(chance)).toBeLessThan(0.6)
})
