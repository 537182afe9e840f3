import { SoundfoldError } from '../../contract/errors.ts'
import type { MadeBy } from '../../contract/history.ts'
import type { Applied } from '../../contract/verdict.ts'
import { plural } from '../../contract/words.ts'
import { clipsOfDataset } from '../db/clips.ts'
import { classesOf, getDataset } from '../db/datasets.ts'
import { transaction } from '../db/query.ts'
import {
  lastVerdictId,
  removeVerdictSet,
  renameVerdictSet,
  verdictHistory,
  verdictSetRow,
  verdictSetsOf,
} from '../db/verdicts.ts'
import { exportPlace } from '../export/names.ts'
import type { HandlerParts, Handlers } from '../handlers.ts'
import { type Entry, planApply } from './apply.ts'
import { exportAudit } from './audit-export.ts'
import { parsePatch } from './label-changes.ts'
import { parseVerdictFile } from './verdict-file.ts'

type Parts = Pick<HandlerParts, 'options' | 'db' | 'jobs' | 'verdicts' | 'tell'>
type AuditMethod = Extract<keyof Handlers, `verdicts.${string}`>

/** People's verdicts on labels, from the first decision to corrected metadata. */
export function auditHandlers(parts: Parts): Pick<Handlers, AuditMethod> {
  const { options, db, jobs, verdicts, tell } = parts
  const told = <R>(result: R): R => {
    tell({ name: 'changed', payload: { topic: 'verdicts' } })
    return result
  }
  return {
    'verdicts.sets': ({ datasetId }) => verdicts.sets(datasetId),
    'verdicts.create': ({ datasetId, name }) => told(verdicts.create(datasetId, name)),
    'verdicts.rename': ({ setId, name }) => {
      renameVerdictSet(db, setId, name)
      return told(verdicts.set(setId))
    },
    'verdicts.remove': ({ setId }) => {
      verdictSetRow(db, setId)
      removeVerdictSet(db, setId)
      return told({})
    },
    'verdicts.fork': ({ setId, name, by }) => told(verdicts.fork(setId, name, by)),
    'verdicts.decide': (request, signal) => verdicts.decide(request, signal),
    'verdicts.list': ({ setId, author }) => ({
      upTo: lastVerdictId(db, setId),
      verdicts: verdicts.verdicts(setId, author),
    }),
    'verdicts.history': ({ setId, clipId, before, limit }) => {
      verdictSetRow(db, setId)
      return verdictHistory(db, setId, {
        limit,
        ...(clipId !== undefined && { clipId }),
        ...(before !== undefined && { before }),
      })
    },
    'verdicts.agreement': ({ setId, first, second }) => verdicts.agreement(setId, [first, second]),
    'verdicts.mergePreview': ({ setId, fromSetId }) => verdicts.mergePreview(setId, fromSetId),
    'verdicts.merge': ({ setId, fromSetId, choices, otherwise, by }) => {
      const chosen = new Map(choices.map(({ clipId, take }) => [clipId, take]))
      return verdicts.merge({ setId, fromSetId }, chosen, otherwise, by)
    },
    'verdicts.queue': async ({ datasetId, source }, signal) => ({
      clipIds: await verdicts.queue(datasetId, source, signal),
    }),
    'verdicts.apply': ({ datasetId, setName, fileName, text, dryRun, by }) => {
      getDataset(db, datasetId)
      const applied = applyFile(parts, { datasetId, setName, fileName, text, by }, dryRun)
      return dryRun ? applied : told(applied)
    },
    'verdicts.export': ({ setId, parts: wanted }) => {
      const { name, datasetId } = verdictSetRow(db, setId)
      const target = exportPlace(options, [getDataset(db, datasetId).name, name, 'audit'])
      const work = ({ signal }: { signal: AbortSignal }) =>
        exportAudit({ db, verdicts }, setId, [...new Set(wanted)], target, signal)
      return { jobId: jobs.start({ kind: 'export', title: `Export the audit “${name}”`, work }).id }
    },
  }
}

interface ApplyRequest {
  datasetId: number
  setName: string | undefined
  fileName: string
  text: string
  by: MadeBy
}

function applyFile({ db, verdicts }: Parts, request: ApplyRequest, dryRun: boolean): Applied {
  const { datasetId, fileName, by } = request
  const { entries, name } = entriesOf(request)
  const setName = request.setName ?? name
  const there = verdictSetsOf(db, datasetId).find((set) => set.name === setName)
  if (there && request.setName === undefined)
    throw new SoundfoldError('conflict', `There is a verdict set “${setName}” already.`, {
      hint: 'Name another one for the file, or this one to add to it.',
    })
  const outcomes = there ? verdicts.outcomes(there.id) : new Map()
  const { items, same, conflicts } = planApply(
    entries,
    clipsOfDataset(db, datasetId),
    classesOf(db, datasetId),
    outcomes,
  )
  const applied = { setName, entries: entries.length, applied: items.length, same, conflicts, dryRun }
  if (dryRun) return { setId: there?.id ?? null, ...applied }
  return transaction(db, () => {
    const setId = there?.id ?? verdicts.create(datasetId, setName).id
    verdicts.record(setId, by, items, `Applied ${fileName} to ${plural(items.length, ['clip', 'clips'])}`)
    return { setId, ...applied }
  })
}

/** The lines of a patch or a verdict file, and what its set would be called. */
function entriesOf({ fileName, text, by }: ApplyRequest): { entries: Entry[]; name: string } {
  if (text.trimStart().startsWith('{')) {
    const { name, verdicts } = parseVerdictFile(text, fileName)
    return {
      name,
      entries: verdicts.map(({ clip, sha256, label, author, ...state }) => ({
        ...{ clip, sha256, label, author, state },
      })),
    }
  }
  const decidedAt = new Date().toISOString()
  return {
    name: fileName.replace(/\.[^.]*$/, '').slice(0, 80) || 'patch',
    entries: parsePatch(text, fileName).map(({ clip, sha256, action, old, to, reason }) => ({
      clip,
      sha256: sha256 || null,
      label: old,
      author: by.author,
      state: { decision: action, to: to || null, note: reason, final: false, decidedAt },
    })),
  }
}
