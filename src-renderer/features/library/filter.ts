import type { ClipFilter, ClipVerdict, Dataset } from '../../../src-main/contract/model.ts'
import type { VerdictSet } from '../../../src-main/contract/verdict.ts'
import { defined } from '../../lib/defined.ts'
import {
  channels,
  className,
  durationRange,
  hertz,
  percent,
  plural,
  salience,
  shortRunId,
} from '../../lib/format.ts'
import { PROBLEM_TITLES } from '../dataset/problem-titles.ts'

/** A filter in force, and the filter without it. */
export interface FilterChip {
  readonly key: string
  readonly label: string
  readonly without: ClipFilter
}

/** @returns the list with the value added or taken out; undefined when nothing is left */
export function toggled<T>(values: readonly T[] | undefined, value: T): T[] | undefined {
  const rest = (values ?? []).filter((other) => other !== value)
  if (rest.length === (values ?? []).length) rest.push(value)
  return rest.length > 0 ? rest : undefined
}

/** @returns the filter with some members changed; undefined removes one */
export function changed(filter: ClipFilter, changes: ClipFilter): ClipFilter {
  return defined({ ...filter, ...changes })
}

/** What a filter says of a run, taken out. */
export const WITHOUT_RUN: ClipFilter = {
  runId: undefined,
  predictedClassIds: undefined,
  correct: undefined,
  confidenceFrom: undefined,
  confidenceBelow: undefined,
  against: undefined,
}

export const WITHOUT_VERDICTS: ClipFilter = { verdictSetId: undefined, verdicts: undefined }

export const VERDICT_TITLES: Record<ClipVerdict, string> = {
  none: 'no verdict',
  keep: 'label kept',
  relabel: /* @wc-include */ 'relabelled',
  exclude: /* @wc-include */ 'excluded',
  unsure: 'not sure',
  disputed: /* @wc-include */ 'disputed',
}

function confidenceRange(from = 0, below?: number): string {
  if (below === undefined) return `at least ${percent(from, 0)} sure`
  return from === 0
    ? `less than ${percent(below, 0)} sure`
    : `${percent(from, 0)} to ${percent(below, 0)} sure`
}

/** Names of what a filter has by its number, as far as they are known. */
interface FilterNames {
  readonly chosen?: { title: string; clips: number } | undefined
  readonly sets?: readonly Pick<VerdictSet, 'id' | 'name'>[] | undefined
}

/** Everything that narrows the list, in the order in which it is shown. */
export function filterChips(
  filter: ClipFilter,
  dataset: Pick<Dataset, 'classes'>,
  { chosen, sets = [] }: FilterNames = {},
): FilterChip[] {
  const nameOf = (id: number) =>
    className(dataset.classes.find((known) => known.id === id)?.name ?? `class ${id}`)
  const chips: FilterChip[] = []
  const chip = (key: string, label: string, changes: ClipFilter) =>
    chips.push({ key, label, without: changed(filter, changes) })
  if (filter.chosenId)
    chip('chosen', chosen ? `${plural(chosen.clips, ['clip', 'clips'])} ${chosen.title}` : 'chosen clips', {
      chosenId: undefined,
    })
  if (filter.text) chip('text', `“${filter.text}”`, { text: undefined })
  for (const id of filter.classIds ?? [])
    chip(`class ${id}`, nameOf(id), { classIds: toggled(filter.classIds, id) })
  for (const fold of filter.folds ?? [])
    chip(`fold ${fold}`, `fold ${fold}`, { folds: toggled(filter.folds, fold) })
  for (const value of filter.saliences ?? [])
    chip(`salience ${value}`, salience(value), { saliences: toggled(filter.saliences, value) })
  for (const recording of filter.recordings ?? [])
    chip(`recording ${recording}`, `recording ${recording}`, {
      recordings: toggled(filter.recordings, recording),
    })
  for (const rate of filter.sampleRatesHz ?? [])
    chip(`rate ${rate}`, hertz(rate), { sampleRatesHz: toggled(filter.sampleRatesHz, rate) })
  for (const number of filter.channels ?? [])
    chip(`channels ${number}`, channels(number), { channels: toggled(filter.channels, number) })
  if (filter.durationFromSeconds !== undefined || filter.durationBelowSeconds !== undefined)
    chip('duration', durationRange(filter.durationFromSeconds ?? 0, filter.durationBelowSeconds ?? null), {
      durationFromSeconds: undefined,
      durationBelowSeconds: undefined,
    })
  for (const format of filter.formats ?? [])
    chip(`format ${format}`, format, { formats: toggled(filter.formats, format) })
  for (const code of filter.problemCodes ?? [])
    chip(`problem ${code}`, PROBLEM_TITLES[code].toLowerCase(), {
      problemCodes: toggled(filter.problemCodes, code),
    })
  if (filter.withProblems !== undefined)
    chip('problems', filter.withProblems ? 'with problems' : 'without problems', { withProblems: undefined })
  for (const tag of filter.tags ?? []) chip(`tag ${tag}`, `tag ${tag}`, { tags: toggled(filter.tags, tag) })
  if (filter.withTags !== undefined)
    chip('tagged', filter.withTags ? 'with a tag' : 'without a tag', { withTags: undefined })
  if (filter.verdictSetId !== undefined) {
    const set = sets.find(({ id }) => id === filter.verdictSetId)
    chip('verdicts', set ? `verdicts of “${set.name}”` : 'a set of verdicts', WITHOUT_VERDICTS)
  }
  for (const verdict of filter.verdicts ?? [])
    chip(`verdict ${verdict}`, VERDICT_TITLES[verdict], { verdicts: toggled(filter.verdicts, verdict) })
  if (filter.runId) chip('run', `run ${shortRunId(filter.runId)}`, WITHOUT_RUN)
  for (const id of filter.predictedClassIds ?? [])
    chip(`predicted ${id}`, `predicted ${nameOf(id)}`, {
      predictedClassIds: toggled(filter.predictedClassIds, id),
    })
  if (filter.correct !== undefined)
    chip('correct', filter.correct ? 'predicted right' : 'predicted wrong', { correct: undefined })
  if (filter.confidenceFrom !== undefined || filter.confidenceBelow !== undefined)
    chip('confidence', confidenceRange(filter.confidenceFrom, filter.confidenceBelow), {
      confidenceFrom: undefined,
      confidenceBelow: undefined,
    })
  if (filter.against)
    chip(
      'against',
      `${filter.against.correct ? /* @wc-include */ 'right' : /* @wc-include */ 'wrong'} in run ${shortRunId(filter.against.runId)}`,
      {
        against: undefined,
      },
    )
  return chips
}
