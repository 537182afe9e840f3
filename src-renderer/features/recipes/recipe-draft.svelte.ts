import { untrack } from 'svelte'
import type { SpectralRecipeInfo } from '../../../src-main/contract/model.ts'
import { readSpectrogram, type SpectrogramData } from '../../lib/components/spectrogram/spectrogram-data.ts'
import { Resource } from '../../lib/state/resource.svelte.ts'
import { session } from '../../lib/state/session.svelte.ts'
import { previewPath } from './preview-path.ts'
import { checkRecipe, type RecipeFields, recipeFieldsOf } from './recipe-form.ts'

/** Quiet time after a change before the picture is asked for: one per pause in typing, not one per key. */
const SETTLE_MS = 150

export interface RecipePicture {
  readonly clipId: number
  readonly info: SpectralRecipeInfo
  readonly data: SpectrogramData
}

/** What each column held when the screen was left, for when a person comes back. */
const kept = new Map<string, { base: SpectralRecipeInfo; fields: RecipeFields }>()

/** Name of the recipe that a column showed last. */
export function lastShown(title: string): string | undefined {
  return kept.get(title)?.base.name
}

/** One column of the screen: a recipe that was chosen, what is changed of it, and the clip's picture by that. */
export class RecipeDraft {
  base = $state.raw<SpectralRecipeInfo>() as SpectralRecipeInfo
  fields = $state<RecipeFields>() as RecipeFields
  readonly checked = $derived(checkRecipe(this.fields, this.base.settings))
  readonly unchanged = $derived(
    this.checked.recipe !== undefined &&
      JSON.stringify(recipeFieldsOf(this.checked.recipe)) ===
        JSON.stringify(recipeFieldsOf(this.base.settings)),
  )
  readonly picture = new Resource<RecipePicture>()

  readonly title: string

  /** @param title - of the column, which goes on where it was left if that was at the same recipe */
  constructor(title: string, base: SpectralRecipeInfo) {
    const last = kept.get(title)
    this.title = title
    this.base = base
    this.fields = last?.base.hash === base.hash ? last.fields : recipeFieldsOf(base.settings)
  }

  /** For when the screen is left. */
  keep(): void {
    kept.set(this.title, { base: this.base, fields: $state.snapshot(this.fields) })
  }

  choose(base: SpectralRecipeInfo): void {
    this.base = base
    this.fields = recipeFieldsOf(base.settings)
  }

  /** Takes over the recipe that the address names, and one that was saved anew unless it is being changed here. */
  follow(named: SpectralRecipeInfo): void {
    untrack(() => {
      const renewed = named.hash !== this.base.hash && this.unchanged
      if (named.name !== this.base.name || renewed) this.choose(named)
    })
  }

  /** Asks for the picture by the settings as they are; a call before the last one's answer takes its place. */
  draw(clipId: number): (() => void) | undefined {
    const { recipe } = this.checked
    if (!recipe) return undefined
    return this.picture.load(async (signal) => {
      await settle(signal)
      const [info, bytes] = await Promise.all([
        session.call('features.describe', { settings: recipe }, signal),
        session.media(previewPath(clipId, recipe), signal),
      ])
      return { clipId, info, data: readSpectrogram(bytes) }
    })
  }
}

/** Never settles once the signal is aborted: nobody waits then. */
function settle(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, SETTLE_MS)
    signal.addEventListener('abort', () => clearTimeout(timer), { once: true })
  })
}
