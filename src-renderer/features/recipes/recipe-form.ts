import {
  type FeatureRecipe,
  featureRecipeSchema,
  isTransformLength,
} from '../../../src-main/contract/recipe.ts'
import { isKind, RECIPE_FIELDS, type RecipeKey, type RecipeKind, visibleFields } from './recipe-fields.ts'

/** A recipe as it is typed: empty stands for the schema's null, and for the reference `max`. */
export type RecipeFields = Record<RecipeKey, string>
export type RecipeErrors = Partial<Record<RecipeKey, string>>

const RANGES: RecipeErrors = {
  sampleRateHz: 'Enter a whole number from 1000 to 384,000.',
  durationSeconds: 'Enter a number above 0, up to 600.',
  trimTopDb: 'Enter a number above 0, up to 200, or nothing.',
  timeStretch: 'Enter a number from 0.25 to 4; above 1 is faster.',
  pitchShiftSemitones: 'Enter a number from −24 to 24.',
  nFft: 'Enter an even number from 32 to 65,536, of factors 2, 3 and 5 alone.',
  hopLength: 'Enter a whole number from 1 to 1,000,000.',
  winLength: 'Enter a whole number from 1, or nothing.',
  nMels: 'Enter a whole number from 1 to 1024.',
  fMinHz: 'Enter 0 or a number above.',
  fMaxHz: 'Enter a number above 0, or nothing.',
  decibelReference: 'Enter a number above 0, or nothing.',
  topDb: 'Enter a number above 0, up to 400, or nothing.',
  nMfcc: 'Enter a whole number from 1 to 1024.',
}

/** What the schema says of two settings together, in the words of the form. */
const TOGETHER: RecipeErrors = {
  durationSeconds: 'Must hold at least one frame.',
  hopLength: 'Gives more than 16 million values; enter a larger hop.',
  winLength: 'Must be at most the FFT length.',
  fMinHz: 'Must be below the upper end.',
  fMaxHz: 'Must be at most half the sample rate.',
  nMfcc: 'Must be at most the number of bands.',
  deltas: 'Need at least nine frames.',
}

/** The form of a recipe; `checkRecipe` gives the same recipe back. */
export function recipeFieldsOf(recipe: FeatureRecipe): RecipeFields {
  const text = (value: unknown) => (value === null ? '' : String(value))
  const entries = Object.entries(recipe).map(([key, value]) => [key, text(value)])
  return {
    ...Object.fromEntries(entries),
    fMaxHz: recipe.fMaxHz === recipe.sampleRateHz / 2 ? '' : text(recipe.fMaxHz),
    decibelReference: recipe.decibelReference === 'max' ? '' : text(recipe.decibelReference),
  }
}

const DEFAULTS = recipeFieldsOf(
  featureRecipeSchema.parse({
    kind: 'log-mel',
    sampleRateHz: 22_050,
    durationSeconds: 4,
    nFft: 2048,
    hopLength: 512,
  }),
)

/**
 * Checks with the contract's own schema.
 * @param base - the recipe that the form began with. What the kind does not use is taken from there if that did not use it
 *   either, else it is the default: so no hidden setting changes the recipe's hash, and an unchanged form gives its recipe.
 * @returns the recipe, or what is wrong with which setting
 */
export function checkRecipe(
  fields: RecipeFields,
  base: FeatureRecipe,
): { recipe?: FeatureRecipe; errors: RecipeErrors } {
  const used = usedFields(fields, base)
  const parsed = featureRecipeSchema.safeParse({
    kind: used.kind,
    placement: used.placement,
    window: used.window,
    padMode: used.padMode,
    melScale: used.melScale,
    melNorm: used.melNorm,
    scaling: used.scaling,
    centred: used.centred === 'true',
    sampleRateHz: numberOf(used.sampleRateHz),
    durationSeconds: numberOf(used.durationSeconds),
    timeStretch: numberOf(used.timeStretch),
    pitchShiftSemitones: numberOf(used.pitchShiftSemitones),
    nFft: numberOf(used.nFft),
    hopLength: numberOf(used.hopLength),
    nMels: numberOf(used.nMels),
    fMinHz: numberOf(used.fMinHz),
    power: numberOf(used.power),
    nMfcc: numberOf(used.nMfcc),
    deltas: numberOf(used.deltas),
    trimTopDb: optionalNumberOf(used.trimTopDb),
    winLength: optionalNumberOf(used.winLength),
    fMaxHz: optionalNumberOf(used.fMaxHz),
    topDb: optionalNumberOf(used.topDb),
    decibelReference: optionalNumberOf(used.decibelReference) ?? 'max',
  })
  if (parsed.success) return { recipe: parsed.data, errors: {} }
  const errors: RecipeErrors = {}
  for (const issue of parsed.error.issues) {
    const key = issue.path[0]
    if (typeof key !== 'string' || !isKey(key) || errors[key]) continue
    // The FFT length's own rule is a custom one, too, and its words say the whole range.
    const together = issue.code === 'custom' && !(key === 'nFft' && !isTransformLength(Number(fields.nFft)))
    errors[key] = (together ? TOGETHER[key] : RANGES[key]) ?? issue.message
  }
  return { errors }
}

/** Which settings both forms show and give differently. */
export function differingKeys(ours: RecipeFields, theirs: RecipeFields): Set<RecipeKey> {
  const shown = (kind: string) => new Set(isKind(kind) ? visibleFields(kind).map(({ key }) => key) : [])
  const theirKeys = shown(theirs.kind)
  return new Set(
    [...shown(ours.kind)].filter((key) => theirKeys.has(key) && ours[key].trim() !== theirs[key].trim()),
  )
}

function usedFields(fields: RecipeFields, base: FeatureRecipe): RecipeFields {
  const kind: RecipeKind = isKind(fields.kind) ? fields.kind : base.kind
  const shows = (of: RecipeKind, key: RecipeKey) => visibleFields(of).some((field) => field.key === key)
  const baseFields = recipeFieldsOf(base)
  const used = { ...fields, kind }
  for (const { key } of RECIPE_FIELDS)
    if (!shows(kind, key))
      Object.assign(used, { [key]: (shows(base.kind, key) ? DEFAULTS : baseFields)[key] })
  return used
}

function isKey(name: string): name is RecipeKey {
  return Object.hasOwn(DEFAULTS, name)
}

/** An empty field is no number, where `Number('')` would be 0. */
function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text)
}

function optionalNumberOf(text: string): number | null {
  return text.trim() === '' ? null : Number(text)
}
