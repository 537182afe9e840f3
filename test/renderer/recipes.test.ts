import { describe, expect, it } from 'vitest'
import { api } from '../../src-main/contract/api.ts'
import { type FeatureRecipe, featureRecipeSchema } from '../../src-main/contract/recipe.ts'
import { describeRecipe, FEATURE_PRESETS } from '../../src-main/core/features/recipe.ts'
import { bandSpacingHz, gridFacts } from '../../src-renderer/features/recipes/grid-facts.ts'
import {
  clipOffsetSeconds,
  pictureLevels,
  rowAxis,
  rowTicks,
} from '../../src-renderer/features/recipes/picture-axis.ts'
import { base64Url, previewPath } from '../../src-renderer/features/recipes/preview-path.ts'
import { RECIPE_FIELDS, visibleFields } from '../../src-renderer/features/recipes/recipe-fields.ts'
import {
  checkRecipe,
  differingKeys,
  recipeFieldsOf,
} from '../../src-renderer/features/recipes/recipe-form.ts'
import { checkRecipeName, isOwnRecipe, suggestName } from '../../src-renderer/features/recipes/recipe-name.ts'
import { paintSpectrogram } from '../../src-renderer/lib/components/spectrogram/paint.ts'

const preset = (name: string): FeatureRecipe => featureRecipeSchema.parse(FEATURE_PRESETS[name])
const article = preset('article')
const chroma = featureRecipeSchema.parse({ ...article, kind: 'chroma' })
const facts = (recipe: FeatureRecipe) =>
  Object.fromEntries(gridFacts(describeRecipe('', recipe)).map(({ title, value }) => [title, value]))

describe('settings of a recipe', () => {
  it('are all in the form, the kind apart', () => {
    const keys = new Set(['kind', ...RECIPE_FIELDS.map(({ key }) => key)])
    expect(keys).toEqual(new Set(Object.keys(article)))
  })

  it.each([
    ['log-mel', ['nMels', 'power', 'topDb', 'decibelReference'], ['nMfcc', 'deltas']],
    ['mel', ['nMels', 'power'], ['topDb', 'decibelReference', 'nMfcc']],
    ['pcen', ['nMels', 'fMaxHz'], ['topDb', 'nMfcc']],
    ['mfcc', ['nMels', 'topDb', 'nMfcc', 'deltas'], []],
    ['chroma', ['nFft', 'centred', 'scaling'], ['nMels', 'fMinHz', 'power', 'topDb', 'nMfcc']],
  ] as const)('show what %s uses and nothing else', (kind, shown, hidden) => {
    const keys = visibleFields(kind).map(({ key }) => key)
    expect(keys).toEqual(expect.arrayContaining([...shown]))
    for (const key of hidden) expect(keys).not.toContain(key)
  })

  it.each([...Object.keys(FEATURE_PRESETS)])('of %s come back unchanged', (name) => {
    const recipe = preset(name)
    expect(checkRecipe(recipeFieldsOf(recipe), recipe)).toEqual({ recipe, errors: {} })
  })

  it('that the kind does not use neither matter nor keep their changes', () => {
    const mfcc = preset('mfcc')
    const fields = { ...recipeFieldsOf(mfcc), kind: 'log-mel', nMfcc: 'nonsense' }
    expect(checkRecipe(fields, mfcc).recipe).toEqual({
      ...mfcc,
      kind: 'log-mel',
      nMfcc: 20,
      deltas: 0,
    })
    // Chroma takes no bands, so its own stay what they were.
    const odd = featureRecipeSchema.parse({ ...chroma, nMels: 40, fMinHz: 50 })
    expect(checkRecipe(recipeFieldsOf(odd), odd).recipe).toEqual(odd)
  })

  it('may be empty where that has a meaning, and follow a new sample rate', () => {
    const fields = { ...recipeFieldsOf(article), sampleRateHz: '16000', topDb: '', winLength: ' ' }
    expect(checkRecipe(fields, article).recipe).toMatchObject({ fMaxHz: 8000, topDb: null, winLength: null })
  })

  it.each([
    [{ sampleRateHz: '' }, 'sampleRateHz', 'whole number'],
    [{ nFft: '2046' }, 'nFft', 'factors'],
    [{ nFft: 'x' }, 'nFft', 'factors'],
    [{ nFft: '90000' }, 'nFft', '65,536'],
    [{ hopLength: '1.5' }, 'hopLength', 'whole number'],
    [{ hopLength: '1', durationSeconds: '600' }, 'hopLength', '16 million'],
    [{ winLength: '4096' }, 'winLength', 'FFT length'],
    [{ nMels: '0' }, 'nMels', '1024'],
    [{ fMinHz: '9000', fMaxHz: '8000' }, 'fMinHz', 'below the upper end'],
    [{ fMaxHz: '12000' }, 'fMaxHz', 'half the sample rate'],
    [{ trimTopDb: '0' }, 'trimTopDb', 'above 0'],
    [{ decibelReference: '-1' }, 'decibelReference', 'above 0'],
    [{ kind: 'mfcc', nMfcc: '129' }, 'nMfcc', 'number of bands'],
    [{ kind: 'mfcc', deltas: '1', durationSeconds: '0.1' }, 'deltas', 'nine frames'],
    [{ centred: 'false', durationSeconds: '0.05' }, 'durationSeconds', 'one frame'],
  ])('%j is refused at its own field', (change, key, words) => {
    const { recipe, errors } = checkRecipe({ ...recipeFieldsOf(article), ...change }, article)
    expect(recipe).toBeUndefined()
    expect(Object.keys(errors)).toEqual([key])
    expect(Object.values(errors)[0]).toContain(words)
  })

  it('that differ from the other column are told where both show them', () => {
    const other = { ...recipeFieldsOf(preset('mfcc')), hopLength: '256' }
    expect(differingKeys(recipeFieldsOf(article), other)).toEqual(
      new Set(['fMinHz', 'decibelReference', 'hopLength']),
    )
  })
})

