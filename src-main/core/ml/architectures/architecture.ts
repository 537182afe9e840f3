import type { ModelPreset } from '../../../contract/model.ts'
import type { Network } from '../network.ts'
import type { Random } from '../random.ts'

/** How many values of the recipe's picture become one of the network's input, by their mean. */
export interface Reduction {
  bands: number
  frames: number
}

/** A network that can be chosen by name. */
export interface Architecture {
  preset: ModelPreset
  reduction: Reduction
  /** Share of the picture's width by which training examples are rolled in time, at most; 0 for never. */
  timeShift: number
  /** @param random - draws the initial weights */
  build(input: { bands: number; frames: number }, classes: number, random: Random): Network
}
