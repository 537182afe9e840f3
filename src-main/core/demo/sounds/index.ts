import { carHorn, gunShot, siren } from './alarms.ts'
import { airConditioner, drilling, engineIdling, jackhammer } from './machines.ts'
import { streetMusic } from './music.ts'
import type { Recipe } from './recipe.ts'
import { childrenPlaying, dogBark } from './voices.ts'

export interface SoundClass {
  readonly name: string
  readonly recipe: Recipe
  /** Share of clips that last the full four seconds, 0 to 1. */
  readonly fullLength: number
  /** Seconds within which the other clips last. */
  readonly shortest: number
  readonly longest: number
  /** Share of recordings in which the sound is in the background, 0 to 1. */
  readonly background: number
}

/** The ten classes of UrbanSound8K; the index is the class ID. */
export const SOUND_CLASSES: readonly SoundClass[] = [
  {
    name: 'air_conditioner',
    recipe: airConditioner,
    fullLength: 1,
    shortest: 4,
    longest: 4,
    background: 0.4,
  },
  { name: 'car_horn', recipe: carHorn, fullLength: 0.4, shortest: 0.5, longest: 3.5, background: 0.5 },
  {
    name: 'children_playing',
    recipe: childrenPlaying,
    fullLength: 0.95,
    shortest: 2,
    longest: 3.9,
    background: 0.4,
  },
  { name: 'dog_bark', recipe: dogBark, fullLength: 0.45, shortest: 0.35, longest: 3.5, background: 0.35 },
  { name: 'drilling', recipe: drilling, fullLength: 0.8, shortest: 0.8, longest: 3.9, background: 0.25 },
  {
    name: 'engine_idling',
    recipe: engineIdling,
    fullLength: 0.95,
    shortest: 1.5,
    longest: 3.9,
    background: 0.25,
  },
  { name: 'gun_shot', recipe: gunShot, fullLength: 0.1, shortest: 0.3, longest: 2.8, background: 0.3 },
  { name: 'jackhammer', recipe: jackhammer, fullLength: 0.8, shortest: 1, longest: 3.9, background: 0.35 },
  { name: 'siren', recipe: siren, fullLength: 0.95, shortest: 1.5, longest: 3.9, background: 0.55 },
  { name: 'street_music', recipe: streetMusic, fullLength: 1, shortest: 4, longest: 4, background: 0.4 },
]
