import { z } from 'zod'
import {
  type EmbeddingInput,
  embeddingRecipeSchema,
  embeddingWindows,
  recipeShape,
} from '../../contract/embedding.ts'
import { writeFileAtomic } from '../atomic-write.ts'
import { decodeMonoStart } from '../audio/decode-mono.ts'
import { extractFeature, neededSeconds, soundOf } from '../features/extract.ts'
import { encodeFeatureFile } from '../features/feature-file.ts'
import type { FeatureMatrix } from '../features/log-mel.ts'
import { recipeRows } from '../features/recipe.ts'
import { createRandom } from '../ml/random.ts'
import { OnnxModel } from './onnx-model.ts'
import { inputTensors } from './tensors.ts'

/** Work of an embedding process: what it is sent, and what it does. */

const modelSchema = z.object({ path: z.string(), hash: z.string(), threads: z.int() })
const { input, output } = embeddingRecipeSchema.shape

export const embeddingTaskSchema = z.discriminatedUnion('task', [
  z.object({ task: z.literal('describe'), model: modelSchema }),
  z.object({ task: z.literal('try'), model: modelSchema, input, output }),
  z.object({
    task: z.literal('embed'),
    model: modelSchema,
    recipe: embeddingRecipeSchema,
    audioPath: z.string(),
    outputPath: z.string(),
  }),
])
export type EmbeddingTask = z.infer<typeof embeddingTaskSchema>

/** What each task is answered with. */
export const embeddingAnswers = {
  /** What the model takes and gives, for people. */
  describe: z.string(),
  try: z.object({ dimensions: z.int(), framesPerWindow: z.int() }),
  /** Size of the feature file in bytes. */
  embed: z.int(),
}
export type ModelSizes = z.infer<typeof embeddingAnswers.try>

/** Answers one task after another, and keeps the model of the last one loaded. */
export class EmbeddingWorker {
  #loaded: { key: string; model: OnnxModel } | undefined

  /** @throws SoundfoldError model-unusable | engine-unavailable for any clip; embedding-failed and those of decoding for this one */
  async answer(task: EmbeddingTask): Promise<string | number | ModelSizes> {
    const model = await this.#model(task.model)
    if (task.task === 'describe') return model.describe()
    if (task.task === 'try') return tryOut(model, task)
    const { recipe, audioPath, outputPath } = task
    const features = await model.embed(await sourceOf(audioPath, recipe.input), recipe.input, recipe.output)
    const { rows, frames } = recipeShape(recipe)
    if (features.rows !== rows || features.frames !== frames)
      throw new Error(
        `the model gave ${features.rows} × ${features.frames} values, expected ${rows} × ${frames}`,
      )
    const file = encodeFeatureFile(features)
    await writeFileAtomic(outputPath, file)
    return file.byteLength
  }

  async #model({ path, hash, threads }: EmbeddingTask['model']): Promise<OnnxModel> {
    const key = `${hash} ${threads}`
    if (this.#loaded?.key !== key) {
      await this.#loaded?.model.close()
      this.#loaded = undefined
      this.#loaded = { key, model: await OnnxModel.load(path, hash, threads) }
    }
    return this.#loaded.model
  }
}

/** A clip as the model is given it: one row of samples, or the recipe's picture. */
async function sourceOf(audioPath: string, given: EmbeddingInput): Promise<FeatureMatrix> {
  if (given.kind === 'recipe')
    return extractFeature(await decodeMonoStart(audioPath, neededSeconds(given.recipe)), given.recipe)
  const sound = { ...given, trimTopDb: null, timeStretch: 1, pitchShiftSemitones: 0 }
  const samples = soundOf(await decodeMonoStart(audioPath, neededSeconds(sound)), sound)
  return { data: samples, rows: 1, frames: samples.length }
}

/** Of noise to try a model with: some divide by what silence has none of. */
const QUIET = 0.1

/** Checks a declaration against the model, and runs it on the first window of some noise. */
async function tryOut(
  model: OnnxModel,
  { input, output }: Extract<EmbeddingTask, { task: 'try' }>,
): Promise<ModelSizes> {
  const rows = input.kind === 'recipe' ? recipeRows(input.recipe) : 1
  model.check(input, output, rows)
  const { total } = embeddingWindows(input)
  const random = createRandom(1)
  const noise = Float32Array.from({ length: rows * total }, () => QUIET * (2 * random.uniform() - 1))
  const [first] = inputTensors({ data: noise, rows, frames: total }, input)
  if (!first) throw new Error('there is no window')
  const features = await model.embedWindow(first, input.name, { ...output, pooling: 'none' })
  return { dimensions: features.rows, framesPerWindow: features.frames }
}
