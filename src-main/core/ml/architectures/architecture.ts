import { z } from 'zod'
import type { ModelPreset } from '../../../contract/model.ts'
import { parseInput } from '../../../contract/parse.ts'
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

/** A network that can be chosen by name. */
export interface Architecture {
  readonly kind: 'network'
  readonly preset: ModelPreset
  readonly reduction: Reduction
  /**
   * Fills in the defaults of the network's own settings.
   * @throws SoundfoldError invalid-input
   */
  settings(given: unknown): Record<string, unknown>
  /**
   * @param settings - of the network, as `settings` gave them
   * @param random - draws the initial weights
   */
  build(inputs: readonly InputShape[], classes: number, random: Random, settings: unknown): Network
}

interface Definition<S extends z.ZodObject> {
  preset: Omit<ModelPreset, 'kind' | 'networkSettings'>
  reduction?: Reduction
  /** Each with a default and a description: the window makes its form of them. */
  settings: S
  /** Makes the layers, in the order in which their weights are drawn, and says how a batch goes through them. */
  network(
    builder: NetworkBuilder,
    inputs: readonly InputShape[],
    classes: number,
    settings: z.output<S>,
  ): Network['forward']
}

export function defineArchitecture<S extends z.ZodObject>(definition: Definition<S>): Architecture {
  const { preset, reduction = { bands: 1, frames: 1 }, settings, network } = definition
  return {
    kind: 'network',
    preset: { ...preset, kind: 'network', networkSettings: z.toJSONSchema(settings, { io: 'input' }) },
    reduction,
    settings: (given) => parseInput(settings, given, `settings of ${preset.name}`),
    build(inputs, classes, random, given) {
      const builder = new NetworkBuilder(random)
      return builder.build(network(builder, inputs, classes, settings.parse(given)))
    },
  }
}
