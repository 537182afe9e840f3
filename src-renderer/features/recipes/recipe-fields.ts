import type { FeatureRecipe } from '../../../src-main/contract/recipe.ts'

export type RecipeKind = FeatureRecipe['kind']
export type RecipeKey = keyof FeatureRecipe
export const RECIPE_GROUPS = ['Clip', 'Spectrum', 'Mel bands', 'Level', 'Coefficients', 'Values'] as const

/** One setting as the form shows it. */
export interface RecipeField {
  readonly key: RecipeKey
  readonly group: (typeof RECIPE_GROUPS)[number]
  /** With its unit. */
  readonly label: string
  /** Of a choice; a setting without them is typed as a number. */
  readonly options?: readonly { value: string; title: string }[]
  /** What stands in an empty number field, which is allowed only where there is one. */
  readonly empty?: string
  /** Kinds that use it; all when left out. */
  readonly kinds?: readonly RecipeKind[]
}

export const KIND_OPTIONS: readonly { value: RecipeKind; title: string }[] = [
  { value: 'log-mel', title: 'Mel spectrogram in dB' },
  { value: 'mel', title: 'Mel spectrogram, linear' },
  { value: 'pcen', title: 'Mel spectrogram with PCEN' },
  { value: 'mfcc', title: 'MFCC' },
  { value: 'chroma', title: 'Chroma (pitch classes)' },
]

const MEL: readonly RecipeKind[] = ['log-mel', 'mel', 'pcen', 'mfcc']
const DECIBEL: readonly RecipeKind[] = ['log-mel', 'mfcc']

/** In the order of the steps that they set. `kind` is not among them: it decides which of them there are. */
export const RECIPE_FIELDS: readonly RecipeField[] = [
  { key: 'sampleRateHz', group: 'Clip', label: 'Sample rate, Hz' },
  { key: 'durationSeconds', group: 'Clip', label: 'Length, s' },
  {
    key: 'placement',
    group: 'Clip',
    label: 'Shorter clips',
    options: [
      { value: 'start', title: 'Silence after' },
      { value: 'centre', title: 'Silence around' },
      { value: 'loop', title: 'Repeated' },
    ],
  },
  { key: 'trimTopDb', group: 'Clip', label: 'Trim silence below, dB', empty: 'not trimmed' },
  { key: 'timeStretch', group: 'Clip', label: 'Speed, times' },
  { key: 'pitchShiftSemitones', group: 'Clip', label: 'Pitch shift, semitones' },

  { key: 'nFft', group: 'Spectrum', label: 'FFT length, samples' },
  { key: 'hopLength', group: 'Spectrum', label: 'Hop, samples' },
  { key: 'winLength', group: 'Spectrum', label: 'Window, samples', empty: 'as FFT' },
  {
    key: 'window',
    group: 'Spectrum',
    label: 'Window shape',
    options: [
      { value: 'hann', title: 'Hann' },
      { value: 'hamming', title: 'Hamming' },
      { value: 'blackman', title: 'Blackman' },
      { value: 'rectangular', title: 'Rectangular' },
    ],
  },
  {
    key: 'centred',
    group: 'Spectrum',
    label: 'Frame position',
    options: [
      { value: 'true', title: 'Centred' },
      { value: 'false', title: 'Begins there' },
    ],
  },
  {
    key: 'padMode',
    group: 'Spectrum',
    label: 'Beyond the ends',
    options: [
      { value: 'constant', title: 'Silence' },
      { value: 'reflect', title: 'Mirrored' },
      { value: 'edge', title: 'Last sample' },
    ],
  },
  {
    key: 'power',
    group: 'Spectrum',
    label: 'Spectrum of',
    options: [
      { value: '2', title: 'Power' },
      { value: '1', title: 'Magnitude' },
    ],
    kinds: MEL,
  },

  { key: 'nMels', group: 'Mel bands', label: 'Bands', kinds: MEL },
  { key: 'fMinHz', group: 'Mel bands', label: 'From, Hz', kinds: MEL },
  { key: 'fMaxHz', group: 'Mel bands', label: 'To, Hz', empty: 'half the rate', kinds: MEL },
  {
    key: 'melScale',
    group: 'Mel bands',
    label: 'Mel scale',
    options: [
      { value: 'slaney', title: 'Slaney' },
      { value: 'htk', title: 'HTK' },
    ],
    kinds: MEL,
  },
  {
    key: 'melNorm',
    group: 'Mel bands',
    label: 'Band weights',
    options: [
      { value: 'slaney', title: 'Equal area' },
      { value: 'none', title: 'Equal height' },
    ],
    kinds: MEL,
  },

  {
    key: 'decibelReference',
    group: 'Level',
    label: '0 dB is the value',
    empty: 'clip’s loudest',
    kinds: DECIBEL,
  },
  { key: 'topDb', group: 'Level', label: 'Floor below loudest, dB', empty: 'no floor', kinds: DECIBEL },

  { key: 'nMfcc', group: 'Coefficients', label: 'Coefficients', kinds: ['mfcc'] },
  {
    key: 'deltas',
    group: 'Coefficients',
    label: 'Derivatives in time',
    options: [
      { value: '0', title: 'None' },
      { value: '1', title: 'First' },
      { value: '2', title: 'First and second' },
    ],
    kinds: ['mfcc'],
  },

  {
    key: 'scaling',
    group: 'Values',
    label: 'Scaling',
    options: [
      { value: 'none', title: 'As they are' },
      { value: 'bytes', title: '0 … 255, each clip' },
    ],
  },
]

/** What a recipe of this kind can set. */
export function visibleFields(kind: RecipeKind): RecipeField[] {
  return RECIPE_FIELDS.filter(({ kinds }) => kinds?.includes(kind) ?? true)
}

export function isKind(text: string): text is RecipeKind {
  return KIND_OPTIONS.some(({ value }) => value === text)
}
