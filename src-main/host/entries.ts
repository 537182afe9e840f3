import { fileURLToPath } from 'node:url'
import type { WorkerEntries } from '../core/create-core.ts'

/** Sources run as they are; a build has `.js` files at the same places. */
const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js'
const worker = (name: string) => new URL(`../workers/${name}${extension}`, import.meta.url)

export function workerEntries(): WorkerEntries {
  return {
    featuresWorker: worker('features-worker'),
    evaluationWorker: worker('evaluation-worker'),
    foldProcess: worker('fold-process'),
    modelProcess: worker('model-process'),
    mapProcess: worker('map-process'),
    engineProbe: worker('engine-probe'),
    embeddingProcess: worker('embedding-process'),
  }
}

/** The built page: `npm run build` makes it. */
export function rendererFolder(): string {
  return fileURLToPath(
    new URL(extension === '.ts' ? '../../out/renderer/' : '../../renderer/', import.meta.url),
  )
}
