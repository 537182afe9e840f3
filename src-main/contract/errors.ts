/**
 * Every failure that a person can meet has a code. The code decides nothing about the text: each throw states what
 * went wrong with which thing, and what to do.
 */
export const ERROR_CODES = [
  'cancelled',
  'invalid-input',
  'not-found',
  'not-a-dataset',
  'malformed-csv',
  'malformed-annotations',
  'missing-file',
  'unreadable-audio',
  'unsupported-audio',
  'workspace-unwritable',
  'workspace-newer',
  'workspace-damaged',
  'workspace-busy',
  'disk-full',
  'engine-unavailable',
  'model-unusable',
  'embedding-failed',
  'training-failed',
  'conflict',
  'internal',
] as const

export type ErrorCode = (typeof ERROR_CODES)[number]

/** The form in which an error crosses a process border. */
export interface ErrorShape {
  code: ErrorCode
  /** One sentence for people, naming the file, row or setting at fault. */
  message: string
  /** What the person can do about it, when there is something. */
  hint?: string | undefined
}

export class SoundfoldError extends Error {
  override readonly name = 'SoundfoldError'
  readonly code: ErrorCode
  readonly hint: string | undefined

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.hint = options.hint
  }

  toShape(): ErrorShape {
    return { code: this.code, message: this.message, hint: this.hint }
  }
}

/** For what a request names and the workspace has not, or no longer: `notThere('run', id)`. */
export function notThere(thing: string, id: string | number): SoundfoldError {
  return new SoundfoldError('not-found', `There is no ${thing} ${id} in this workspace.`, {
    hint: 'It may have been removed, or the address is of another workspace. Go back to the list and choose another.',
  })
}

/** Any thrown value as an `ErrorShape`; abort errors become `cancelled`, unknown ones `internal`. */
export function toErrorShape(error: unknown): ErrorShape {
  if (error instanceof SoundfoldError) return error.toShape()
  if (error instanceof Error && error.name === 'AbortError')
    return { code: 'cancelled', message: 'Cancelled.' }
  return { code: 'internal', message: error instanceof Error ? error.message : String(error) }
}

export function fromErrorShape(shape: ErrorShape): SoundfoldError {
  return new SoundfoldError(shape.code, shape.message, shape.hint === undefined ? {} : { hint: shape.hint })
}
