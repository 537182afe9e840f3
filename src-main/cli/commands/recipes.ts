import { readFile } from 'node:fs/promises'
import { SoundfoldError } from '../../contract/errors.ts'
import { parseInput } from '../../contract/parse.ts'
import { featureRecipeSchema } from '../../contract/recipe.ts'
import { table } from '../output.ts'
import { type GlobalOptions, withSession } from '../session.ts'

/** Every recipe that a command can name. */
export function listRecipes(options: GlobalOptions): Promise<void> {
  return withSession(options, async ({ core, output }) => {
    const recipes = await core.call('features.recipes', {})
    output.result(recipes, () =>
      table(
        ['recipe', 'rows', 'frames', 'what it is'],
        recipes.map(({ name, rows, frames, description }) => [
          name,
          String(rows),
          String(frames),
          description,
        ]),
        [1, 2],
      ),
    )
  })
}

/** The settings of one as JSON, to be changed and saved under another name. */
export function showRecipe(name: string, options: GlobalOptions): Promise<void> {
  return withSession(options, async ({ core, output }) => {
    const found = (await core.call('features.recipes', {})).find((recipe) => recipe.name === name)
    if (!found) throw new SoundfoldError('not-found', `There is no feature recipe "${name}".`)
    output.result(found.settings, () => JSON.stringify(found.settings, null, 2))
  })
}

export function saveRecipe(name: string, file: string, options: GlobalOptions): Promise<void> {
  return withSession(options, async ({ core, output }) => {
    const settings = parseInput(featureRecipeSchema, await readJson(file), `recipe in ${file}`)
    const saved = await core.call('features.saveRecipe', { name, settings })
    output.result(saved, () => `${saved.name}: ${saved.description}`)
  })
}

export function removeRecipe(name: string, options: GlobalOptions): Promise<void> {
  return withSession(options, async ({ core, output }) => {
    await core.call('features.removeRecipe', { name })
    output.result({ removed: name }, () => `The recipe ${name} is gone; features and runs made by it stay.`)
  })
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new SoundfoldError('invalid-input', `${file} can't be read as JSON: ${reason}`, {
      hint: 'soundfold recipes show article prints a recipe to begin with.',
    })
  }
}
