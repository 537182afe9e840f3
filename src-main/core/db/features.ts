import { z } from 'zod'
import type { FeatureIndex } from '../features/feature-store.ts'
import type { Database } from './open.ts'
import { get, run } from './query.ts'

/** Which feature files exist. */
export function createFeatureIndex(db: Database): FeatureIndex {
  return {
    add(contentHash, recipeHash, sizeBytes) {
      run(
        db,
        `INSERT INTO features (content_hash, recipe_hash, size_bytes, created_at)
         VALUES (@contentHash, @recipeHash, @sizeBytes, @now)
         ON CONFLICT DO UPDATE SET size_bytes = excluded.size_bytes`,
        { contentHash, recipeHash, sizeBytes, now: new Date().toISOString() },
      )
    },
    remove(contentHash, recipeHash) {
      run(db, 'DELETE FROM features WHERE content_hash = @contentHash AND recipe_hash = @recipeHash', {
        contentHash,
        recipeHash,
      })
    },
  }
}

/** That no feature file of this recipe exists. */
export function forgetFeatures(db: Database, recipeHash: string): void {
  run(db, 'DELETE FROM features WHERE recipe_hash = @recipeHash', { recipeHash })
}

const countSchema = z.object({ readableClips: z.int(), extractedClips: z.int(), sizeBytes: z.int() })

/** How many of a dataset's readable clips have features of this recipe. */
export function featureCounts(db: Database, datasetId: number, recipeHash: string) {
  return countSchema.parse(
    get(
      db,
      countSchema,
      `SELECT COUNT(*) AS readableClips, COUNT(features.size_bytes) AS extractedClips,
         COALESCE(SUM(features.size_bytes), 0) AS sizeBytes
       FROM clips LEFT JOIN features
         ON features.content_hash = clips.content_hash AND features.recipe_hash = @recipeHash
       WHERE clips.dataset_id = @datasetId AND clips.content_hash IS NOT NULL`,
      { datasetId, recipeHash },
    ),
  )
}
