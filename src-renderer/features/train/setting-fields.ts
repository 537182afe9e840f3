/** What the training form can set, in its groups and order; names and units as a person reads them. */

export const SETTING_GROUPS = [
  'Essentials',
  'Optimiser',
  'Schedule',
  'Regularisation and loss',
  'Augmentation',
  'Inner fold and early stopping',
  'Network',
  'Machine',
] as const
export type SettingGroup = (typeof SETTING_GROUPS)[number]

/** Values as they are typed, by path: `schedule.factor`. */
export type SettingTexts = Readonly<Record<string, string>>

export interface SettingField {
  /** Within the settings of training, or of the network. */
  readonly path: string
  readonly group: SettingGroup
  /** With its unit. */
  readonly label: string
  readonly kind: 'number' | 'numbers' | 'choice' | 'flag' | 'part' | 'recipes' | 'json'
  /** Of a choice. */
  readonly options?: readonly { value: string; title: string }[]
  /** What stands in an empty number field, which is null; without it the field must be filled. */
  readonly empty?: string
  readonly hint?: string
  /** Only then is it shown and sent. */
  readonly when?: (texts: SettingTexts) => boolean
  /** What is recorded where it is not shown; nothing when left out. */
  readonly otherwise?: string | null
}

export const ON = 'true'
export const OFF = 'false'

const number = (group: SettingGroup, path: string, label: string, more: Partial<SettingField> = {}) =>
  ({ path, group, label, kind: 'number', ...more }) satisfies SettingField
const choice = (
  group: SettingGroup,
  path: string,
  label: string,
  titles: Readonly<Record<string, string>>,
  more: Partial<SettingField> = {},
) =>
  ({
    path,
    group,
    label,
    kind: 'choice',
    options: Object.entries(titles).map(([value, title]) => ({ value, title })),
    ...more,
  }) satisfies SettingField

const is =
  (path: string, ...values: readonly string[]) =>
  (texts: SettingTexts) =>
    values.includes(texts[path] ?? '')
const withInner = { when: is('innerFold', 'next') }
const withMasks = { when: is('augmentation.specAugment', ON) }
const withNoise = { when: is('augmentation.noise', ON) }
const STEP_OR_EPOCH = { step: 'at every step', epoch: 'at every epoch' }