describe('grid of a recipe', () => {
  it('is told in time and frequency', () => {
    expect(facts(article)).toEqual({
      'A frame every': '23.2 ms',
      Window: '92.9 ms',
      'Bin width': '10.8 Hz',
      // By Slaney's formula, 130 edges from 0.3 to 49.91 mel lie 0.3846 mel apart; 994.3 and 1020.7 Hz are next to 1 kHz.
      'Band spacing at 1 kHz': '26.5 Hz',
      'Rows × frames': '128 × 173',
      'Per clip': '22,144 values, 88.6 kB',
    })
    expect(facts(preset('mfcc'))).not.toHaveProperty('Band spacing at 1 kHz')
    expect(facts({ ...article, winLength: 441 }).Window).toBe('20 ms')
  })

  it('has a spacing where bands are', () => {
    expect(bandSpacingHz([900, 960, 1040, 1200], 1000)).toBe(80)
    expect(bandSpacingHz([10, 20], 1000)).toBeNull()
    expect(bandSpacingHz([2000, 3000], 1000)).toBeNull()
    expect(bandSpacingHz([], 1000)).toBeNull()
  })
})

describe('address of a preview', () => {
  it.each(['', 'a', 'ab', 'abc', '{"window":"hann"}', 'Δ♯ ÿ>?', '~~~???'])(
    'encodes %j as Node does',
    (text) => {
      expect(base64Url(text)).toBe(Buffer.from(text).toString('base64url'))
    },
  )

  it('carries the whole recipe within what the route takes', () => {
    const [, , , encoded = ''] = previewPath(7, preset('article-recorded')).split('/')
    expect(previewPath(7, article)).toMatch(/^clips\/7\/preview\/[\w-]{1,2000}$/)
    expect(JSON.parse(Buffer.from(encoded, 'base64url').toString())).toEqual(preset('article-recorded'))
  })
})

