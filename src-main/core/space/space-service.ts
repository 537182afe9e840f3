import { createHash } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { SoundfoldError } from '../../contract/errors.ts'
import type { ClipMap, MapRequest, NeighbourRequest, Neighbours, SpaceSource } from '../../contract/space.ts'
import { ofEachClip, standardised, unit, vectorOf } from '../audit/similarity.ts'
import { type AudioClips, readAudioClips } from '../dataset/audio-clips.ts'
import { findClip, readClipsById } from '../db/clips.ts'
import { classesOf, getDataset } from '../db/datasets.ts'
import type { Database } from '../db/open.ts'
import { predictionsOfClip } from '../db/predictions.ts'
import { getRun } from '../db/runs.ts'
import type { Columns } from '../evaluation/columns.ts'
import type { FeatureStore } from '../features/feature-store.ts'
import { recipeHash } from '../features/recipe.ts'
import type { RecipeBook } from '../features/recipe-book.ts'
import { runChildTask } from '../ml/child-task.ts'
import { clipsForFold } from '../ml/cross-validation.ts'
import { innerFoldOf } from '../ml/fold-data.ts'
import { type Progress, runModels } from '../ml/model-service.ts'
import { modelNamed } from '../ml/models.ts'
import { createRandom, shuffled } from '../ml/random.ts'
import { runFolder } from '../ml/run-training.ts'
import { splitClips } from '../ml/split/split-clips.ts'
import { extractForRun, recipeOf } from '../ml/task-clips.ts'
import { mapMessageSchema } from './map-task.ts'
import { readSpace, type Space, writeSpace } from './space-file.ts'

export interface SpaceParts {
  db: Database
  columns: Pick<Columns, 'run'>
  workspaceFolder: string
  features: FeatureStore
  recipes: RecipeBook
  /** `workers/model-process`. */
  modelEntry: URL
  /** `workers/map-process`. */
  mapEntry: URL
}

/** More vectors than this do not fit a message between processes. */
const MOST_CLIPS = 200_000
/** Spaces that are kept in memory. */
const KEPT = 3

/** Clips as vectors: made once, kept in a file each, and asked for what is near. */
export class SpaceService {
  readonly #parts: SpaceParts
  readonly #kept = new Map<string, Space>()

  constructor(parts: SpaceParts) {
    this.#parts = parts
  }

