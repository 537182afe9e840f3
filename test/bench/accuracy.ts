/**
 * `npm run bench:accuracy -- FOLDER [PRESET]`: cross-validates a network on a dataset with predefined folds, a few seeds, and the
 * same network in PyTorch on the same features with the same settings. The means must be equal within the spread of the seeds.
 * Needs a Python with PyTorch (SOUNDFOLD_PYTHON, or python3). PRESET: compact-s unless given, or compact-m.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { z } from 'zod'
import { TRAINING_DEFAULTS } from '../../src-main/contract/training.ts'
import { mean, sampleStandardDeviation } from '../../src-main/core/evaluation/summary.ts'
import { ARCHITECTURES } from '../../src-main/core/ml/architectures/index.ts'

const SEEDS = [73, 74, 75]
const [folder, preset = 'compact-s'] = process.argv.slice(2)
if (folder === undefined) throw new Error('Give the folder of a dataset.')
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const run = promisify(execFile)
const python = process.env.SOUNDFOLD_PYTHON ?? 'python3'
const architecture = ARCHITECTURES.find((known) => known.preset.name === preset)
if (!architecture) throw new Error(`There is no network "${preset}".`)
const { defaults, recipe } = architecture.preset

const workspace = await mkdtemp(join(tmpdir(), 'soundfold-bench-'))
try {
  await soundfold('import', [resolve(folder)], z.unknown())
  const features = join(workspace, 'features-out')
  await soundfold('features', ['export', '--recipe', recipe, '--out', features], z.unknown())
  const evaluated = z.object({ evaluation: z.object({ folds: z.array(z.object({ accuracy: z.number() })) }) })
  const settings = {
    ...TRAINING_DEFAULTS,
    ...defaults,
    augmentation: { ...TRAINING_DEFAULTS.augmentation, ...defaults.augmentation },
    network: preset,
    reduction: architecture.reduction,
  }
  const rows: [string, number[]][] = []
  for (const seed of SEEDS) {
    const { evaluation } = await soundfold('train', ['--preset', preset, '--seed', String(seed)], evaluated)
    rows.push([`seed ${seed}, ours`, evaluation.folds.map(({ accuracy }) => accuracy)])
    const { stdout } = await run(python, [
      here('accuracy-torch.py'),
      features,
      String(seed),
      JSON.stringify(settings),
    ])
    rows.push([`seed ${seed}, PyTorch`, z.array(z.number()).parse(JSON.parse(stdout))])
  }
  for (const [name, folds] of rows)
    console.log(`${name.padEnd(18)} ${percent(mean(folds))}   folds ${folds.map(percent).join(' ')}`)
  for (const side of ['ours', 'PyTorch']) {
    const means = rows.filter(([name]) => name.endsWith(side)).map(([, folds]) => mean(folds))
    console.log(
      `${side.padEnd(18)} ${percent(mean(means))} ± ${percent(sampleStandardDeviation(means) ?? 0)} over ${SEEDS.length} seeds`,
    )
  }
} finally {
  await rm(workspace, { recursive: true })
}

async function soundfold<S extends z.ZodType>(
  command: string,
  options: string[],
  output: S,
): Promise<z.output<S>> {
  const parts = [here('../../src-main/cli/main.ts'), command, ...options, '--json', '--workspace', workspace]
  const { stdout } = await run(process.execPath, parts, { maxBuffer: 2 ** 28 })
  return output.parse(JSON.parse(stdout))
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}
