import { z } from 'zod'
import { SoundfoldError } from '../../../contract/errors.ts'
import { parseInput } from '../../../contract/parse.ts'
import type { ModelPreset } from '../../../contract/run.ts'
import type { InputScaling } from '../examples.ts'
import { type Network, NetworkBuilder } from '../network.ts'
import type { Random } from '../random.ts'

/** How many values of the recipe's picture become one of the network's input, by their mean. */
export interface Reduction {
  bands: number
  frames: number
}

/** One picture that a network is given; its values are [batch, bands, frames, 1]. */
export interface InputShape {
  bands: number
  frames: number
}

type InputShapes = readonly [InputShape, ...InputShape[]]

/** A network that can be chosen by name. */
export interface Architecture {
  readonly kind: 'network'
  readonly preset: ModelPreset
  /** Pictures of each clip that it is given: one, or one of each of several recipes. */
  readonly pictures: number
  /** Of each of them. */
  readonly reduction: Reduction
  /**
   * Fills in the defaults of the network's own settings.
   * @throws SoundfoldError invalid-input
   */
  settings(given: unknown): Record<string, unknown>
  /** How pictures become what the network is given. @param settings - of the network, as `settings` gave them */
  inputScaling(settings: unknown): InputScaling
  /**
   * @param inputs - pictures after reduction
   * @throws SoundfoldError invalid-input when their number is wrong or one is too small for the network's layers
   */
  check(inputs: readonly InputShape[]): void
  /**
   * @param settings - of the network, as `settings` gave them
   * @param random - draws the initial weights
   * @throws SoundfoldError invalid-input, as `check`
   */
  build(inputs: readonly InputShape[], classes: number, random: Random, settings: unknown): Network
}

/** What `defineArchitecture` makes one of. */
export interface Definition<S extends z.ZodObject> {
  preset: Omit<ModelPreset, 'kind' | 'networkSettings'>
  reduction?: Reduction
  /** Of each picture, after reduction, of which the last layer has one value left. */
  smallest?: InputShape
  /** Standardised when left out. */
  inputScaling?: (settings: z.output<S>) => InputScaling
  /** Each with a default and a description: the window makes its form of them. */
  settings: S
  /** Makes the layers, in the order in which their weights are drawn, and says how a batch goes through them. */
  network(
    builder: NetworkBuilder,
    inputs: InputShapes,
    classes: number,
    settings: z.output<S>,
  ): Network['forward']
}

export function defineArchitecture<S extends z.ZodObject>(definition: Definition<S>): Architecture {
  const { preset, settings, network } = definition
  const expected = preset.secondRecipe ? 2 : 1
  const {
    reduction = { bands: 1, frames: 1 },
    smallest = { bands: 1, frames: 1 },
    inputScaling = () => 'standardise',
  } = definition

  function checked(given: readonly InputShape[]): InputShapes {
    const [first, ...rest] = given
    if (!first || given.length !== expected)
      throw new SoundfoldError(
        'invalid-input',
        `${preset.title} takes ${expected === 2 ? 'two pictures' : 'one picture'} of each clip, not ${given.length}.`,
        { hint: 'Only a network that takes two has a second recipe.' },
      )
    for (const { bands, frames } of given) {
      if (bands >= smallest.bands && frames >= smallest.frames) continue
      const isReduced = reduction.bands * reduction.frames > 1
      const reduced = isReduced ? `, after it is reduced by ${size(reduction)},` : ''
      throw new SoundfoldError(
        'invalid-input',
        `${preset.title} needs a picture of ${size(smallest)} bands and frames or more; this one${reduced} has ${size({ bands, frames })}.`,
        { hint: 'Choose a recipe with more bands, a longer clip or a shorter hop, or another network.' },
      )
    }
    return [first, ...rest]
  }

  return {
    kind: 'network',
    preset: { ...preset, kind: 'network', networkSettings: z.toJSONSchema(settings, { io: 'input' }) },
    pictures: expected,
    reduction,
    settings: (given) => parseInput(settings, given, `settings of ${preset.name}`),
    inputScaling: (given) => inputScaling(settings.parse(given)),
    check: (inputs) => {
      checked(inputs)
    },
    build(inputs, classes, random, given) {
      const builder = new NetworkBuilder(random)
      return builder.build(network(builder, checked(inputs), classes, settings.parse(given)))
    },
  }
}

const size = ({ bands, frames }: InputShape) => `${bands} × ${frames}`
