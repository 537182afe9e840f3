import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { csvText } from '../../contract/csv.ts'
import type { WrittenFolder } from '../../contract/report.ts'
import type { AuditPart } from '../../contract/verdict.ts'
import { APP_VERSION } from '../app-version.ts'
import { clipsOfDataset } from '../db/clips.ts'
import { classesOf, datasetSource, getDataset } from '../db/datasets.ts'
import type { Database } from '../db/open.ts'
import { contentOf, makeFolder, type NewPlace } from '../export/new-folder.ts'
import { auditReport } from './audit-report.ts'
import { correctedCsv, metadataOf } from './corrected-csv.ts'
import { labelChanges, patchText } from './label-changes.ts'
import { verdictFile } from './verdict-file.ts'
import type { VerdictService } from './verdict-service.ts'

/** What an audit is as files, each made of the set as it is now. */
export async function exportAudit(
  { db, verdicts }: { db: Database; verdicts: VerdictService },
  setId: number,
  parts: readonly AuditPart[],
  target: NewPlace,
  signal: AbortSignal,
): Promise<WrittenFolder> {
  const set = verdicts.set(setId)
  const dataset = getDataset(db, set.datasetId)
  const clips = clipsOfDataset(db, set.datasetId)
  const classes = classesOf(db, set.datasetId)
  const names = new Map(classes.map(({ id, name }) => [id, name]))
  const rows = verdicts.verdicts(setId)
  const outcomes = verdicts.outcomes(setId)
  const changes = labelChanges(clips, outcomes, rows, names)
  const written = { writtenBy: `Soundfold ${APP_VERSION}`, writtenAt: new Date().toISOString() }

  const make: Record<AuditPart, () => Promise<[name: string, content: string | Uint8Array]>> = {
    metadata: async () => {
      const { name, bytes, columns } = await metadataOf(datasetSource(db, set.datasetId))
      const changed = changes.map(
        ({ line, classId, to }) => [line, classId === null ? null : { classId, className: to }] as const,
      )
      return [name, correctedCsv(bytes, columns, new Map(changed))]
    },
    patch: async () => ['patch.csv', patchText(changes)],
    exclusions: async () => [
      'exclusions.csv',
      csvText([
        ['clip', 'sha256', 'label', 'reason'],
        ...changes
          .filter(({ action }) => action === 'exclude')
          .map(({ clip, sha256, old, reason }) => [clip, sha256, old, reason]),
      ]),
    ],
    verdicts: async () => {
      const byId = new Map(clips.map((clip) => [clip.id, clip]))
      const file = verdictFile(set, dataset, rows, byId, names, written)
      return ['verdicts.json', `${JSON.stringify(file, null, 2)}\n`]
    },
    report: async () => {
      const { authors } = set
      const pairs = authors.flatMap((first, place) =>
        authors.slice(place + 1).map((second) => [first, second]),
      )
      const agreements = pairs
        .map(([a, b]) => verdicts.agreement(setId, [a?.author ?? '', b?.author ?? '']))
        .filter((agreement) => agreement.clips > 0)
      return [
        'audit.html',
        auditReport({ set, dataset, classes, clips, outcomes, verdicts: rows, agreements, ...written }),
      ]
    },
  }

  const { folder, result } = await makeFolder(target, async (work) => {
    for (const part of parts) {
      signal.throwIfAborted()
      const [name, content] = await make[part]()
      await writeFile(join(work, name), content, { flush: true })
    }
    return contentOf(work)
  })
  return { folder, ...result }
}
