import { describe, expect, it } from 'vitest'
import { FEATURE_PRESETS, recipeFrames, recipeRows } from '../../../src-main/core/features/recipe.ts'
import { ARCHITECTURES } from '../../../src-main/core/ml/architectures/index.ts'
import { loadEngine } from '../../../src-main/core/ml/engines/load.ts'
import { reducedShape } from '../../../src-main/core/ml/examples.ts'
import { parameterCounts } from '../../../src-main/core/ml/network.ts'
import { createRandom } from '../../../src-main/core/ml/random.ts'

await loadEngine('wasm', { threads: 1 })

const pictureOf = (recipeName: string, reduction: { bands: number; frames: number }) => {
  const recipe = FEATURE_PRESETS[recipeName]
  if (!recipe) throw new Error(`no recipe ${recipeName}`)
  return reducedShape({ rows: recipeRows(recipe), frames: recipeFrames(recipe) }, reduction)
}

describe.each(ARCHITECTURES.map((chosen) => ({ name: chosen.preset.name, chosen })))(
  'the network $name',
  ({ chosen }) => {
    it('has the parameters that its preset states', () => {
      const start = performance.now()
      const picture = pictureOf(chosen.preset.recipe, chosen.reduction)
      const second = pictureOf('mfcc', chosen.reduction)
      const network = chosen.build([picture, second].slice(0, chosen.inputs), 10, createRandom(1), {})
      console.log(chosen.preset.name, parameterCounts(network), performance.now() - start)
      expect(parameterCounts(network).trainable).toBe(chosen.preset.parameters)
      network.dispose()
    })
  },
)
