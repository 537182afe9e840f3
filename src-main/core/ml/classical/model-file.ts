import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { SoundfoldError } from '../../../contract/errors.ts'
import { writeFileAtomic } from '../../atomic-write.ts'
import type { FeatureMatrix } from '../../features/log-mel.ts'
import { modelNamed } from '../models.ts'
import { arrayListSchema, arrayNamed, type NamedArrays, packArrays, unpackArrays } from './arrays.ts'
import { summaryVector } from './summary-vector.ts'
import { type Scaling, scaled } from './table.ts'

const descriptionSchema = z.object({
  preset: z.string(),
  fold: z.int(),
  classes: z.int(),
  seed: z.int(),
  network: z.record(z.string(), z.unknown()),
  /** Of the feature matrix. */
  rows: z.int(),
  /** Of each row, in order. */
  statistics: z.array(z.string()),
})
const fileSchema = descriptionSchema.extend({ arrays: arrayListSchema })

export interface ClassicalModel {
  description: z.infer<typeof descriptionSchema>
  scaling: Scaling
  learnt: NamedArrays
}

const pathsOf = (folder: string, fold: number) => ({
  json: join(folder, `fold-${fold}.json`),
  bin: join(folder, `fold-${fold}.bin`),
})

/**
 * `fold-N.json` says what the model is and lists its arrays, `fold-N.bin` holds them; those of the scaling are the first two.
 * @throws SoundfoldError disk-full
 */
export async function saveClassicalModel(
  folder: string,
  { description, scaling, learnt }: ClassicalModel,
): Promise<void> {
  const { json, bin } = pathsOf(folder, description.fold)
  const { list, bytes } = packArrays({ ...scaling, ...learnt })
  await writeFileAtomic(bin, bytes)
  await writeFileAtomic(json, JSON.stringify({ ...description, arrays: list }, null, 2))
}

/**
 * Reads a fold's model again.
 * @returns class probabilities of a feature matrix by the run's recipe, which throws SoundfoldError invalid-input for one of
 * another height
 * @throws SoundfoldError missing-file
 */
export async function readClassicalModel(
  folder: string,
  fold: number,
): Promise<(matrix: FeatureMatrix) => Float32Array> {
  const { json, bin } = pathsOf(folder, fold)
  try {
    const { preset, network, rows, arrays: list } = fileSchema.parse(JSON.parse(await readFile(json, 'utf8')))
    const arrays = unpackArrays(list, await readFile(bin))
    const model = modelNamed(preset)
    if (model.kind !== 'classical') throw new Error(`${preset} is no classical baseline`)
    const scaling = {
      means: arrayNamed(arrays, 'means', 'float64'),
      deviations: arrayNamed(arrays, 'deviations', 'float64'),
    }
    const predict = model.predictor(arrays, network)
    return (matrix) => {
      if (matrix.rows !== rows)
        throw new SoundfoldError(
          'invalid-input',
          `The model takes features of ${rows} rows, not ${matrix.rows}.`,
          { hint: 'Extract them by the recipe of its run.' },
        )
      const values = summaryVector(matrix)
      return predict(scaled({ values, rows: 1, columns: values.length }, scaling).values)
    }
  } catch (error) {
    throw new SoundfoldError('missing-file', `The model of fold ${fold} is missing or damaged.`, {
      hint: 'Train the run again.',
      cause: error,
    })
  }
}
