import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isEmbedding, type Recipe } from '../../contract/embedding.ts'
import { notThere, SoundfoldError } from '../../contract/errors.ts'
import type {
  Explanation,
  ExplanationFiles,
  ExplanationHow,
  ExplanationMapRequest,
  ExplanationRequest,
} from '../../contract/explanation.ts'
import type { Run } from '../../contract/run.ts'
import { findClip } from '../db/clips.ts'
import type { Database } from '../db/open.ts'
import { predictionsOfClip } from '../db/predictions.ts'
import { classesOfRun, getRun } from '../db/runs.ts'
import type { ClassList } from '../evaluation/predictions.ts'
import { clipPlaces } from '../export/names.ts'
import { contentOf, makeFolder, type NewPlace } from '../export/new-folder.ts'
import { npyFloats, npyTexts } from '../export/npy.ts'
import { writeNpz } from '../export/npz.ts'
import type { AudioClip, FeatureStore } from '../features/feature-store.ts'
import type { FeatureMatrix } from '../features/log-mel.ts'
import { type FeatureRecipe, recipeFrames, recipeRows } from '../features/recipe.ts'
import type { RecipeBook } from '../features/recipe-book.ts'
import { SharedWork } from '../shared-work.ts'
import type { ClassMaps } from './explain.ts'
import { type Progress, runModels } from './model-service.ts'
import { modelNamed } from './models.ts'
import { runFolder } from './run-training.ts'
import { argMax } from './scoring.ts'
import { recipeOf } from './task-clips.ts'

export interface ExplanationParts {
  db: Database
  workspaceFolder: string
  features: FeatureStore
  recipes: RecipeBook
  /** `workers/model-process`. */
  entry: URL
}

/** Explanations that are kept: with ten classes and the article's picture a megabyte each. */
const KEPT = 24
/** Clips that a process explains before it gives its maps away. */
const CLIPS_A_PROCESS = 16

/** Why a run's networks said what they said of clips that they had not learnt. */
export class ExplanationService {
  readonly #parts: ExplanationParts
  readonly #kept = new SharedWork<ClassMaps>(KEPT)

  constructor(parts: ExplanationParts) {
    this.#parts = parts
  }

  /**
   * By the model of the fold that held the clip out; without the maps, which `map` gives.
   * @throws SoundfoldError not-found | missing-file | engine-unavailable | invalid-input where the model or its input has no picture
   */
  async explain({ runId, clipId, ...how }: ExplanationRequest, signal: AbortSignal): Promise<Explanation> {
    const plan = this.#plan(runId, [clipId], how)
    return described(plan, plan.clips[0], await this.#maps(plan, signal))
  }

  /** A class' map, [rows, frames] of the picture. @throws SoundfoldError as `explain` */
  async map(
    { runId, classId, ...how }: ExplanationMapRequest,
    clipId: number,
    signal: AbortSignal,
  ): Promise<FeatureMatrix> {
    const plan = this.#plan(runId, [clipId], how)
    const place = plan.classes.findIndex(({ id }) => id === classId)
    if (place < 0) throw new SoundfoldError('not-found', `Run ${runId} has no class ${classId}.`)
    const { maps } = await this.#maps(plan, signal)
    return { data: maps[place] ?? new Float32Array(), ...shapeOf(plan) }
  }

  /**
   * Checks that there is something to explain.
   * @returns what writes a file a clip, with its picture and the maps of some classes
   * @throws SoundfoldError not-found | invalid-input
   */
  export(
    {
      runId,
      clipIds,
      classes: wanted,
      ...how
    }: ExplanationHow & { runId: string; clipIds: readonly number[]; classes: 'predicted' | 'given' | 'all' },
    target: NewPlace,
  ): (context: Progress) => Promise<ExplanationFiles> {
    const plan = this.#plan(runId, [...new Set(clipIds)], how)
    const { classes, clips } = plan
    return async (context) => {
      const explanations: ExplanationFiles['explanations'] = []
      const { folder, result } = await makeFolder(target, async (work) => {
        const places = clipPlaces(clips, '.npz')
        const pathOf = new Map(clips.map((clip, index) => [clip.clipId, places[index] ?? '']))
        for (const batch of batchesByFold(clips)) {
          const done = explanations.length
          const progress: Progress['progress'] = (step, part, whole) => {
            const steps = whole / batch.length
            context.progress(step, done * steps + part, clips.length * steps)
          }
          const explained = await this.#ask(plan, batch, { ...context, progress })
          for (const [index, clip] of batch.entries()) {
            const maps = explained[index]
            if (!maps) throw new Error('an explanation for each clip')
            const guess = argMax(maps.probabilities)
            const shown =
              wanted === 'all' ? classes.map((_, place) => place) : [wanted === 'given' ? clip.given : guess]
            const picture = await this.#parts.features.read(clip, plan.pictured, context.signal)
            const path = pathOf.get(clip.clipId) ?? ''
            await mkdir(dirname(join(work, path)), { recursive: true })
            await writeNpz(join(work, path), arraysOf(plan, clip, { maps, picture, shown }), context.signal)
            explanations.push({ ...described(plan, clip, maps), fileName: clip.fileName, path })
          }
        }
        return contentOf(work)
      })
      return { folder, ...result, explanations }
    }
  }

  #maps(plan: Plan, signal: AbortSignal): Promise<ClassMaps> {
    const { run, how, clips } = plan
    const key = JSON.stringify([run.id, clips[0]?.clipId, how.method, how.picture])
    const settings = how.method === 'occlusion' ? JSON.stringify(how.occlusion) : ''
    const make = async (stop: AbortSignal) => {
      const [maps] = await this.#ask(plan, clips, { signal: stop, progress: () => {} })
      if (!maps) throw new Error('an explanation for the clip')
      return maps
    }
    return this.#kept.get(key + settings, make, signal)
  }

