import { z } from 'zod'
import { parseInput } from '../../../contract/parse.ts'
import type { ModelPreset } from '../../../contract/run.ts'
import { SINGLE_PASS } from '../../../contract/training.ts'
import type { NamedArrays } from './arrays.ts'
import type { Table } from './table.ts'

/** What a classifier learns from: standardised vectors and the class of each, 0 … classes − 1. */
export interface TrainingTable extends Table {
  labels: Uint16Array
  classes: number
}

/** @returns the probability of each class for one standardised vector */
export type Predict = (vector: Float32Array) => Float32Array

/** Lets messages in, and throws the signal's reason once it is aborted; to be awaited often. */
export type Pause = () => Promise<void>

/** A classifier of summary vectors that can be chosen by name, as an architecture can. */
export interface Classifier {
  readonly kind: 'classical'
  readonly preset: ModelPreset
  /**
   * Fills in the defaults of the classifier's own settings.
   * @throws SoundfoldError invalid-input
   */
  settings(given: unknown): Record<string, unknown>
  /**
   * @param settings - as `settings` gave them
   * @param seed - of everything that is drawn
   * @returns all that was learnt
   */
  learn(table: TrainingTable, settings: unknown, seed: number, pause: Pause): Promise<NamedArrays>
  /**
   * @param learnt - as `learn` gave it, perhaps read from a file
   * @throws Error where an array is missing
   */
  predictor(learnt: NamedArrays, settings: unknown): Predict
}

interface Definition<S extends z.ZodObject> {
  preset: Omit<ModelPreset, 'kind' | 'networkSettings' | 'defaults' | 'recipe'>
  /** Each with a default and a description: the window makes its form of them. */
  settings: S
  learn(table: TrainingTable, settings: z.output<S>, seed: number, pause: Pause): Promise<NamedArrays>
  predictor(learnt: NamedArrays, settings: z.output<S>): Predict
}

export function defineClassifier<S extends z.ZodObject>(definition: Definition<S>): Classifier {
  const { preset, settings, learn, predictor } = definition
  return {
    kind: 'classical',
    preset: {
      ...preset,
      kind: 'classical',
      recipe: 'mfcc-static',
      defaults: SINGLE_PASS,
      networkSettings: z.toJSONSchema(settings, { io: 'input' }),
    },
    settings: (given) => parseInput(settings, given, `settings of ${preset.name}`),
    learn: (table, given, seed, pause) => learn(table, settings.parse(given), seed, pause),
    predictor: (learnt, given) => predictor(learnt, settings.parse(given)),
  }
}