describe('picture of a recipe', () => {
  const labels = (recipe: FeatureRecipe, gap: number) => {
    const info = describeRecipe('', recipe)
    return rowTicks(info, rowAxis(info, 'mel'), 'mel', gap).map(({ label }) => label)
  }

  it('names bands by Hz, pitch classes by letter, and coefficients by number in each derivative', () => {
    expect(labels(article, 0.1)).toContain('1k')
    expect(labels(chroma, 0.08)).toEqual(['C', 'C♯', 'D', 'D♯', 'E', 'F', 'F♯', 'G', 'G♯', 'A', 'A♯', 'B'])
    expect(labels(preset('mfcc'), 0.08)).toEqual([
      ...['0', '10', '20', '30'],
      ...['Δ0', 'Δ10', 'Δ20', 'Δ30', 'ΔΔ0', 'ΔΔ10', 'ΔΔ20', 'ΔΔ30'],
    ])
  })

  it('gives each row without a frequency its own height and colour', () => {
    const info = { ...describeRecipe('', chroma), rows: 3, frames: 2 }
    const data = { nMels: 3, frames: 2, decibels: Float32Array.of(0, 0, 0.5, 0.5, 1, 1) }
    const pixels = paintSpectrogram(data, info, {
      range: { from: 0, to: 512 / 22_050 },
      axis: rowAxis(info, 'mel'),
      levels: { low: 0, high: 1 },
      table: Uint32Array.from({ length: 256 }, (_, step) => step),
      width: 1,
      height: 9,
    })
    expect([...new Uint32Array(pixels.buffer)]).toEqual([255, 255, 255, 128, 128, 128, 0, 0, 0])
  })

  it('spans its colours over what the kind can give', () => {
    const values = Float32Array.from({ length: 1001 }, (_, index) => index)
    values[1000] = 1e9
    expect(pictureLevels(values, preset('pcen'), 80)).toMatchObject({ levels: { low: 10, high: 990 } })
    expect(pictureLevels(values, preset('mfcc'), 80).levels).toEqual({ low: 50, high: 950 })
    expect(pictureLevels(values, preset('mfcc'), 80).note).toContain('5 %')
    expect(pictureLevels(values, preset('article-recorded'), 80).levels).toEqual({ low: 0, high: 255 })
    expect(pictureLevels(values, chroma, 80).levels).toEqual({ low: 0, high: 1 })
    expect(pictureLevels(Float32Array.of(-80, 0), article, 60).levels).toEqual({ low: -60, high: 0 })
    expect(pictureLevels(new Float32Array(9), preset('pcen'), 80).levels).toEqual({ low: 0, high: 1 })
  })

  it('knows where the clip lies in it, unless silence was cut off', () => {
    expect(clipOffsetSeconds(article, 3)).toBe(0)
    expect(clipOffsetSeconds({ ...article, placement: 'centre' }, 3)).toBe(0.5)
    expect(clipOffsetSeconds({ ...article, placement: 'centre' }, 5)).toBe(0)
    expect(clipOffsetSeconds(preset('article-recorded'), 3)).toBeNull()
    expect(clipOffsetSeconds({ ...article, timeStretch: 1.1 }, 3)).toBeNull()
  })
})

describe('name of a recipe', () => {
  it('is the core’s to take', () => {
    for (const name of ['a', '9-b', 'x'.repeat(63)]) expect(checkRecipeName(name)).toBeUndefined()
    for (const name of ['', 'A', '-a', 'a b', 'ä', 'x'.repeat(64)])
      expect(checkRecipeName(name)).toBeDefined()
    const settings = { ...article }
    expect(api['features.saveRecipe'].input.safeParse({ name: 'A', settings }).success).toBe(false)
  })

  it('is suggested where it is free', () => {
    expect(suggestName('article', false, ['article', 'article-2'])).toBe('article-3')
    expect(suggestName('mine', true, ['mine'])).toBe('mine')
  })

  it('tells one’s own from the built-in ones', () => {
    expect(isOwnRecipe('mine', [{ name: 'mine', builtIn: false }])).toBe(true)
    expect(isOwnRecipe('article', [{ name: 'article', builtIn: true }])).toBe(false)
    expect(isOwnRecipe('new', [])).toBe(false)
  })
})
