import { SoundfoldError } from '../../contract/errors.ts'
import type { FeatureRecipeInfo } from '../../contract/model.ts'
import type { Database } from '../db/open.ts'
import { findRecipe, listRecipes, putRecipe, removeRecipe } from '../db/recipes.ts'
import { describeRecipe, FEATURE_PRESETS, type FeatureRecipe } from './recipe.ts'

/** The recipes that can be named: the built-in ones, and those saved in this workspace. */
export class RecipeBook {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** @throws SoundfoldError not-found naming the choices */
  named(name: string): FeatureRecipe {
    const recipe = this.#find(name)
    if (recipe) return recipe
    throw new SoundfoldError('not-found', `There is no feature recipe "${name}".`, {
      hint: `There is: ${this.list()
        .map((info) => info.name)
        .join(', ')}.`,
    })
  }

  /** Built-in ones first. */
  list(): FeatureRecipeInfo[] {
    const own = listRecipes(this.#db).map(({ name, settings }) => describeRecipe(name, settings))
    return [
      ...Object.entries(FEATURE_PRESETS).map(([name, recipe]) => describeRecipe(name, recipe)),
      ...own.filter(({ name }) => !isBuiltIn(name)),
    ]
  }

  /**
   * Saves a recipe of the person's own, in place of one of that name. Features and runs made by the former stay what they are:
   * both go by the recipe's hash.
   * @throws SoundfoldError conflict for the name of a built-in one
   */
  save(name: string, settings: FeatureRecipe): FeatureRecipeInfo {
    if (isBuiltIn(name))
      throw new SoundfoldError('conflict', `"${name}" is a built-in recipe.`, {
        hint: 'Choose another name.',
      })
    putRecipe(this.#db, name, settings)
    return describeRecipe(name, settings)
  }

  /** @throws SoundfoldError conflict for a built-in one, not-found for none */
  remove(name: string): void {
    if (isBuiltIn(name))
      throw new SoundfoldError('conflict', `"${name}" is a built-in recipe and can't be removed.`)
    this.named(name)
    removeRecipe(this.#db, name)
  }

  #find(name: string): FeatureRecipe | undefined {
    return isBuiltIn(name) ? FEATURE_PRESETS[name] : findRecipe(this.#db, name)
  }
}

// Not `in`: "constructor" is no recipe.
const isBuiltIn = (name: string) => Object.hasOwn(FEATURE_PRESETS, name)
