import type { FeatureRecipe } from '../../../src-main/contract/recipe.ts'

/** Where the media route has a clip's picture by any recipe, saved or not. */
export function previewPath(clipId: number, recipe: FeatureRecipe): string {
  return `clips/${clipId}/preview/${base64Url(JSON.stringify(recipe))}`
}

/** UTF-8 as base64url without padding (RFC 4648, section 5). */
export function base64Url(text: string): string {
  const characters = Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte))
  return btoa(characters.join('')).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}
