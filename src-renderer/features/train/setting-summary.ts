import type { SettingField, SettingGroup, SettingTexts } from './setting-fields.ts'
import { readableText } from './setting-texts.ts'

/** What a closed group says of itself, in a few words: `Adam`, `mirrored, mixup 0.2`, `none`. */
export function settingSummary(
  group: SettingGroup,
  fields: readonly SettingField[],
  texts: SettingTexts,
): string {
  const read = (path: string) => {
    const field = fields.find((own) => own.path === path)
    return field ? readableText(field, texts[path] ?? '') : ''
  }
  const number = (path: string, name: string) =>
    Number(texts[path]) === 0 || !texts[path]?.trim() ? '' : `${name} ${texts[path]?.trim()}`
  const join = (...words: readonly string[]) => words.filter(Boolean).join(', ')
  switch (group) {
    case 'Optimiser':
      return join(read('optimizer.name'), number('clipNorm', 'norm ≤'))
    case 'Schedule':
      return join(read('schedule.name'), number('warmUp', /* @wc-include */ 'warm-up'))
    case 'Regularisation and loss':
      return join(
        read('loss.name'),
        number('weightDecay', 'decay'),
        number('labelSmoothing', 'smoothing'),
        texts.classWeights === 'balanced' ? 'balanced' : '',
      )
    case 'Augmentation':
      return (
        join(
          number('augmentation.flip', 'mirrored'),
          number('augmentation.timeShift', /* @wc-include */ 'shift'),
          number('augmentation.gainDb', 'gain'),
          number('augmentation.mixup', 'mixup'),
          texts['augmentation.specAugment'] === 'true' ? 'SpecAugment' : '',
          texts['augmentation.noise'] === 'true' ? 'noise' : '',
          texts['augmentation.recipes'] ?? '',
        ) || /* @wc-include */ 'none'
      )
    case 'Inner fold and early stopping':
      return texts.innerFold === 'next'
        ? join(
            texts.resultEpoch === 'best-inner' ? 'best epoch' : 'last epoch',
            number('stopAfterEpochs', 'stops after'),
          )
        : /* @wc-include */ 'none'
    default:
      return join(...fields.slice(0, 3).map((field) => `${field.label} ${read(field.path)}`))
  }
}
