import { z } from 'zod'

/** Most values of one clip's feature: 64 MB. */
export const MAX_VALUES = 2 ** 24
/** Frames that a delta looks at, librosa's default width. */
export const DELTA_WIDTH = 9

/** True for even lengths from 32 on that are made of 2, 3 and 5 alone: those that the transform can do. */
export function isTransformLength(length: number): boolean {
  let rest = length
  for (const factor of [2, 3, 5]) while (rest > 0 && rest % factor === 0) rest /= factor
  return rest === 1 && length >= 32 && length % 2 === 0
}

/**
 * Settings that recipes had not from the beginning. One at its default is left out of a recipe's hash, so that features keep
 * their names when a setting is added here.
 */
export const RECIPE_DEFAULTS = {
  placement: 'start',
  trimTopDb: null,
  timeStretch: 1,
  pitchShiftSemitones: 0,
  winLength: null,
  window: 'hann',
  centred: true,
  padMode: 'constant',
  melScale: 'slaney',
  melNorm: 'slaney',
  power: 2,
  decibelReference: 'max',
  nMfcc: 20,
  deltas: 0,
  scaling: 'none',
} as const

/** Every setting that changes a feature's values, and nothing else. Names and meanings are librosa's where it has them. */
const settings = z.strictObject({
  /**
   * `log-mel`: mel spectrogram in dB; `mel`: without the logarithm; `mfcc`: cepstral coefficients of `log-mel`; `pcen`:
   * per-channel energy normalisation of `mel`; `chroma`: twelve pitch classes.
   */
  kind: z.enum(['log-mel', 'mel', 'mfcc', 'pcen', 'chroma']),
  sampleRateHz: z.int().min(1000).max(384_000),
  /** Of every clip after trimming, cutting and padding. */
  durationSeconds: z.number().positive().max(600),
  /** Where a shorter clip lies: zeros behind it, zeros on both sides, or repeated to the end. Longer ones are cut at their end. */
  placement: z.enum(['start', 'centre', 'loop']).default(RECIPE_DEFAULTS.placement),
  /** Silence this many dB below the clip's loudest frame is cut off at both ends first (`librosa.effects.trim`). */
  trimTopDb: z.number().positive().max(200).nullable().default(RECIPE_DEFAULTS.trimTopDb),
  /** How many times as fast, at the same pitch (`librosa.effects.time_stretch`): above 1 is shorter. */
  timeStretch: z.number().min(0.25).max(4).default(RECIPE_DEFAULTS.timeStretch),
  /** Higher, or lower where negative, at the same length (`librosa.effects.pitch_shift`). */
  pitchShiftSemitones: z.number().min(-24).max(24).default(RECIPE_DEFAULTS.pitchShiftSemitones),
  nFft: z
    .int()
    .max(65_536)
    .refine(isTransformLength, 'must be even, at least 32, and a product of 2, 3 and 5 alone'),
  hopLength: z.int().min(1).max(1_000_000),
  /** Samples of the window; null for nFft. */
  winLength: z.int().min(1).nullable().default(RECIPE_DEFAULTS.winLength),
  window: z.enum(['hann', 'hamming', 'blackman', 'rectangular']).default(RECIPE_DEFAULTS.window),
  /** Frame t is centred at t · hop; else it begins there. */
  centred: z.boolean().default(RECIPE_DEFAULTS.centred),
  padMode: z.enum(['constant', 'reflect', 'edge']).default(RECIPE_DEFAULTS.padMode),
  nMels: z.int().min(1).max(1024).default(128),
  fMinHz: z.number().min(0).default(0),
  /** Null for half the sample rate, which is written in its place. */
  fMaxHz: z.number().positive().nullable().default(null),
  melScale: z.enum(['slaney', 'htk']).default(RECIPE_DEFAULTS.melScale),
  melNorm: z.enum(['slaney', 'none']).default(RECIPE_DEFAULTS.melNorm),
  /** Of the magnitude. */
  power: z.union([z.literal(1), z.literal(2)]).default(RECIPE_DEFAULTS.power),
  /** What 0 dB is: the clip's loudest value, or this power. */
  decibelReference: z
    .union([z.literal('max'), z.number().positive()])
    .default(RECIPE_DEFAULTS.decibelReference),
  /** Values this far below the loudest are raised to there; null for none. */
  topDb: z.number().positive().max(400).nullable().default(80),
  nMfcc: z.int().min(1).max(1024).default(RECIPE_DEFAULTS.nMfcc),
  /** 1 adds the coefficients' first derivative in time, 2 the second as well. */
  deltas: z.int().min(0).max(2).default(RECIPE_DEFAULTS.deltas),
  /** `bytes`: trunc(255 · (x − min) / (max − min)) of each clip, zeros for a constant one, as the article's recorded run. */
  scaling: z.enum(['none', 'bytes']).default(RECIPE_DEFAULTS.scaling),
})

export const featureRecipeSchema = settings
  .transform((recipe) => ({ ...recipe, fMaxHz: recipe.fMaxHz ?? recipe.sampleRateHz / 2 }))
  .superRefine((recipe, context) => {
    const say = (path: keyof typeof recipe, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message })
    const { fMaxHz, fMinHz, sampleRateHz, winLength, nFft, nMfcc, nMels, kind, deltas } = recipe
    if (fMaxHz > sampleRateHz / 2) say('fMaxHz', 'must be at most half the sample rate')
    if (fMinHz >= fMaxHz) say('fMinHz', 'must be below fMaxHz')
    if ((winLength ?? 0) > nFft) say('winLength', 'must be at most nFft')
    if (kind === 'mfcc' && nMfcc > nMels) say('nMfcc', 'must be at most nMels')
    const frames = recipeFrames(recipe)
    if (frames < 1) say('durationSeconds', 'must be at least one frame where frames are not centred')
    if (deltas > 0 && kind === 'mfcc' && frames < DELTA_WIDTH)
      say('deltas', `need ${DELTA_WIDTH} frames or more; this recipe gives ${frames}`)
    if (recipeRows(recipe) * frames > MAX_VALUES)
      say('hopLength', 'makes a picture of more than 16 million values')
  })
export type FeatureRecipe = z.infer<typeof featureRecipeSchema>

type Lengths = Pick<FeatureRecipe, 'durationSeconds' | 'sampleRateHz' | 'centred' | 'nFft' | 'hopLength'>

/** Samples of a clip after padding or cutting. */
export function recipeSamples({
  durationSeconds,
  sampleRateHz,
}: Pick<Lengths, 'durationSeconds' | 'sampleRateHz'>): number {
  return Math.round(durationSeconds * sampleRateHz)
}

/** Columns of the feature. */
export function recipeFrames(recipe: Lengths): number {
  const samples = recipeSamples(recipe)
  return Math.max(0, 1 + Math.floor((recipe.centred ? samples : samples - recipe.nFft) / recipe.hopLength))
}

/** Rows of the feature. */
export function recipeRows({
  kind,
  nMels,
  nMfcc,
  deltas,
}: Pick<FeatureRecipe, 'kind' | 'nMels' | 'nMfcc' | 'deltas'>) {
  if (kind === 'mfcc') return nMfcc * (1 + deltas)
  return kind === 'chroma' ? 12 : nMels
}
