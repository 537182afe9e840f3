import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { LABEL_METHODS, LABEL_SCORES } from '../../src-main/contract/audit-issues.ts'
import { averageRuns } from '../../src-main/core/audit/ensemble.ts'
import { findLabelIssues } from '../../src-main/core/audit/label-issues.ts'
import { confidentJoint, labelCounts, noiseOf } from '../../src-main/core/audit/label-noise.ts'
import { labelScores } from '../../src-main/core/audit/label-scores.ts'
import { columnsOf } from '../support/predictions.ts'

/** Made by generate/label_issues.py with cleanlab. */
const numbers = z.array(z.number())
const matrix = z.array(numbers)
const named = z.record(z.string(), numbers)
const { cases } = z
  .object({
    cases: z.array(
      z.object({
        name: z.string(),
        classes: z.int(),
        labels: numbers,
        runs: matrix,
        expected: z.object({
          thresholds: numbers,
          confidentJoint: matrix,
          joint: matrix,
          jointShares: matrix,
          prior: numbers,
          noise: matrix,
          inverseNoise: matrix,
          estimatedErrors: z.int(),
          issues: z.record(z.string(), z.object({ always: numbers, ever: numbers })),
          ranked: named,
          scores: named,
        }),
        ensembleSelfConfidence: numbers.nullable(),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL('data/label-issues.json', import.meta.url), 'utf8')))

const cleanlabs = (name: string) => name.replaceAll('-', '_')
const rowsOf = (mask: Uint8Array) => [...mask.keys()].filter((row) => mask[row] === 1)
/** Largest difference of two lists, or of two matrices. */
function distance(ours: readonly number[], theirs: readonly number[] | undefined): number {
  expect(ours.length).toBe(theirs?.length)
  return ours.reduce((most, value, place) => Math.max(most, Math.abs(value - (theirs?.[place] ?? NaN))), 0)
}

function ensembleOf({ classes, labels, runs }: Pick<(typeof cases)[number], 'classes' | 'labels' | 'runs'>) {
  const [first, ...others] = runs.map((probabilities) =>
    columnsOf({
      classes: Array.from({ length: classes }, (_, id) => ({ id, name: `class ${id}` })),
      truth: labels,
      predicted: labels,
      folds: labels.map(() => 1),
      probabilities,
    }),
  )
  if (!first) throw new Error('a case without a run')
  return averageRuns([first, ...others])
}

describe.each(cases)('$name', ({ name, classes, labels, runs, expected }) => {
  const data = ensembleOf({ classes, labels, runs })
  const found = findLabelIssues(data)

  it('has cleanlab’s thresholds, joint and noise matrices', () => {
    // A class without labels has no threshold; cleanlab takes one that nothing reaches.
    expect(
      distance(
        found.thresholds.map((value) => value ?? 2),
        expected.thresholds,
      ),
    ).toBeLessThan(1e-9)
    expect(confidentJoint(data, found.thresholds).counts).toEqual(expected.confidentJoint)
    expect(found.joint).toEqual(expected.joint)
    const clips = found.joint.flat().reduce((sum, count) => sum + count, 0)
    expect(
      distance(
        found.joint.flat().map((count) => count / clips),
        expected.jointShares.flat(),
      ),
    ).toBeLessThan(1e-12)
    const { noise, inverseNoise, prior } = noiseOf(found.joint, labelCounts(data))
    expect(distance(noise.flat(), expected.noise.flat())).toBeLessThan(1e-9)
    expect(distance(inverseNoise.flat(), expected.inverseNoise.flat())).toBeLessThan(1e-9)
    expect(distance(prior, expected.prior)).toBeLessThan(1e-9)
  })

  it.each(LABEL_SCORES)('has cleanlab’s scores by %s, and its ranks within ties', (score) => {
    const ours = labelScores(data, score)
    expect(distance([...ours], expected.scores[cleanlabs(score)])).toBeLessThan(1e-6)
    const theirs = expected.ranked[cleanlabs(score)] ?? []
    const ranked = theirs.toSorted((a, b) => (ours[a] ?? 0) - (ours[b] ?? 0))
    expect(
      distance(
        ranked.map((row) => ours[row] ?? 0),
        theirs.map((row) => ours[row] ?? 0),
      ),
    ).toBeLessThan(1e-6)
  })

  it.each(LABEL_METHODS)('finds the issues that cleanlab finds by %s', (method) => {
    // Which of tied clips are taken depends on their order, in cleanlab too.
    const { always, ever } = expected.issues[cleanlabs(method)] ?? { always: [-1], ever: [] }
    const ours = new Set(rowsOf(found.issues[method]))
    expect(always.filter((row) => !ours.has(row))).toEqual([])
    expect([...ours].filter((row) => !ever.includes(row))).toEqual([])
    if (name !== 'equal probabilities') expect(always).toEqual(ever)
  })

  it('estimates as many errors as cleanlab', () => {
    const right = found.joint.reduce((sum, row, place) => sum + (row[place] ?? 0), 0)
    expect(labels.length - right).toBe(expected.estimatedErrors)
  })
})

it('the mean of several runs has the mean of their self-confidence, as cleanlab’s ensemble', () => {
  const ensembles = cases.filter(({ ensembleSelfConfidence }) => ensembleSelfConfidence !== null)
  expect(ensembles.length).toBeGreaterThan(0)
  for (const { ensembleSelfConfidence, ...given } of ensembles)
    expect(
      distance([...labelScores(ensembleOf(given), 'self-confidence')], ensembleSelfConfidence ?? []),
    ).toBeLessThan(1e-6)
})
