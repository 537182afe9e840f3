import { z } from 'zod'
import { type Recipe, recipeSchema } from '../../contract/embedding.ts'
import type { Database } from './open.ts'
import { all, get, run } from './query.ts'

const rowSchema = z.object({
  name: z.string(),
  settings: z.string().transform((text, context) => {
    const parsed = recipeSchema.safeParse(JSON.parse(text))
    if (parsed.success) return parsed.data
    context.addIssue({ code: 'custom', message: parsed.error.message })
    return z.NEVER
  }),
})

/** Recipes of the person's own and of embedding models, by name. */
export function listRecipes(db: Database): { name: string; settings: Recipe }[] {
  return all(db, rowSchema, 'SELECT name, settings FROM recipes ORDER BY name')
}

export function findRecipe(db: Database, name: string): Recipe | undefined {
  return get(db, rowSchema, 'SELECT name, settings FROM recipes WHERE name = @name', { name })?.settings
}

/** Writes it, in place of one of that name. */
export function putRecipe(db: Database, name: string, settings: Recipe): void {
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