  /** @throws SoundfoldError not-found */
  async state(source: SpaceSource): Promise<{ isMade: boolean; clips: number }> {
    const plan = await this.#plan(source)
    return { isMade: (await this.#read(plan.path)) !== undefined, clips: plan.clips.length }
  }

  /**
   * Makes the vectors where they are missing.
   * @throws SoundfoldError not-found | missing-file | unreadable-audio | disk-full | invalid-input; the signal's reason
   */
  async make(source: SpaceSource, context: Progress): Promise<Space> {
    const plan = await this.#plan(source)
    const there = await this.#read(plan.path)
    if (there) return there
    if (plan.clips.length > MOST_CLIPS)
      throw new SoundfoldError(
        'invalid-input',
        `${plan.clips.length} clips are more than are compared here (${MOST_CLIPS}).`,
        { hint: 'Import a part of them as a dataset of its own.' },
      )
    const space = source.kind === 'run' ? await this.#ofRun(source, plan, context) : undefined
    const made = space ?? (await this.#ofFeatures(source, plan, context))
    await writeSpace(plan.path, made)
    await removeOthers(plan.path, plan.prefix)
    this.#keep(plan.path, made)
    return made
  }

  /**
   * The clips nearest to one, by cosine.
   * @throws SoundfoldError not-found
   */
  async neighbours({ clipId, runId, count, among, ownRecording }: NeighbourRequest): Promise<Neighbours> {
    const { db } = this.#parts
    const clip = findClip(db, clipId)
    if (!clip) throw new SoundfoldError('not-found', `There is no clip ${clipId}.`)
    const source = this.#sourceFor(clipId, clip.fileName, clip.datasetId, runId)
    const plan = await this.#plan(source)
    const space = await this.#read(plan.path)
    const clips = plan.clips.length
    if (!space) return { source, isMade: false, clips, neighbours: [] }
    const row = space.clipIds.indexOf(clipId)
    if (row < 0)
      throw new SoundfoldError('missing-file', `The audio of ${clip.fileName} could not be read at import.`)
    const infos = new Map(plan.clips.map((own) => [own.clipId, own]))
    const names = new Map(classesOf(db, plan.datasetId).map(({ id, name }) => [id, name]))
    const may = (other: number) => {
      const info = infos.get(space.clipIds[other] ?? -1)
      if (!info || other === row) return false
      if (!ownRecording && clip.recording !== null && info.recording === clip.recording) return false
      return among === 'all' || source.kind === 'dataset' || plan.learnt.has(info.clipId)
    }
    const neighbours = nearestOf(space, row, count, may).map(({ row: other, cosine }) => {
      const id = space.clipIds[other] ?? -1
      const info = infos.get(id)
      const classId = info?.classId ?? 0
      return {
        clipId: id,
        fileName: basename(info?.path ?? ''),
        classId,
        className: names.get(classId) ?? '',
        fold: info?.fold ?? 0,
        recording: info?.recording ?? null,
        cosine,
        learnt: plan.learnt.has(id),
      }
    })
    return { source, isMade: true, clips, neighbours }
  }

  /** A map that was made; null where there is none. @throws SoundfoldError not-found */
  async map({ source, settings }: MapRequest): Promise<ClipMap | null> {
    const { db } = this.#parts
    const plan = await this.#plan(source)
    const places = await readSpace(mapPath(plan.path, settings))
    if (!places) return null
    const clips = await readClipsById(db, places.clipIds)
    const folds = new Map(plan.clips.map(({ clipId, fold }) => [clipId, fold]))
    const predicted = new Map<number, { classId: number; confidence: number }>()
    if (source.kind === 'run') {
      const {
        clipIds,
        predicted: guesses,
        probabilities,
        classes,
      } = await this.#parts.columns.run(source.runId)
      clipIds.forEach((clipId, row) => {
        const guess = guesses[row] ?? 0
        const confidence = probabilities[row * classes.length + guess] ?? 0
        predicted.set(clipId, { classId: classes[guess]?.id ?? 0, confidence })
      })
    }
    const ids = [...places.clipIds].filter((id) => clips.has(id))
    const rowOf = new Map(Array.from(places.clipIds, (id, row) => [id, row]))
    const axis = (which: 0 | 1) => ids.map((id) => places.values[2 * (rowOf.get(id) ?? 0) + which] ?? 0)
    return {
      clipIds: ids,
      x: axis(0),
      y: axis(1),
      fileNames: ids.map((id) => clips.get(id)?.fileName ?? ''),
      classIds: ids.map((id) => clips.get(id)?.classId ?? 0),
      folds: ids.map((id) => folds.get(id) ?? 0),
      saliences: ids.map((id) => clips.get(id)?.salience ?? null),
      predictedClassIds: ids.map((id) => predicted.get(id)?.classId ?? null),
      confidences: ids.map((id) => predicted.get(id)?.confidence ?? null),
      learnt: ids.map((id) => plan.learnt.has(id)),
      total: plan.clips.length,
    }
  }

  /** Makes a map, and the vectors before it where they are missing. @throws SoundfoldError as `make` */
  async makeMap({ source, settings }: MapRequest, context: Progress): Promise<{ clips: number }> {
    const space = await this.make(source, context)
    const rows = space.clipIds.length
    const drawn =
      rows > settings.mostClips
        ? shuffled(rows, createRandom(settings.seed)).subarray(0, settings.mostClips).toSorted()
        : Uint32Array.from({ length: rows }, (_, row) => row)
    const { width } = space
    const values = new Float32Array(drawn.length * width)
    drawn.forEach((row, at) => {
      values.set(space.values.subarray(row * width, (row + 1) * width), at * width)
    })
    const { places } = await runChildTask({
      entry: this.#parts.mapEntry,
      task: {
        rows: drawn.length,
        width,
        values: unit({ rows: drawn.length, width, values }).values,
        settings,
      },
      message: mapMessageSchema,
      onMessage: (message) => {
        if (message.type === 'progress') context.progress('Laying out the map', message.done, message.total)
      },
      signal: context.signal,
      died: (how, reason) =>
        new SoundfoldError('internal', `The process of the map died (${how})${reason && `: ${reason}`}.`, {
          hint: 'It may have run out of memory: take fewer clips.',
        }),
    })
    const clipIds = Int32Array.from(drawn, (row) => space.clipIds[row] ?? 0)
    await writeSpace(mapPath((await this.#plan(source)).path, settings), {
      clipIds,
      width: 2,
      values: places,
    })
    return { clips: clipIds.length }
  }

  /** Removes a dataset's spaces and maps from the disk; those of its runs lie in the runs' folders. */
  async removeOfDataset(datasetId: number): Promise<void> {
    const folder = spacesFolder(this.#parts.workspaceFolder)
    const prefix = prefixOfDataset(datasetId)
    for (const name of await readdir(folder).catch(() => []))
      if (name.startsWith(prefix)) await rm(join(folder, name), { force: true })
    for (const path of this.#kept.keys()) if (basename(path).startsWith(prefix)) this.#kept.delete(path)
  }

  #sourceFor(clipId: number, fileName: string, datasetId: number, runId: string | undefined): SpaceSource {
    if (runId === undefined) return { kind: 'dataset', datasetId, recipe: null }
    getRun(this.#parts.db, runId)
    const prediction = predictionsOfClip(this.#parts.db, clipId).find((own) => own.runId === runId)
    if (prediction) return { kind: 'run', runId, fold: prediction.fold }
    throw new SoundfoldError('not-found', `Run ${runId} has predicted nothing of ${fileName}.`, {
      hint: 'Its neighbours are found by the network that held it out: its fold has to be trained.',
    })
  }

  async #plan(source: SpaceSource): Promise<Plan> {
    const { db, workspaceFolder, recipes } = this.#parts
    if (source.kind === 'dataset') {
      const { datasetId, recipe } = source
      getDataset(db, datasetId)
      const clips = await readAudioClips(db, datasetId)
      const name = recipe === null ? 'summary' : recipeHash(recipes.named(recipe))
      const prefix = `${prefixOfDataset(datasetId)}${name}-`
      const path = join(spacesFolder(workspaceFolder), `${prefix}${keyOf(clips)}.bin`)
      return { datasetId, clips, learnt: new Set(), prefix, path }
    }
    const { runId, fold } = source
    const { settings, datasetId, foldsDone } = getRun(db, runId)
    if (!foldsDone.includes(fold))
      throw new SoundfoldError('not-found', `Run ${runId} has no model that held out fold ${fold}.`, {
        hint:
          foldsDone.length > 0 ? `It has those of: ${foldsDone.join(', ')}.` : 'None of its folds has ended.',
      })
    const clips = splitClips(await readAudioClips(db, datasetId), settings.split)
    const inner =
      settings.training.innerFold === 'next'
        ? innerFoldOf(
            fold,
            clips.map((clip) => clip.fold),
          )
        : null
    const learnt = clipsForFold(clips, fold, settings).filter(
      (clip) => clip.fold !== fold && clip.fold !== inner,
    )
    const prefix = `space-${fold}-`
    const path = join(runFolder(workspaceFolder, runId), `${prefix}${keyOf(clips)}.bin`)
    return { datasetId, clips, learnt: new Set(learnt.map(({ clipId }) => clipId)), prefix, path }
  }

  /** @returns undefined for a classical baseline, which has no space of its own */
  async #ofRun(
    { runId, fold }: SpaceSource & { kind: 'run' },
    { clips }: Plan,
    context: Progress,
  ): Promise<Space | undefined> {
    const { db, features, recipes, workspaceFolder, modelEntry } = this.#parts
    const { settings } = getRun(db, runId)
    if (modelNamed(settings.preset).kind === 'classical') return undefined
    const { augmentationRecipes: _, ...without } = settings
    await extractForRun(without, clips, { features, recipes }, context)
    const second = settings.secondRecipe ? [settings.secondRecipe.settings] : []
    const wanted = [recipeOf(settings, recipes), ...second]
    const { embeddings = new Float32Array() } = await runModels(
      modelEntry,
      {
        kind: 'embed',
        preset: settings.preset,
        runFolder: runFolder(workspaceFolder, runId),
        fold,
        engine: settings.engine,
        threads: settings.threadsPerProcess,
        clips: clips.map(({ contentHash }) => wanted.map((recipe) => features.path(contentHash, recipe))),
      },
      'Computing embeddings',
      context,
    )
    const clipIds = Int32Array.from(clips, ({ clipId }) => clipId)
    return { clipIds, width: embeddings.length / Math.max(1, clips.length), values: embeddings }
  }

  /** By what features say of each clip as a whole; clips whose audio is at fault are left out. */
  async #ofFeatures(source: SpaceSource, { clips }: Plan, { signal, progress }: Progress): Promise<Space> {
    const { db, features, recipes } = this.#parts
    const recipe =
      source.kind === 'run'
        ? recipeOf(getRun(db, source.runId).settings, recipes)
        : source.recipe === null
          ? null
          : recipes.named(source.recipe)
    const { measured } = await ofEachClip(
      clips,
      (clip) => vectorOf(features, clip, recipe, signal),
      signal,
      (done) => progress('Reading features', done, clips.length),
    )
    const { width, values } = standardised(measured.map(({ value }) => value))
    return { clipIds: Int32Array.from(measured, ({ clip }) => clip.clipId), width, values }
  }

  async #read(path: string): Promise<Space | undefined> {
    const space = this.#kept.get(path) ?? (await readSpace(path))
    if (space) this.#keep(path, space)
    return space
  }

  #keep(path: string, space: Space): void {
    this.#kept.delete(path)
    this.#kept.set(path, space)
    for (const oldest of this.#kept.keys()) if (this.#kept.size > KEPT) this.#kept.delete(oldest)
  }
}

interface Plan {
  datasetId: number
  clips: AudioClips
  /** Clips that the run's network learnt; none of a dataset's features. */
  learnt: ReadonlySet<number>
  /** Of the file's name, the same for spaces that take each other's place. */
  prefix: string
  path: string
}

const spacesFolder = (workspaceFolder: string) => join(workspaceFolder, 'spaces')
const prefixOfDataset = (datasetId: number) => `dataset-${datasetId}-`

/** Changes with every change of the clips. */
const keyOf = (clips: AudioClips) =>
  createHash('sha256')
    .update(JSON.stringify(clips.map(({ clipId, contentHash }) => [clipId, contentHash])))
    .digest('hex')
    .slice(0, 16)

const mapPath = (path: string, settings: MapRequest['settings']) =>
  `${path.slice(0, -'.bin'.length)}.map-${createHash('sha256').update(JSON.stringify(settings)).digest('hex').slice(0, 12)}.bin`

/** Spaces and maps of clips as they were before. */
async function removeOthers(path: string, prefix: string): Promise<void> {
  const current = basename(path, '.bin')
  for (const name of await readdir(dirname(path)))
    if (name.startsWith(prefix) && !name.startsWith(current))
      await rm(join(dirname(path), name), { force: true })
}

/** The rows with the highest cosine to one, highest first. */
function nearestOf(
  { clipIds, width, values }: Space,
  row: number,
  count: number,
  may: (row: number) => boolean,
): { row: number; cosine: number }[] {
  const own = values.subarray(row * width, (row + 1) * width)
  const lengthOf = (vector: Float32Array) => Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0))
  const length = lengthOf(own)
  const all: { row: number; cosine: number }[] = []
  for (let other = 0; other < clipIds.length; other++) {
    if (!may(other)) continue
    const vector = values.subarray(other * width, (other + 1) * width)
    let product = 0
    for (let column = 0; column < width; column++) product += (own[column] ?? 0) * (vector[column] ?? 0)
    all.push({ row: other, cosine: product / Math.max(1e-12, length * lengthOf(vector)) })
  }
  return all.sort((a, b) => b.cosine - a.cosine).slice(0, count)
}
