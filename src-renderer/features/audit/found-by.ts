import type { QueueSource } from '../../lib/route.ts'

/** The run whose predictions a queue's clips were found by, which are then the ones to show; undefined where none was. */
export function foundBy(source: QueueSource): string | undefined {
  switch (source.from) {
    case 'run':
      return source.runId
    case 'library':
      return source.filter.runId
    default:
      return undefined
  }
}
