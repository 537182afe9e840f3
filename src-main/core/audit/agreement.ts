import type { Agreement, Outcome } from '../../contract/verdict.ts'
import { cohenKappa } from '../evaluation/confusion.ts'
import { cleanedLabel, sameOutcome } from './outcomes.ts'

type Named = { fileName: string; classId: number }

/**
 * How far two authors agree. Keeping a label and naming it anew are the same answer; leaving a clip out and not knowing are
 * answers too. Kappa is scikit-learn's `cohen_kappa_score`.
 * @param clips - with their labels as imported
 */
export function agreementOf(
  [first, second]: readonly [string, string],
  [ofFirst, ofSecond]: readonly [ReadonlyMap<number, Outcome>, ReadonlyMap<number, Outcome>],
  clips: ReadonlyMap<number, Named>,
): Agreement {
  const answers: [string, string][] = []
  const differing: Agreement['differing'] = []
  for (const [clipId, a] of ofFirst) {
    const b = ofSecond.get(clipId)
    const clip = clips.get(clipId)
    if (!b || !clip) continue
    const pair: [string, string] = [answerOf(a, clip.classId), answerOf(b, clip.classId)]
    answers.push(pair)
    if (pair[0] !== pair[1] && !sameOutcome(a, b))
      differing.push({ clipId, fileName: clip.fileName, first: a, second: b })
  }
  const names = [...new Set(answers.flat())]
  const matrix = names.map((row) =>
    names.map((column) => answers.filter(([a, b]) => a === row && b === column).length),
  )
  return {
    first,
    second,
    clips: answers.length,
    agreed: answers.filter(([a, b]) => a === b).length,
    kappa: answers.length > 0 ? cohenKappa(matrix) : null,
    differing,
  }
}

function answerOf(outcome: Outcome, given: number): string {
  if (outcome.decision === 'unsure' || outcome.decision === 'disputed') return outcome.decision
  return `${cleanedLabel(outcome, given) ?? 'exclude'}`
}