  /** @param clips - of one fold */
  async #ask(
    { run, how, ...plan }: Plan,
    clips: readonly PlanClip[],
    context: Progress,
  ): Promise<ClassMaps[]> {
    const { features, workspaceFolder, entry } = this.#parts
    const { settings } = run
    for (const recipe of plan.recipes) {
      const { failed } = await features.extractAll(clips, recipe, context.signal, () => {})
      const [first] = failed
      if (first) throw new SoundfoldError('unreadable-audio', `${first.file}: ${first.message}`)
    }
    const { explained = [] } = await runModels(
      entry,
      {
        kind: 'explain',
        preset: settings.preset,
        runFolder: runFolder(workspaceFolder, run.id),
        fold: clips[0]?.fold ?? 0,
        engine: settings.engine,
        threads: settings.threadsPerProcess,
        clips: clips.map(plan.pathsOf),
        ...how,
      },
      how.method === 'occlusion' ? 'Hiding parts of pictures' : 'Explaining',
      context,
    )
    return explained
  }

  /** @throws SoundfoldError not-found | invalid-input */
  #plan(runId: string, clipIds: readonly number[], how: ExplanationHow): Plan {
    const { db, recipes: book, features } = this.#parts
    const run = getRun(db, runId)
    const { settings } = run
    if (modelNamed(settings.preset).kind === 'classical')
      throw new SoundfoldError(
        'invalid-input',
        `${settings.preset} is no network: it sees statistics over the whole clip, so no place of the picture can be named.`,
        { hint: 'Its probabilities and the nearest clips say what there is to say.' },
      )
    const second = settings.secondRecipe ? [settings.secondRecipe.settings] : []
    const recipes = [recipeOf(settings, book), ...second]
    const pictured = recipes[how.picture]
    if (!pictured)
      throw new SoundfoldError('invalid-input', `${settings.preset} is given one picture of each clip.`, {
        hint: 'Only a network that takes two has a second one to explain.',
      })
    if (isEmbedding(pictured))
      throw new SoundfoldError(
        'invalid-input',
        `${settings.preset} was given embeddings (${settings.recipe}), which are no picture: there is no place in them to point at.`,
        { hint: 'The nearest clips say what the embedding takes for alike.' },
      )
    const classes = classesOfRun(db, runId)
    const clips = clipIds.map((clipId): PlanClip => {
      const record = findClip(db, clipId)
      if (!record) throw notThere('clip', clipId)
      const prediction = predictionsOfClip(db, clipId).find((own) => own.runId === runId)
      const { fileName, classId, contentHash, folder, relativePath } = record
      if (!prediction || contentHash === null)
        throw new SoundfoldError('not-found', `Run ${runId} has predicted nothing of ${fileName}.`, {
          hint: 'Clips are explained by the model that held them out: its fold has to be trained.',
        })
      return {
        clipId,
        path: join(folder, relativePath),
        contentHash,
        fileName,
        classId,
        className: record.className,
        fold: prediction.fold,
        given: classes.findIndex(({ id }) => id === classId),
      }
    })
    const pathsOf = ({ contentHash }: AudioClip) =>
      recipes.map((recipe) => features.path(contentHash, recipe))
    return { run, how, classes, recipes, pictured, clips, pathsOf }
  }
}

