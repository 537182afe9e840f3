import { describe, expect, it } from 'vitest'
import { NO_AUGMENTATION } from '../../src-main/contract/training.ts'
import { changesAnything, drawWords } from '../../src-renderer/features/train/augmentation-words.ts'

const nothing = { recipe: 'article', noise: null, gainDb: 0, flip: false, shiftSeconds: 0, mix: null }

describe('what was done to a clip', () => {
  it('is told part by part, and nothing of what was not done', () => {
    expect(drawWords(nothing, 'article')).toEqual([])
    const draw = {
      recipe: 'article-faster',
      noise: { fileName: '7383-3-0-0.wav', snrDb: 14.4 },
      gainDb: -3.21,
      flip: true,
      shiftSeconds: 0.456,
      mix: { fileName: 'a.wav', className: 'dog_bark', share: 0.73 },
    }
    expect(drawWords(draw, 'article')).toEqual([
      'article-faster',
      '7383-3-0-0.wav 14 dB below',
      '−3.2 dB',
      'mirrored',
      '0.46 s later',
      '27 % dog bark',
    ])
    const white = { ...nothing, noise: { fileName: null, snrDb: 20 }, gainDb: 2, shiftSeconds: -1 }
    expect(drawWords(white, 'article')).toEqual(['white noise 20 dB below', '+2.0 dB', '1.00 s earlier'])
  })

  it('is nothing where all is off, or masks are counted none', () => {
    const masks = { timeMasks: 0, timeWidth: 0.5, bandMasks: 0, bandWidth: 0.5 }
    expect(changesAnything(NO_AUGMENTATION)).toBe(false)
    expect(changesAnything({ ...NO_AUGMENTATION, specAugment: masks })).toBe(false)
    expect(changesAnything({ ...NO_AUGMENTATION, specAugment: { ...masks, timeMasks: 1 } })).toBe(true)
    expect(changesAnything({ ...NO_AUGMENTATION, recipes: ['a'] })).toBe(true)
  })
})
