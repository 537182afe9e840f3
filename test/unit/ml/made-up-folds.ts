import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { featureRecipeSchema } from '../../../src-main/contract/recipe.ts'
import type { EngineName } from '../../../src-main/contract/run.ts'
import { TRAINING_DEFAULTS, type TrainingInput, trainingSchema } from '../../../src-main/contract/training.ts'
import { encodeFeatureFile } from '../../../src-main/core/features/feature-file.ts'
import { FEATURE_PRESETS } from '../../../src-main/core/features/recipe.ts'
import type { FoldTask } from '../../../src-main/core/ml/fold-task.ts'
import { createRandom } from '../../../src-main/core/ml/random.ts'

const recipe = featureRecipeSchema.parse(FEATURE_PRESETS.article)
const CLASSES = 3

/**
 * Three classes that differ in the band that is loud, in noise, as feature files in a temporary folder.
 * @param heldOutLabels - shifts the labels of fold 1, which must not matter to training
 */
export function madeUpTask(options: {
  engine: EngineName
  epochs: number
  clipsPerFold?: number
  heldOutLabels?: number
  seed?: number
  folds?: number
  training?: TrainingInput
  /** Of a clip's features. */
  rows?: number
  frames?: number
}): FoldTask {
  const folder = mkdtempSync(join(tmpdir(), 'soundfold-fold-'))
  const random = createRandom(5)
  const folds = options.folds ?? 2
  const { rows = 128, frames = 173 } = options
  const clips = Array.from({ length: folds * (options.clipsPerFold ?? 30) }, (_, clipId) => {
    const label = clipId % CLASSES
    const data = Float32Array.from({ length: rows * frames }, (_unused, index) => {
      const band = Math.floor(index / frames)
      return -60 + 6 * random.normal() + (Math.floor(band / Math.floor(rows / CLASSES)) === label ? 25 : 0)
    })
    const featurePath = join(folder, `${clipId}.feat`)
    writeFileSync(featurePath, encodeFeatureFile({ data, rows, frames }))
    const fold = 1 + (Math.floor(clipId / CLASSES) % folds)
    return {
      clipId,
      fold,
      label: fold === 1 ? (label + (options.heldOutLabels ?? 0)) % CLASSES : label,
      featurePath,
    }
  })
  return {
    preset: 'compact-s',
    fold: 1,
    network: {},
    training: trainingSchema.parse({
      ...TRAINING_DEFAULTS,
      epochs: options.epochs,
      batchSize: 10,
      learningRate: 0.005,
      warmUp: 0.1,
      ...options.training,
      augmentation: { ...TRAINING_DEFAULTS.augmentation, timeShift: 0.25, ...options.training?.augmentation },
    }),
    recipe,
    seed: options.seed ?? 73,
    engine: options.engine,
    threads: 1,
    classes: CLASSES,
    clips,
    checkpointFolder: join(folder, 'weights'),
  }
}
