import { isEmbedding } from '../../contract/embedding.ts'
import { SoundfoldError } from '../../contract/errors.ts'
import type { AugmentationDraw, AugmentationRequest } from '../../contract/run.ts'
import { type AudioClips, audioClips } from '../dataset/audio-clips.ts'
import { clipDetail } from '../db/clips.ts'
import type { Database } from '../db/open.ts'
import type { FeatureMatrix } from '../features/feature-file.ts'
import type { FeatureStore } from '../features/feature-store.ts'
import { type FeatureRecipe, recipeFrames } from '../features/recipe.ts'
import type { RecipeBook } from '../features/recipe-book.ts'
import { applyDraws, drawAugmentation, type ExampleDraw, rolledFrames } from './augment.ts'
import type { Examples } from './examples.ts'
import { checkAugmentation, pictureLevel } from './picture-level.ts'
import { createRandom, shuffled } from './random.ts'
import { WHITE_NOISES, whiteNoise } from './white-noise.ts'

/** Clips of the batch that a preview is drawn from: its own first, then some of the same dataset. */
const BATCH = 16
/** The recipe's own picture, and its values as they are. */
const WHOLE = { bands: 1, frames: 1 }
const AS_THEY_ARE = { mean: 0, deviation: 1 }

interface Plan {
  clips: AudioClips
  draws: ExampleDraw[]
}

/** What training would do to a clip, by the same functions, one draw a seed. */
export class AugmentationPreview {
  readonly #db: Database
  readonly #features: FeatureStore
  readonly #recipes: RecipeBook

  constructor(db: Database, features: FeatureStore, recipes: RecipeBook) {
    this.#db = db
    this.#features = features
    this.#recipes = recipes
  }

  /** @throws SoundfoldError not-found | missing-file | invalid-input where the recipe's pictures can't be given it */
  describe(request: AugmentationRequest): AugmentationDraw {
    const { augmentation, recipe: name } = request
    const recipe = this.#spectral(name)
    const { clips, draws } = this.#plan(request)
    const [draw] = draws
    if (!draw) throw new Error('the clip itself is in its batch')
    const frames = recipeFrames(recipe)
    const secondsPerFrame = recipe.hopLength / recipe.sampleRateHz
    const clipAt = (place: number) => {
      const clip = clips[place]
      return clip ? clipDetail(this.#db, clip.clipId) : undefined
    }
    const partner = draw.mix && draw.mix.row !== 0 ? clipAt(draw.mix.row) : undefined
    return {
      recipe: draw.variant === 0 ? name : (augmentation.recipes[draw.variant - 1] ?? name),
      noise: draw.noise && {
        fileName: augmentation.noise?.kind === 'clip' ? (clipAt(draw.noise.place)?.fileName ?? null) : null,
        snrDb: draw.noise.snrDb,
      },
      gainDb: draw.gainDb,
      flip: draw.flip,
      shiftSeconds: rolledFrames(draw.shift, augmentation.timeShift, frames) * secondsPerFrame,
      mix:
        partner && draw.mix
          ? { fileName: partner.fileName, className: partner.className, share: draw.mix.share }
          : null,
    }
  }

  /** @returns the recipe's values after augmentation; hidden parts have the mean of the batch, in a run of all training clips */
  async picture(request: AugmentationRequest, signal: AbortSignal): Promise<FeatureMatrix> {
    const { augmentation, recipe: name, seed } = request
    const recipe = this.#spectral(name)
    const { clips, draws } = this.#plan(request)
    const own = clips[0]
    const [draw] = draws
    if (!own || !draw) throw new Error('the clip itself is in its batch')
    const { rows: bands, frames } = await this.#features.read(own, recipe, signal)
    const empty = (count: number): Examples => ({
      bands,
      frames,
      count,
      data: new Float32Array(count * bands * frames),
    })
    const examples = empty(clips.length)
    const isWhite = augmentation.noise?.kind === 'white'
    const noise = isWhite ? whiteNoise(recipe, WHOLE, AS_THEY_ARE, createRandom(seed)) : empty(clips.length)
    const fill = async ({ data }: Examples, place: number, by: string) => {
      const clip = clips[place]
      if (!clip) return
      const matrix = await this.#features.read(clip, this.#spectral(by), signal)
      data.set(matrix.data, place * bands * frames)
    }
    for (const row of new Set([0, draw.mix?.row ?? 0])) {
      const { variant = 0, noise: added } = draws[row] ?? {}
      await fill(examples, row, augmentation.recipes[variant - 1] ?? name)
      if (added && !isWhite) await fill(noise, added.place, name)
    }
    const size = bands * frames
    const first = examples.data.subarray(0, size)
    applyDraws(examples.data, draws, augmentation, {
      examples,
      noise,
      level: pictureLevel(recipe, WHOLE, AS_THEY_ARE),
      fill: augmentation.specAugment ? await this.#meanOf(clips, recipe, signal) : 0,
    })
    return { data: first.slice(), rows: bands, frames }
  }

  async #meanOf(clips: AudioClips, recipe: FeatureRecipe, signal: AbortSignal): Promise<number> {
    const matrices = await Promise.all(clips.map((clip) => this.#features.read(clip, recipe, signal)))
    const means = matrices.map(({ data }) => data.reduce((sum, value) => sum + value, 0) / data.length)
    return means.reduce((sum, mean) => sum + mean, 0) / means.length
  }

  #spectral(name: string): FeatureRecipe {
    const recipe = this.#recipes.named(name)
    if (isEmbedding(recipe))
      throw new SoundfoldError('invalid-input', `"${name}" gives embeddings, which are no picture.`, {
        hint: 'Choose a spectral recipe to see what augmentation does.',
      })
    return recipe
  }

  #plan({ clipId, recipe, augmentation, seed }: AugmentationRequest): Plan {
    checkAugmentation(
      augmentation,
      this.#spectral(recipe),
      augmentation.recipes.map((name) => this.#spectral(name)),
    )
    const { datasetId, fileName } = clipDetail(this.#db, clipId)
    const all = audioClips(this.#db, datasetId)
    const own = all.find((clip) => clip.clipId === clipId)
    if (!own)
      throw new SoundfoldError('missing-file', `The audio of ${fileName} could not be read at import.`, {
        hint: 'The validation report says why.',
      })
    const random = createRandom(seed)
    const others = all.filter((clip) => clip !== own)
    const drawn = shuffled(others.length, random).subarray(0, BATCH - 1)
    const clips = [own, ...Array.from(drawn, (place) => others[place] ?? own)]
    const places = Uint32Array.from(clips, (_, place) => place)
    const isWhite = augmentation.noise?.kind === 'white'
    const noisePlaces = isWhite ? Uint32Array.from({ length: WHITE_NOISES }, (_, place) => place) : places
    return {
      clips,
      draws: drawAugmentation(places, augmentation, { noisePlaces, noiseIsClips: !isWhite }, random),
    }
  }
}