export const TRAINING_FIELDS: readonly SettingField[] = [
  number('Essentials', 'epochs', 'Epochs'),
  number('Essentials', 'batchSize', 'Batch size'),
  number('Essentials', 'learningRate', 'Learning rate'),

  choice('Optimiser', 'optimizer.name', 'Optimiser', {
    sgd: 'SGD',
    adam: 'Adam',
    adamw: 'AdamW',
    rmsprop: 'RMSprop',
  }),
  number('Optimiser', 'optimizer.momentum', 'Momentum', { when: is('optimizer.name', 'sgd', 'rmsprop') }),
  {
    path: 'optimizer.nesterov',
    group: 'Optimiser',
    label: 'Nesterov momentum',
    kind: 'flag',
    when: is('optimizer.name', 'sgd'),
  },
  number('Optimiser', 'optimizer.beta1', 'Beta 1', { when: is('optimizer.name', 'adam', 'adamw') }),
  number('Optimiser', 'optimizer.beta2', 'Beta 2', { when: is('optimizer.name', 'adam', 'adamw') }),
  number('Optimiser', 'optimizer.smoothing', 'Smoothing', { when: is('optimizer.name', 'rmsprop') }),
  number('Optimiser', 'optimizer.epsilon', 'Epsilon', {
    when: is('optimizer.name', 'adam', 'adamw', 'rmsprop'),
  }),
  number('Optimiser', 'clipNorm', 'Gradient norm, at most', { empty: 'no limit' }),

  choice('Schedule', 'schedule.name', 'Schedule', {
    constant: 'Constant',
    step: 'Steps',
    cosine: 'Cosine',
    'cosine-restarts': 'Cosine with restarts',
    'one-cycle': 'One cycle',
    plateau: 'Lower on plateau',
  }),
  number('Schedule', 'schedule.everyEpochs', 'Every, epochs', { when: is('schedule.name', 'step') }),
  number('Schedule', 'schedule.halfPeriodEpochs', 'Half period, epochs', {
    when: is('schedule.name', 'cosine'),
    empty: 'whole run',
  }),
  number('Schedule', 'schedule.firstEpochs', 'First period, epochs', {
    when: is('schedule.name', 'cosine-restarts'),
  }),
  number('Schedule', 'schedule.growth', 'Growth of a period', {
    when: is('schedule.name', 'cosine-restarts'),
  }),
  number('Schedule', 'schedule.rise', 'Rise, share of steps', { when: is('schedule.name', 'one-cycle') }),
  number('Schedule', 'schedule.startDivisor', 'First rate, highest ÷', {
    when: is('schedule.name', 'one-cycle'),
  }),
  number('Schedule', 'schedule.endDivisor', 'Last rate, first ÷', { when: is('schedule.name', 'one-cycle') }),
  number('Schedule', 'schedule.patienceEpochs', 'Patience, epochs', { when: is('schedule.name', 'plateau') }),
  choice(
    'Schedule',
    'schedule.watch',
    'Watched loss',
    { training: 'Training', inner: 'Inner fold' },
    { when: is('schedule.name', 'plateau') },
  ),
  number('Schedule', 'schedule.factor', 'Factor', { when: is('schedule.name', 'step', 'plateau') }),
  number('Schedule', 'schedule.minimum', 'Lowest rate', {
    when: is('schedule.name', 'cosine', 'cosine-restarts', 'plateau'),
  }),
  choice('Schedule', 'schedule.updated', 'Changes', STEP_OR_EPOCH, {
    when: is('schedule.name', 'cosine', 'cosine-restarts'),
  }),
  number('Schedule', 'warmUp', 'Warm-up, share of steps'),

  number('Regularisation and loss', 'weightDecay', 'Weight decay'),
  number('Regularisation and loss', 'labelSmoothing', 'Label smoothing'),
  choice('Regularisation and loss', 'classWeights', 'Class weights', {
    none: 'Equal',
    balanced: 'Balanced by clips',
  }),
  choice('Regularisation and loss', 'loss.name', 'Loss', {
    'cross-entropy': 'Cross-entropy',
    focal: 'Focal',
    'binary-cross-entropy': 'Binary cross-entropy',
  }),
  number('Regularisation and loss', 'loss.gamma', 'Focal gamma', { when: is('loss.name', 'focal') }),

  number('Augmentation', 'augmentation.flip', 'Mirrored, probability'),
  number('Augmentation', 'augmentation.timeShift', 'Time shift, share of length'),
  number('Augmentation', 'augmentation.gainDb', 'Gain, ± dB'),
  number('Augmentation', 'augmentation.mixup', 'Mixup, alpha', { hint: '0: never' }),
  {
    path: 'augmentation.specAugment',
    group: 'Augmentation',
    label: 'SpecAugment: hide bands and times',
    kind: 'part',
  },
  number('Augmentation', 'augmentation.specAugment.timeMasks', 'Times hidden', withMasks),
  number('Augmentation', 'augmentation.specAugment.timeWidth', 'Width, share of time', withMasks),
  number('Augmentation', 'augmentation.specAugment.bandMasks', 'Bands hidden', withMasks),
  number('Augmentation', 'augmentation.specAugment.bandWidth', 'Width, share of bands', withMasks),
  { path: 'augmentation.noise', group: 'Augmentation', label: 'Add background noise', kind: 'part' },
  choice(
    'Augmentation',
    'augmentation.noise.kind',
    'Noise',
    { clip: 'Another training clip', white: 'White noise' },
    withNoise,
  ),
  number('Augmentation', 'augmentation.noise.probability', 'Probability', withNoise),
  number('Augmentation', 'augmentation.noise.minimumSnrDb', 'SNR from, dB', withNoise),
  number('Augmentation', 'augmentation.noise.maximumSnrDb', 'SNR to, dB', withNoise),
  {
    path: 'augmentation.recipes',
    group: 'Augmentation',
    label: 'Other recipes of the same clips',
    kind: 'recipes',
    hint: 'Each example is drawn from them or the run’s own, as for pitch shift. They must give the same shape.',
  },

  choice('Inner fold and early stopping', 'innerFold', 'Inner fold', {
    none: 'None',
    next: 'The fold after the held-out one',
  }),
  choice(
    'Inner fold and early stopping',
    'resultEpoch',
    'Result',
    { last: 'Last epoch', 'best-inner': 'Best epoch on the inner fold' },
    { ...withInner, otherwise: 'last' },
  ),
  number('Inner fold and early stopping', 'stopAfterEpochs', 'Stop after, epochs', {
    ...withInner,
    empty: /* @wc-include */ 'never',
    hint: 'Without a lower loss on the inner fold.',
    otherwise: null,
  }),

  number('Machine', 'microBatchSize', 'Micro-batch, examples', {
    empty: 'what fits',
    hint: 'Gradients of a batch are summed over parts of this size.',
  }),
]
