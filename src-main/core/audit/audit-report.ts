import type { Agreement, Outcome, VerdictSet } from '../../contract/verdict.ts'
import { className, count, dateTime, MISSING, plural } from '../../contract/words.ts'
import type { ClipRecord } from '../db/clips.ts'
import type { StoredVerdict } from '../db/verdicts.ts'
import { type Html, html } from '../report/html.ts'
import { factList, page, table } from '../report/page.ts'
import { cleanedLabel } from './outcomes.ts'

export interface AuditReport {
  set: VerdictSet
  dataset: { name: string; clips: number }
  classes: readonly { id: number; name: string }[]
  clips: readonly ClipRecord[]
  outcomes: ReadonlyMap<number, Outcome>
  verdicts: readonly StoredVerdict[]
  /** Of each two authors that decided some clips both. */
  agreements: readonly Agreement[]
  writtenBy: string
  /** ISO 8601. */
  writtenAt: string
}

const OUTCOME_TITLES = {
  relabel: 'Relabelled',
  exclude: 'Excluded',
  keep: 'Label kept',
  unsure: 'Unsure',
  disputed: 'Disputed',
} as const

/** What an audit found and changed, as one HTML file. */
export function auditReport(report: AuditReport): string {
  const { set, dataset, writtenBy, writtenAt } = report
  const title = `Audit of ${dataset.name}: ${set.name}`
  const decided = Object.values(set.counts).reduce((sum, clips) => sum + clips, 0)
  const { relabel, exclude } = set.counts
  return page(
    title,
    html`<h1>${title}</h1><p class="muted">Verdicts on the labels of ${count(decided)} of ${plural(dataset.clips, ['clip', 'clips'])}</p>`,
    [
      html`<p class="summary">${plural(relabel, ['label', 'labels'])} changed, ${plural(exclude, ['clip', 'clips'])} excluded, ${plural(set.counts.keep, ['label', 'labels'])} kept; ${count(set.counts.unsure)} unsure, ${count(set.counts.disputed)} disputed. Unsure and disputed clips keep their labels.</p>`,
      html`<div class="facts">${factList('Verdict set', [
        { title: 'Name', value: set.name },
        { title: 'Fingerprint', value: html`<code>${set.fingerprint}</code>` },
        { title: 'Made', value: dateTime(set.createdAt) },
        { title: 'Forked from', value: set.forkedFrom?.name ?? MISSING },
        {
          title: 'Authors',
          value:
            set.authors
              .map(({ author, clips }) => `${author} (${plural(clips, ['clip', 'clips'])})`)
              .join(', ') || MISSING,
        },
      ])}</div>`,
      byClass(report),
      agreementTable(report),
      ...(['relabel', 'exclude', 'disputed', 'unsure'] as const).map((decision) =>
        clipTable(report, decision),
      ),
    ],
    html`Written by ${writtenBy} on ${dateTime(writtenAt)}. Nothing of the dataset itself was changed.`,
  )
}

function byClass({ classes, clips, outcomes }: AuditReport): Html {
  const rows = classes.flatMap(({ id, name }) => {
    const own = clips.filter(({ classId }) => classId === id)
    const decisions = own.flatMap((clip) => outcomes.get(clip.id) ?? [])
    if (decisions.length === 0) return []
    const of = (decision: Outcome['decision']) => decisions.filter((one) => one.decision === decision).length
    const after = clips.filter((clip) => cleanedLabel(outcomes.get(clip.id), clip.classId) === id).length
    const others = (['relabel', 'exclude', 'keep', 'unsure', 'disputed'] as const).map((one) =>
      count(of(one)),
    )
    return [[className(name), count(own.length), count(decisions.length), ...others, count(after)]]
  })
  return html`<h2>By label</h2>
${table({
  caption: 'Clips by the label they had',
  head: ['Label', 'Clips', 'Decided', ...Object.values(OUTCOME_TITLES), 'Clips after'],
  rows,
})}`
}

function agreementTable({ agreements }: AuditReport): Html | null {
  if (agreements.length === 0) return null
  return html`<h2>Agreement</h2>
${table({
  caption: 'Authors on the clips that both decided',
  head: ['Authors', 'Clips', 'Agreed', 'Cohen’s kappa'],
  rows: agreements.map(({ first, second, clips, agreed, kappa }) => [
    `${first} and ${second}`,
    count(clips),
    count(agreed),
    kappa === null ? MISSING : kappa.toFixed(3),
  ]),
})}`
}

function clipTable(
  { clips, outcomes, verdicts, classes }: AuditReport,
  decision: Outcome['decision'],
): Html | null {
  const names = new Map(classes.map(({ id, name }) => [id, className(name)]))
  const said = Map.groupBy(verdicts, ({ clipId }) => clipId)
  const rows = clips.flatMap((clip) => {
    const outcome = outcomes.get(clip.id)
    if (outcome?.decision !== decision) return []
    const own = said.get(clip.id) ?? []
    return [
      [
        clip.fileName,
        clip.recording ?? MISSING,
        `fold ${clip.fold}`,
        names.get(clip.classId) ?? MISSING,
        outcome.classId === null ? MISSING : (names.get(outcome.classId) ?? MISSING),
        own.map((one) => spoken(one, names, decision === 'disputed')).join('; '),
        own.flatMap(({ note }) => note || []).join('; '),
      ],
    ]
  })
  if (rows.length === 0) return null
  return html`<h2>${OUTCOME_TITLES[decision]}</h2>
${table({
  caption: plural(rows.length, ['clip', 'clips']),
  head: ['Clip', 'Recording', 'Fold', 'Label', 'New label', 'By', 'Reason'],
  rows,
  text: [1, 2, 3, 4, 5, 6],
})}`
}

function spoken(
  { author, decidedAt, decision, classId }: StoredVerdict,
  names: ReadonlyMap<number, string>,
  withDecision: boolean,
): string {
  const what = classId === null ? decision : names.get(classId)
  return withDecision ? `${author}: ${what ?? MISSING}` : `${author}, ${dateTime(decidedAt)}`
}
