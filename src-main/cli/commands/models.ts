import { resolve } from 'node:path'
import type { EmbeddingModel } from '../../contract/model.ts'
import { table } from '../output.ts'
import { type GlobalOptions, withSession } from '../session.ts'

export interface AddModelOptions extends GlobalOptions {
  config?: string
  name?: string
}

export function addModel(file: string, options: AddModelOptions): Promise<void> {
  return withSession(options, async ({ core, output, signal }) => {
    const { config, name } = options
    const request = {
      file: resolve(file),
      ...(config === undefined ? {} : { declaration: resolve(config) }),
      ...(name === undefined ? {} : { name }),
    }
    const added = await core.call('models.add', request, signal)
    output.result(added, () =>
      [
        `Recipe ${added.name}: ${added.recipe.description}`,
        `soundfold train --preset linear --recipe ${added.name} trains on it.`,
      ].join('\n'),
    )
  })
}

export function listModels(options: GlobalOptions): Promise<void> {
  return withSession(options, async ({ core, output }) => {
    const models = await core.call('models.list', {})
    output.result(models, () =>
      models.length === 0
        ? 'This workspace has no embedding model. Add one: soundfold models add FILE'
        : table(['recipe', 'model', 'size', 'rows', 'frames', 'what it is'], models.map(columns), [2, 3, 4]),
    )
  })
}

export function removeModel(name: string, options: GlobalOptions): Promise<void> {
  return withSession(options, async ({ core, output }) => {
    await core.call('models.remove', { name })
    output.result({ removed: name }, () => `The model ${name} is gone; features and runs made by it stay.`)
  })
}

function columns({ name, hash, sizeBytes, recipe }: EmbeddingModel): string[] {
  const size = sizeBytes === null ? 'missing' : `${(sizeBytes / 1e6).toFixed(1)} MB`
  return [name, hash.slice(0, 12), size, String(recipe.rows), String(recipe.frames), recipe.description]
}
