import { type EmbeddingRecipe, isEmbedding, type Recipe } from '../../contract/embedding.ts'
import { SoundfoldError } from '../../contract/errors.ts'
import type { FeatureRecipeInfo, SpectralRecipeInfo } from '../../contract/model.ts'
import type { Database } from '../db/open.ts'
import { findRecipe, listRecipes, putRecipe, removeRecipe } from '../db/recipes.ts'
import { describeRecipe, FEATURE_PRESETS, type FeatureRecipe, recipeHash } from './recipe.ts'

/** The recipes that can be named: the built-in ones, and those of this workspace, saved or of embedding models. */
export class RecipeBook {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** @throws SoundfoldError not-found naming the choices */
  named(name: string): Recipe {
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

  /** Those of embedding models, by name. */
  embeddings(): { name: string; recipe: EmbeddingRecipe }[] {
    return listRecipes(this.#db).flatMap(({ name, settings }) =>
      isEmbedding(settings) && !isBuiltIn(name) ? [{ name, recipe: settings }] : [],
    )
  }

  /**
   * Saves a recipe of the person's own, in place of one of that name. Features and runs made by the former stay what they are:
   * both go by the recipe's hash.
   * @throws SoundfoldError conflict for the name of a built-in one, or an embedding model's
   */
  save(name: string, settings: FeatureRecipe): SpectralRecipeInfo {
    const there = this.#find(name)
    if (isBuiltIn(name) || (there && isEmbedding(there)))
      throw new SoundfoldError(
        'conflict',
        isBuiltIn(name) ? `"${name}" is a built-in recipe.` : `"${name}" is an embedding model.`,
        { hint: 'Choose another name.' },
      )
    putRecipe(this.#db, name, settings)
    return describeRecipe(name, settings)
  }

  /** @throws SoundfoldError conflict for a name that is taken, unless by the same recipe */
  addEmbedding(name: string, recipe: EmbeddingRecipe): void {
    const there = this.#find(name)
    if (there && recipeHash(there) !== recipeHash(recipe))
      throw new SoundfoldError('conflict', `There is a recipe "${name}" already.`, {
        hint: 'Choose another name for the model.',
      })
    putRecipe(this.#db, name, recipe)
  }

  /** @throws SoundfoldError conflict for a built-in one or an embedding model's, not-found for none */
  remove(name: string): void {
    if (isBuiltIn(name))
      throw new SoundfoldError('conflict', `"${name}" is a built-in recipe and can't be removed.`)
    if (isEmbedding(this.named(name)))
      throw new SoundfoldError('conflict', `"${name}" is an embedding model.`, {
        hint: `Remove the model: soundfold models remove ${name}`,
      })
    removeRecipe(this.#db, name)
  }

  /** @throws SoundfoldError not-found naming the models that there are */
  removeEmbedding(name: string): EmbeddingRecipe {
    const all = this.embeddings()
    const found = all.find((model) => model.name === name)
    if (!found)
      throw new SoundfoldError('not-found', `There is no embedding model "${name}".`, {
        hint: all.length > 0 ? `There is: ${all.map((model) => model.name).join(', ')}.` : 'There is none.',
      })
    removeRecipe(this.#db, name)
    return found.recipe
  }

  #find(name: string): Recipe | undefined {
    return isBuiltIn(name) ? FEATURE_PRESETS[name] : findRecipe(this.#db, name)
  }
}

// Not `in`: "constructor" is no recipe.
const isBuiltIn = (name: string) => Object.hasOwn(FEATURE_PRESETS, name)
