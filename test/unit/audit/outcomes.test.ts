import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Outcome } from '../../../src-main/contract/verdict.ts'
import { agreementOf } from '../../../src-main/core/audit/agreement.ts'
import { cleanedClips, countOutcomes, outcomesOf } from '../../../src-main/core/audit/outcomes.ts'

type Said = Parameters<typeof outcomesOf>[0] extends Iterable<infer S> ? S : never
const says = (author: string, decision: Said['decision'], classId: number | null = null, final = false) => ({
  ...{ clipId: 1, author, decision, classId, final },
})

/** What authors say, in order, and what that comes to. */
const CASES: [name: string, said: Said[], outcome: Outcome | undefined][] = [
  ['one author', [says('A', 'relabel', 3)], { decision: 'relabel', classId: 3 }],
  ['a note alone', [says('A', null)], undefined],
  ['two who agree', [says('A', 'exclude'), says('B', 'exclude')], { decision: 'exclude', classId: null }],
  ['two who differ', [says('A', 'keep'), says('B', 'exclude')], { decision: 'disputed', classId: null }],
  [
    'two who relabel differently',
    [says('A', 'relabel', 3), says('B', 'relabel', 4)],
    { decision: 'disputed', classId: null },
  ],
  [
    'one who is not sure',
    [says('A', 'unsure'), says('B', 'relabel', 2)],
    { decision: 'relabel', classId: 2 },
  ],
  ['nobody sure', [says('A', 'unsure'), says('B', null)], { decision: 'unsure', classId: null }],
  [
    'a final word before the last',
    [says('A', 'relabel', 3, true), says('B', 'keep')],
    { decision: 'relabel', classId: 3 },
  ],
  [
    'two final words',
    [says('A', 'relabel', 3, true), says('B', 'keep', null, true)],
    { decision: 'keep', classId: null },
  ],
  [
    'a final word that is not sure',
    [says('A', 'keep'), says('B', 'unsure', null, true)],
    { decision: 'unsure', classId: null },
  ],
]

describe('what authors say of a clip together', () => {
  it.each(CASES)('%s', (_, said, outcome) => {
    expect(outcomesOf(said).get(1)).toEqual(outcome)
  })

  it('is counted, and changes no label but by relabelling and excluding', () => {
    const outcomes = new Map<number, Outcome>([
      [1, { decision: 'relabel', classId: 9 }],
      [2, { decision: 'exclude', classId: null }],
      [3, { decision: 'disputed', classId: null }],
      [4, { decision: 'unsure', classId: null }],
      [5, { decision: 'keep', classId: null }],
      [6, { decision: 'relabel', classId: 0 }],
    ])
    expect(countOutcomes(outcomes.values())).toEqual({
      keep: 1,
      relabel: 2,
      exclude: 1,
      unsure: 1,
      disputed: 1,
    })
    const clips = [1, 2, 3, 4, 5, 6, 7].map((clipId) => ({ clipId, classId: 0 }))
    expect(cleanedClips(clips, outcomes)).toEqual({
      clips: [1, 3, 4, 5, 6, 7].map((clipId) => ({ clipId, classId: clipId === 1 ? 9 : 0 })),
      excluded: 1,
      relabelled: 1,
    })
  })
})

it('agreement is scikit-learn’s kappa of what the labels would be', () => {
  const reference = z
    .object({
      given: z.array(z.int()),
      first: z.array(z.int()),
      second: z.array(z.int()),
      agreed: z.int(),
      kappa: z.number(),
    })
    .parse(JSON.parse(readFileSync(new URL('../../parity/data/agreement.json', import.meta.url), 'utf8')))
  const clips = new Map(reference.given.map((classId, id) => [id, { fileName: `${id}.wav`, classId }]))
  /** Every other clip whose label stays is said to keep it, the others to get the one that they have. */
  const answers = (labels: readonly number[], odd: number) =>
    new Map(
      labels.map((answer, id): [number, Outcome] => {
        if (answer === 4) return [id, { decision: 'exclude', classId: null }]
        if (answer === 5) return [id, { decision: 'unsure', classId: null }]
        const keeps = answer === reference.given[id] && id % 2 === odd
        return [id, keeps ? { decision: 'keep', classId: null } : { decision: 'relabel', classId: answer }]
      }),
    )
  const both = [answers(reference.first, 0), answers(reference.second, 1)] as const
  const found = agreementOf(['A', 'B'], both, clips)
  expect(found).toMatchObject({ clips: 300, agreed: reference.agreed })
  expect(found.kappa).toBeCloseTo(reference.kappa, 12)
  expect(found.differing).toHaveLength(300 - reference.agreed)
  expect(agreementOf(['A', 'B'], [both[0], new Map()], clips)).toMatchObject({ clips: 0, kappa: null })
})
