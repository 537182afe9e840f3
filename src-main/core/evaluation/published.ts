import type { Evaluation, PublishedResult } from '../../contract/evaluation.ts'
import type { DatasetFormat } from '../../contract/model.ts'

interface Published {
  format: DatasetFormat
  /** Clips of each fold of the complete set, by its number. */
  folds: Readonly<Record<number, number>>
  /** Its names, in any order; ESC-10 is named otherwise by itself than within ESC-50. */
  classes: readonly string[]
  results: PublishedResult[]
}

const ESC_10: Omit<Published, 'classes'> = {
  format: 'esc',
  folds: { 1: 80, 2: 80, 3: 80, 4: 80, 5: 80 },
  results: [
    { name: 'Human listeners', accuracy: 0.957, source: 'Piczak 2015' },
    { name: 'Random forest', accuracy: 0.727, source: 'Piczak 2015' },
  ],
}
/** Mean accuracies over the official folds, as their papers state them. */
const PUBLISHED: readonly Published[] = [
  {
    format: 'urbansound8k',
    folds: { 1: 873, 2: 888, 3: 925, 4: 990, 5: 936, 6: 823, 7: 838, 8: 806, 9: 816, 10: 837 },
    classes: [
      ...['air_conditioner', 'car_horn', 'children_playing', 'dog_bark', 'drilling'],
      ...['engine_idling', 'gun_shot', 'jackhammer', 'siren', 'street_music'],
    ],
    results: [
      { name: 'Piczak CNN', accuracy: 0.731, source: 'Piczak 2015, as given by Salamon & Bello 2017' },
      { name: 'SB-CNN', accuracy: 0.73, source: 'Salamon & Bello 2017' },
      { name: 'SB-CNN with augmentation', accuracy: 0.79, source: 'Salamon & Bello 2017' },
      { name: 'Dmix-CNN with mixup', accuracy: 0.773, source: 'Zhang et al. 2018' },
      {
        name: 'Article, best epoch on the test fold',
        accuracy: 0.7976,
        source: 'Duda 2020: chosen on the clips it is tested on',
      },
      { name: 'Article, last epoch', accuracy: 0.7854, source: 'Duda 2020, recorded run' },
      { name: 'ESResNet', accuracy: 0.854, source: 'Guzhov et al. 2020: pretrained on other data' },
      { name: 'AudioCLIP', accuracy: 0.901, source: 'Guzhov et al. 2021: pretrained on other data' },
    ],
  },
  {
    ...ESC_10,
    classes: [
      ...['dog_bark', 'rain', 'sea_waves', 'baby_cry', 'clock_tick'],
      ...['person_sneeze', 'helicopter', 'chainsaw', 'rooster', 'fire_crackling'],
    ],
  },
  {
    ...ESC_10,
    classes: [
      ...['dog', 'rain', 'sea_waves', 'crying_baby', 'clock_tick'],
      ...['sneezing', 'helicopter', 'chainsaw', 'rooster', 'crackling_fire'],
    ],
  },
]

/**
 * What others reached on the same clips and split.
 * @param folds - of the run, with how many clips each held out
 * @param relabelled - whether labels are those of an audit, not as published
 * @returns none unless the dataset is known and split as published, and every clip of every official fold was tested on
 */
export function publishedResults(
  format: DatasetFormat,
  {
    split,
    folds,
    classes,
    relabelled = false,
  }: Pick<Evaluation, 'classes' | 'split'> & {
    folds: readonly { fold: number; clips: number }[]
    relabelled?: boolean
  },
): PublishedResult[] {
  if (split.kind !== 'predefined' || relabelled) return []
  const names = new Set(classes.map(({ name }) => name))
  const known = PUBLISHED.find(
    (one) =>
      one.format === format &&
      one.classes.length === names.size &&
      one.classes.every((name) => names.has(name)) &&
      Object.keys(one.folds).length === folds.length &&
      folds.every(({ fold, clips }) => one.folds[fold] === clips),
  )
  return known?.results.toSorted((a, b) => b.accuracy - a.accuracy) ?? []
}
