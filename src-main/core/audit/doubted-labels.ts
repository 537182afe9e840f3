import { z } from 'zod'
import type { LabelEvidence, LabelNoise, SearchSettings } from '../../contract/audit-issues.ts'
import { className, percent, plural } from '../../contract/words.ts'
import type { Finding } from '../db/audit-issues.ts'
import { shared } from '../evaluation/predictions.ts'
import { type Ensemble, poolRecordings } from './ensemble.ts'
import { type FoundLabels, findLabelIssues } from './label-issues.ts'
import { type LabelledProbabilities, labelCounts, largestAt, noiseOf } from './label-noise.ts'
import { confidenceWeightedEntropy, labelScores, normalizedMargin, selfConfidence } from './label-scores.ts'

/** Classes whose probabilities are kept as evidence, besides the label's. */
const MOST_PROBABLE = 5

export interface DoubtedLabels {
  noise: LabelNoise
  /** Worst first. */
  clips: Finding[]
  recordings: Finding[]
}

/** Findings as text, some at a time, in memory that threads share: half a million objects would hold up the one that gets them. */
export type FindingParts = readonly Uint8Array[]

const FINDINGS_A_PART = 500

export function partsOf(findings: readonly Finding[]): FindingParts {
  const parts: Uint8Array[] = []
  for (let first = 0; first < findings.length; first += FINDINGS_A_PART) {
    const text = Buffer.from(JSON.stringify(findings.slice(first, first + FINDINGS_A_PART)))
    const part = shared.bytes(text.length)
    part.set(text)
    parts.push(part)
  }
  return parts
}

export function* findingsIn(parts: FindingParts): Generator<Finding[]> {
  for (const part of parts)
    yield z.custom<Finding[]>(Array.isArray).parse(JSON.parse(Buffer.from(part).toString()))
}

/** Labels that the runs' mean contradicts: clip by clip, and recording by recording. */
export function doubtedLabels(
  ensemble: Ensemble,
  settings: Pick<SearchSettings, 'method' | 'score'>,
): DoubtedLabels {
  const found = findLabelIssues(ensemble)
  const noise: LabelNoise = {
    classes: ensemble.classList,
    clips: ensemble.labels.length,
    recordings: ensemble.recordingCount,
    joint: found.joint,
    ...noiseOf(found.joint, labelCounts(ensemble)),
    thresholds: found.thresholds,
    estimatedErrors: found.joint.reduce(
      (sum, row, given) => row.reduce((all, count, truth) => all + (given === truth ? 0 : count), sum),
      0,
    ),
  }
  const clips = doubted(ensemble, found.issues, settings, ensemble.classList).map(
    ({ row, ...finding }): Finding => ({
      ...finding,
      kind: 'label',
      clipId: ensemble.clipIds[row] ?? 0,
      message: `Labelled ${words(finding, ensemble.classList)}`,
      related: [],
    }),
  )
  const pools = poolRecordings(ensemble)
  const scores = labelScores(ensemble, settings.score)
  const recordings = doubted(pools, findLabelIssues(pools).issues, settings, ensemble.classList).flatMap(
    ({ row, ...finding }): Finding[] => {
      const members = pools.members[row] ?? []
      // A recording of one slice says no more than its clip.
      if (members.length < 2) return []
      const [worst, ...others] = members
        .toSorted((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0))
        .map((member) => ensemble.clipIds[member] ?? 0)
      return [
        {
          ...finding,
          kind: 'recording-label',
          clipId: worst ?? 0,
          message: `${plural(members.length, ['slice', 'slices'])} together: labelled ${words(finding, ensemble.classList)}`,
          related: others,
        },
      ]
    },
  )
  return { noise, clips, recordings: recordings.sort((a, b) => a.score - b.score || a.clipId - b.clipId) }
}

type Doubted = Pick<Finding, 'severity' | 'classId' | 'suggestedClassId' | 'score' | 'label'> & {
  row: number
}

/** Worst first. Where every method takes a label for wrong, it is an error. */
function doubted(
  data: LabelledProbabilities,
  issues: FoundLabels['issues'],
  { method, score }: Pick<SearchSettings, 'method' | 'score'>,
  classes: Ensemble['classList'],
): Doubted[] {
  const scores = labelScores(data, score)
  const rows = [...data.labels.keys()].filter((row) => issues[method][row] === 1)
  rows.sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0))
  const idOf = (place: number) => classes[place]?.id ?? 0
  return rows.map((row) => ({
    row,
    severity: issues.both[row] && issues['confident-learning'][row] ? 'error' : 'warning',
    classId: idOf(data.labels[row] ?? 0),
    suggestedClassId: idOf(largestAt(data.probabilities, row * data.classes, data.classes)),
    score: scores[row] ?? 0,
    label: evidence(data, row, classes),
  }))
}

function evidence(data: LabelledProbabilities, row: number, classes: Ensemble['classList']): LabelEvidence {
  const label = data.labels[row] ?? 0
  const ranked = classes
    .map(({ id }, place) => ({
      place,
      classId: id,
      probability: data.probabilities[row * data.classes + place] ?? 0,
    }))
    .sort((a, b) => b.probability - a.probability)
  return {
    selfConfidence: selfConfidence(data, row),
    normalizedMargin: normalizedMargin(data, row),
    confidenceWeightedEntropy: confidenceWeightedEntropy(data, row),
    probabilities: ranked
      .filter(({ place }, rank) => rank < MOST_PROBABLE || place === label)
      .map(({ classId, probability }) => ({ classId, probability })),
  }
}

function words(
  { classId, suggestedClassId, label }: Omit<Doubted, 'row'>,
  classes: Ensemble['classList'],
): string {
  const name = (id: number | null) => className(classes.find((info) => info.id === id)?.name ?? '')
  const [first] = label?.probabilities ?? []
  return `${name(classId)} (${percent(label?.selfConfidence ?? 0)}), more likely ${name(suggestedClassId)} (${percent(first?.probability ?? 0)}).`
}
