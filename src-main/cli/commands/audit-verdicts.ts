import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { SoundfoldError } from '../../contract/errors.ts'
import { writtenFolderSchema } from '../../contract/report.ts'
import { type Applied, type AuditPart, MOST_FILE_LENGTH, type VerdictSet } from '../../contract/verdict.ts'
import { count, dateTime, plural } from '../../contract/words.ts'
import type { Core } from '../../core/create-core.ts'
import { table } from '../output.ts'
import { type GlobalOptions, madeBy, pickDataset, runJob, withSession } from '../session.ts'
import { exportingTo } from './report.ts'

interface SetOptions extends GlobalOptions {
  dataset?: string
}

/** The verdict set that is named, or the only one there is. */
export async function pickSet(
  core: Core,
  datasetId: number,
  wanted: string | undefined,
): Promise<VerdictSet> {
  const sets = await core.call('verdicts.sets', { datasetId })
  const listed = sets.map(({ name }) => name).join(', ')
  const [only, ...others] = wanted === undefined ? sets : sets.filter(({ name }) => name === wanted)
  if (only && others.length === 0) return only
  throw new SoundfoldError(
    only ? 'invalid-input' : 'not-found',
    wanted === undefined && only
      ? 'This dataset has several verdict sets.'
      : `This dataset has no verdict set${wanted === undefined ? '' : ` “${wanted}”`}.`,
    {
      hint: only
        ? `Name one: ${listed}`
        : `Decide in the window, or apply a file: soundfold audit apply FILE${listed && `. There is: ${listed}`}`,
    },
  )
}

export function listVerdictSets({ dataset, ...options }: SetOptions): Promise<void> {
  return withSession(options, async ({ core, output }) => {
    const { id: datasetId } = await pickDataset(core, dataset)
    const sets = await core.call('verdicts.sets', { datasetId })
    output.result(sets, () =>
      sets.length === 0
        ? 'This dataset has no verdict set yet.'
        : table(
            ['name', 'kept', 'relabelled', 'excluded', 'unsure', 'disputed', 'authors', 'made'],
            sets.map(({ name, counts, authors, createdAt }) => [
              name,
              ...[counts.keep, counts.relabel, counts.exclude, counts.unsure, counts.disputed].map(count),
              authors.map(({ author }) => author).join(', '),
              dateTime(createdAt),
            ]),
            [1, 2, 3, 4, 5],
          ),
    )
  })
}

export function applyVerdicts(
  path: string,
  {
    dataset,
    set,
    author,
    dryRun = false,
    ...options
  }: SetOptions & { set?: string; author?: string; dryRun?: boolean },
): Promise<void> {
  return withSession(options, async ({ core, output }) => {
    const text = await readText(path)
    const { id: datasetId } = await pickDataset(core, dataset)
    const applied = await core.call('verdicts.apply', {
      ...{ datasetId, fileName: basename(path), text, dryRun, by: await madeBy(core, author) },
      ...(set !== undefined && { setName: set }),
    })
    output.result(applied, () => describeApplied(applied))
  })
}

/** @throws SoundfoldError missing-file | invalid-input */
async function readText(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined)
  if (!found?.isFile()) throw new SoundfoldError('missing-file', `${path} can’t be read.`)
  if (found.size > MOST_FILE_LENGTH)
    throw new SoundfoldError('invalid-input', `${path} is larger than 16 MB.`)
  return readFile(path, 'utf8')
}

function describeApplied({ setName, entries, applied, same, conflicts, dryRun }: Applied): string {
  const lines = [
    `${dryRun ? 'Would apply' : 'Applied'} ${count(applied)} of ${plural(entries, ['entry', 'entries'])} to the verdict set “${setName}”; ${count(same)} are so already, ${plural(conflicts.length, ['conflict', 'conflicts'])}.`,
    ...conflicts.map(({ clip, kind, message }) => `  ${kind}  ${clip}: ${message}`),
  ]
  if (!dryRun && applied > 0)
    lines.push(`Write the corrected metadata: soundfold audit export --set "${setName}"`)
  return lines.join('\n')
}

export function exportVerdicts({
  dataset,
  set,
  only,
  out,
  ...options
}: SetOptions & { set?: string; only?: AuditPart[]; out?: string }): Promise<void> {
  return withSession(exportingTo(options, out), async (session) => {
    const { core, output } = session
    const { id: datasetId } = await pickDataset(core, dataset)
    const { id: setId } = await pickSet(core, datasetId, set)
    const job = await runJob(session, 'verdicts.export', { setId, ...(only && { parts: only }) })
    const written = writtenFolderSchema.parse(job.result)
    output.result(written, () => `${plural(written.files, ['file', 'files'])} in ${written.folder}`)
  })
}
