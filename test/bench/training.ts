/**
 * `npm run bench:training [-- FOLDER]`: trains compact-s on features of the same 100 clips of ESC-10, once extracted by us and once
 * by librosa, over the five folds and a few seeds. The accuracies must be equal within the spread of the seeds. Needs a Python
 * with librosa (SOUNDFOLD_PYTHON, or python3).
 */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { parse } from 'csv-parse/sync'
import { z } from 'zod'
import { featureRecipeSchema } from '../../src-main/contract/recipe.ts'
import { TRAINING_DEFAULTS } from '../../src-main/contract/training.ts'
import { decodeMono } from '../../src-main/core/audio/decode-mono.ts'
import { extractFeature } from '../../src-main/core/features/extract.ts'
import { encodeFeatureFile } from '../../src-main/core/features/feature-file.ts'
import { FEATURE_PRESETS, recipeFrames, recipeRows } from '../../src-main/core/features/recipe.ts'
import { LocalFoldRunner } from '../../src-main/core/ml/fold-runner.ts'
import type { FoldMessage, FoldTask } from '../../src-main/core/ml/fold-task.ts'
import { workerEntries } from '../../src-main/host/entries.ts'

const SEEDS = [1, 2, 3, 4]
const FOLDS = [1, 2, 3, 4, 5]
const CLIPS_A_CLASS_AND_FOLD = 2
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const folder = process.argv[2] ?? here('../../../shared/data/esc10')
const recipe = featureRecipeSchema.parse(FEATURE_PRESETS.article)

const rows = z
  .array(z.looseObject({ filename: z.string(), fold: z.coerce.number(), category: z.string() }))
  .parse(parse(await readFile(join(folder, 'meta.csv')), { columns: true }))
const categories = [...new Set(rows.map(({ category }) => category))].sort()
const clips = FOLDS.flatMap((fold) =>
  categories.flatMap((category) =>
    rows.filter((row) => row.fold === fold && row.category === category).slice(0, CLIPS_A_CLASS_AND_FOLD),
  ),
)

const scratch = await mkdtemp(join(tmpdir(), 'soundfold-bench-'))
try {
  const audio = clips.map(({ filename }) => join(folder, 'audio', filename))
  const raw = clips.map((_, index) => join(scratch, `${index}.f32`))
  const pairs = audio.flatMap((path, index) => [path, raw[index] ?? ''])
  await promisify(execFile)(process.env.SOUNDFOLD_PYTHON ?? 'python3', [
    here('training-librosa.py'),
    ...pairs,
  ])
  let largest = 0
  for (const [index, path] of audio.entries()) {
    const ours = extractFeature(await decodeMono(await readFile(path), path), recipe)
    const theirs = new Float32Array(Uint8Array.from(await readFile(raw[index] ?? '')).buffer)
    ours.data.forEach((value, at) => {
      largest = Math.max(largest, Math.abs(value - (theirs[at] ?? Number.NaN)))
    })
    const size = { rows: recipeRows(recipe), frames: recipeFrames(recipe) }
    await writeFile(join(scratch, `ours-${index}.feat`), encodeFeatureFile(ours))
    await writeFile(join(scratch, `librosa-${index}.feat`), encodeFeatureFile({ data: theirs, ...size }))
  }
  console.log(`${clips.length} clips; largest difference of the features ${largest.toFixed(3)} dB`)
  for (const seed of SEEDS)
    console.log(
      `seed ${seed}: ours ${percent(await accuracy('ours', seed))}, librosa ${percent(await accuracy('librosa', seed))}`,
    )
} finally {
  await rm(scratch, { recursive: true })
}

/** Share of all clips that were classified rightly while held out. */
async function accuracy(kind: 'ours' | 'librosa', seed: number): Promise<number> {
  const runner = new LocalFoldRunner(workerEntries().foldProcess)
  let correct = 0
  for (const fold of FOLDS) {
    const task: FoldTask = {
      preset: 'compact-s',
      fold,
      network: {},
      recipe,
      training: { ...TRAINING_DEFAULTS, batchSize: 16, learningRate: 0.004, warmUp: 0.1 },
      seed,
      engine: 'auto',
      threads: 1,
      classes: categories.length,
      clips: clips.map((clip, clipId) => ({
        clipId,
        fold: clip.fold,
        label: categories.indexOf(clip.category),
        featurePath: join(scratch, `${kind}-${clipId}.feat`),
      })),
      checkpointFolder: join(scratch, kind),
    }
    const ignore = (_message: FoldMessage) => {}
    const { predictions } = await runner.run(task, ignore, new AbortController().signal)
    for (const { clipId, probabilities } of predictions) {
      const best = probabilities.indexOf(Math.max(...probabilities))
      if (best === task.clips[clipId]?.label) correct += 1
    }
  }
  return correct / clips.length
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`
}