interface PlanClip extends AudioClip {
  fileName: string
  classId: number
  className: string
  /** That held it out. */
  fold: number
  /** Place of its label among the classes. */
  given: number
}

interface Plan {
  run: Run
  how: ExplanationHow
  classes: ClassList
  /** Of the network's pictures. */
  recipes: Recipe[]
  pictured: FeatureRecipe
  clips: PlanClip[]
  /** Feature files of a clip, one by each recipe. */
  pathsOf: (clip: AudioClip) => string[]
}

const shapeOf = ({ pictured }: Plan) => ({ rows: recipeRows(pictured), frames: recipeFrames(pictured) })

/** In the order of the folds, so that each model is read few times. */
function batchesByFold(clips: readonly PlanClip[]): PlanClip[][] {
  return [...Map.groupBy(clips, ({ fold }) => fold)]
    .sort(([a], [b]) => a - b)
    .flatMap(([, own]) =>
      Array.from({ length: Math.ceil(own.length / CLIPS_A_PROCESS) }, (_, index) =>
        own.slice(index * CLIPS_A_PROCESS, (index + 1) * CLIPS_A_PROCESS),
      ),
    )
}

function described(plan: Plan, clip: PlanClip | undefined, { probabilities, maps, cells }: ClassMaps) {
  const { run, how, classes, pictured } = plan
  const { rows, frames } = shapeOf(plan)
  const { hopLength, sampleRateHz, centred, nFft } = pictured
  const secondsAt = (frame: number) => (frame * hopLength + (centred ? 0 : nFft / 2)) / sampleRateHz
  return {
    runId: run.id,
    clipId: clip?.clipId ?? 0,
    fold: clip?.fold ?? 0,
    method: how.method,
    recipe: pictured,
    rows,
    frames,
    cells,
    classes: classes.map(({ id, name }, place) => {
      const map = maps[place] ?? new Float32Array(1)
      const peak = argMax(map)
      return {
        classId: id,
        name,
        probability: probabilities[place] ?? 0,
        smallest: map.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY),
        largest: map[peak] ?? 0,
        peak: { seconds: secondsAt(peak % frames), row: Math.floor(peak / frames) },
      }
    }),
  } satisfies Explanation
}

/** Of one clip, as NumPy reads them. */
function arraysOf(
  plan: Plan,
  clip: PlanClip,
  { maps, picture, shown }: { maps: ClassMaps; picture: FeatureMatrix; shown: readonly number[] },
) {
  const { classes, how, run } = plan
  const { rows, frames } = picture
  const size = rows * frames
  const together = new Float32Array(shown.length * size)
  shown.forEach((place, index) => {
    together.set(maps.maps[place] ?? [], index * size)
  })
  const { fileName: file, fold, className: label } = clip
  return {
    picture: npyFloats(picture.data, [rows, frames]),
    maps: npyFloats(together, [shown.length, rows, frames]),
    map_classes: npyTexts(shown.map((place) => classes[place]?.name ?? '')),
    probabilities: npyFloats(maps.probabilities, [classes.length]),
    class_names: npyTexts(classes.map(({ name }) => name)),
    about: npyTexts(JSON.stringify({ run: run.id, file, label, fold, ...how, recipe: plan.pictured })),
  }
}
