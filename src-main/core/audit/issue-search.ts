import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import {
  type AuditSearch,
  ISSUE_KINDS,
  type IssueKind,
  LABEL_KINDS,
  type SearchRequest,
  type SearchResult,
} from '../../contract/audit-issues.ts'
import { SoundfoldError } from '../../contract/errors.ts'
import { plural } from '../../contract/words.ts'
import { type Finding, saveSearch } from '../db/audit-issues.ts'
import { readClips } from '../db/clips.ts'
import { classesOf, datasetSource, getDataset } from '../db/datasets.ts'
import type { Database } from '../db/open.ts'
import { getRun } from '../db/runs.ts'
import type { EvaluationService } from '../evaluation/evaluation-service.ts'
import type { FeatureStore } from '../features/feature-store.ts'
import type { RecipeBook } from '../features/recipe-book.ts'
import type { JobContext } from '../jobs/job-queue.ts'
import { findingsIn } from './doubted-labels.ts'
import { metadataIssues } from './metadata-issues.ts'
import { soundIssues } from './sound-search.ts'

interface Parts {
  db: Database
  features: FeatureStore
  recipes: RecipeBook
  evaluations: EvaluationService
}

/**
 * Which dataset a request is about.
 * @throws SoundfoldError not-found | invalid-input
 */
export function datasetOfSearch(db: Database, { datasetId, runIds }: SearchRequest): number {
  const datasets = new Set(runIds.map((id) => getRun(db, id).datasetId))
  if (datasetId !== undefined) datasets.add(getDataset(db, datasetId).id)
  const [only, other] = datasets
  if (only === undefined)
    throw new SoundfoldError('invalid-input', 'A search needs a run or a dataset.', {
      hint: 'Name a run whose predictions labels are held against.',
    })
  if (other !== undefined)
    throw new SoundfoldError('invalid-input', 'A search is of one dataset, and these are several.', {
      hint: 'Name runs of the same dataset.',
    })
  return only
}

/**
 * Looks for issues of the kinds asked for and keeps what it finds, all or nothing.
 * @throws SoundfoldError not-found | invalid-input; the signal's reason
 */
export async function searchIssues(
  parts: Parts,
  request: SearchRequest,
  context: JobContext,
): Promise<SearchResult> {
  const { db } = parts
  const datasetId = datasetOfSearch(db, request)
  const runIds = [...new Set(request.runIds)]
  const wanted = new Set<IssueKind>(request.settings.kinds)
  const notes: string[] = []
  let doubted: Awaited<ReturnType<typeof labelFindings>> | null = null
  if (LABEL_KINDS.some((kind) => wanted.has(kind))) {
    if (runIds.length === 0) notes.push('No run was named, so labels were not held against predictions.')
    else {
      context.progress('Holding labels against predictions', 0, 0)
      doubted = await labelFindings(parts, { ...request, runIds }, notes, context)
    }
  }

  context.progress('Looking at metadata', 0, 0)
  // Doubted labels take nothing of it.
  const isLooked = request.settings.kinds.some((kind) => !LABEL_KINDS.some((label) => label === kind))
  const clips = isLooked ? await readClips(db, datasetId, context.signal) : []
  const names = new Map(classesOf(db, datasetId).map(({ id, name }) => [id, name]))
  const inMetadata: Finding[] = []
  for (const found of metadataIssues(clips, names)) {
    for (const finding of found) inMetadata.push(finding)
    await breath(context)
  }

  const { folder } = datasetSource(db, datasetId)
  const readable = clips.flatMap((record) =>
    record.contentHash === null
      ? []
      : [
          {
            record,
            clipId: record.id,
            path: join(folder, record.relativePath),
            contentHash: record.contentHash,
          },
        ],
  )
  const { recipe } = request.settings
  const sound = await soundIssues(
    {
      features: parts.features,
      clips: readable,
      names,
      wanted,
      recipe: recipe === null ? null : parts.recipes.named(recipe),
    },
    context,
  )
  notes.push(...sound.notes)

  await breath(context)
  // Doubted labels come in order, in parts; of others there are few.
  const others = [...inMetadata, ...sound.findings].filter(({ kind }) => wanted.has(kind))
  const count = (kind: (typeof LABEL_KINDS)[number]) =>
    !doubted || !wanted.has(kind) ? 0 : doubted.count[kind === 'label' ? 'clips' : 'recordings']
  const issues = count('label') + count('recording-label') + others.length
  function* inOrder(): Generator<readonly Finding[]> {
    for (const kind of ISSUE_KINDS) {
      if (doubted && kind === 'label' && wanted.has(kind)) yield* findingsIn(doubted.clips)
      if (doubted && kind === 'recording-label' && wanted.has(kind)) yield* findingsIn(doubted.recordings)
      yield worstFirst(others.filter((finding) => finding.kind === kind))
    }
  }
  const search: Pick<AuditSearch, 'datasetId' | 'runIds' | 'settings' | 'labels' | 'notes'> = {
    datasetId,
    runIds,
    settings: request.settings,
    labels: doubted?.noise ?? null,
    notes,
  }
  const searchId = await saveSearch(db, search, inOrder(), context.signal, (kept) =>
    context.progress('Keeping what was found', kept, issues),
  )
  return { searchId, issues }
}

async function labelFindings(
  { db, evaluations }: Parts,
  { runIds, settings }: SearchRequest,
  notes: string[],
  context: JobContext,
) {
  const { ensemble, ...doubted } = await evaluations.doubted(runIds, settings, context.signal)
  if (ensemble.unshared > 0)
    notes.push(
      `${plural(ensemble.unshared, ['prediction', 'predictions'])} of clips that not all runs have predicted were left out.`,
    )
  if (ensemble.relabelled > 0)
    notes.push(
      `${plural(ensemble.relabelled, ['clip', 'clips'])} that the runs saw under different labels were left out.`,
    )
  const unfinished = runIds
    .map((id) => getRun(db, id))
    .filter(({ settings: own, foldsDone }) => foldsDone.length < own.folds.length)
  for (const run of unfinished)
    notes.push(
      `Run ${run.id} has predicted ${run.foldsDone.length} of its ${run.settings.folds.length} folds only.`,
    )
  return doubted
}

/** Lets the core answer others, and a cancel arrive. */
async function breath({ signal }: JobContext): Promise<void> {
  await setImmediate()
  signal.throwIfAborted()
}

const worstFirst = (findings: readonly Finding[]) =>
  findings.toSorted((a, b) => a.score - b.score || a.clipId - b.clipId)
