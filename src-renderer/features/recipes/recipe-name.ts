import { api } from '../../../src-main/contract/api.ts'

const { name: schema } = api['features.saveRecipe'].input.shape

/** @returns what is wrong with the name of a recipe of one's own; undefined for nothing */
export function checkRecipeName(name: string): string | undefined {
  if (schema.safeParse(name.trim()).success) return undefined
  return 'Enter small letters, digits and hyphens, at most 63, the first no hyphen.'
}

/** A free name to begin with: `article-2`, then `article-3`; the name itself where it is one's own. */
export function suggestName(base: string, isOwn: boolean, taken: readonly string[]): string {
  if (isOwn) return base
  for (let number = 2; ; number++) if (!taken.includes(`${base}-${number}`)) return `${base}-${number}`
}

export function isOwnRecipe(name: string, all: readonly { name: string; builtIn: boolean }[]): boolean {
  return all.some((recipe) => recipe.name === name && !recipe.builtIn)
}
