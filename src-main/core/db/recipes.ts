import { z } from 'zod'
import { type FeatureRecipe, featureRecipeSchema } from '../../contract/recipe.ts'
import type { Database } from './open.ts'
import { all, get, run } from './query.ts'

const rowSchema = z.object({
  name: z.string(),
  settings: z.string().transform((text, context) => {
    const parsed = featureRecipeSchema.safeParse(JSON.parse(text))
    if (parsed.success) return parsed.data
    context.addIssue({ code: 'custom', message: parsed.error.message })
    return z.NEVER
  }),
})

/** Recipes of the person's own, by name. */
export function listRecipes(db: Database): { name: string; settings: FeatureRecipe }[] {
  return all(db, rowSchema, 'SELECT name, settings FROM recipes ORDER BY name')
}

export function findRecipe(db: Database, name: string): FeatureRecipe | undefined {
  return get(db, rowSchema, 'SELECT name, settings FROM recipes WHERE name = @name', { name })?.settings
}

/** Writes it, in place of one of that name. */
export function putRecipe(db: Database, name: string, settings: FeatureRecipe): void {
  run(
    db,
    `INSERT INTO recipes (name, settings, created_at) VALUES (@name, @settings, @now)
     ON CONFLICT DO UPDATE SET settings = excluded.settings`,
    { name, settings: JSON.stringify(settings), now: new Date().toISOString() },
  )
}

/** @returns whether there was one */
export function removeRecipe(db: Database, name: string): boolean {
  return run(db, 'DELETE FROM recipes WHERE name = @name', { name }).changes > 0
}
