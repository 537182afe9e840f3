import type { ErrorCode } from '../contract/errors.ts'
import { toErrorShape } from '../contract/errors.ts'
import type { Core, MediaResource } from '../core/create-core.ts'
import { type Log, logToStderr } from './log.ts'

export interface MediaRequest {
  /** As `Core.media.open` takes it: `clips/12/audio`. */
  readonly path: string
  readonly method: string
  /** The `Range` header. */
  readonly range?: string | undefined
}

/** What is left to do for a shell: send these headers, then the bytes, or this part of a file (`end` is exclusive). */
export interface MediaResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body:
    | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
    | { readonly kind: 'file'; readonly path: string; readonly start: number; readonly end: number }
}

/**
 * Answers a request for media: 200, 206, 404, 405, 416 or 500. Errors carry an `ErrorShape` as JSON. Of RFC 9110 (14)
 * it knows single byte ranges; any other `Range` is ignored, as the RFC allows.
 */
export async function mediaResponse(
  media: Core['media'],
  request: MediaRequest,
  signal?: AbortSignal,
  log: Log = logToStderr,
): Promise<MediaResponse> {
  const headOnly = request.method === 'HEAD'
  if (!headOnly && request.method !== 'GET')
    return failure(405, 'invalid-input', 'Media can only be read.', { Allow: 'GET, HEAD' })
  try {
    const resource = await media.open(request.path, signal)
    const response = rangeResponse(resource, request.range)
    return headOnly ? { ...response, body: NO_BODY } : response
  } catch (error) {
    const { code, message } = toErrorShape(error)
    if (code === 'internal') log(`media ${request.path}`, error)
    return failure(code === 'not-found' || code === 'missing-file' ? 404 : 500, code, message)
  }
}

const NO_BODY = { kind: 'bytes', bytes: new Uint8Array() } as const

function rangeResponse(resource: MediaResource, rangeHeader: string | undefined): MediaResponse {
  const size = resource.kind === 'file' ? resource.sizeBytes : resource.bytes.byteLength
  const range = parseRange(rangeHeader, size)
  if (range === 'unsatisfiable')
    return failure(416, 'invalid-input', 'The range lies behind the end.', {
      'Content-Range': `bytes */${size}`,
    })
  const { start, end } = range ?? { start: 0, end: size }
  return {
    status: range ? 206 : 200,
    headers: {
      'Content-Type': resource.contentType,
      'Content-Length': String(end - start),
      'Accept-Ranges': 'bytes',
      'Cache-Control': 'no-store',
      ...(range && { 'Content-Range': `bytes ${start}-${end - 1}/${size}` }),
    },
    body:
      resource.kind === 'file'
        ? { kind: 'file', path: resource.path, start, end }
        : { kind: 'bytes', bytes: resource.bytes.subarray(start, end) },
  }
}

/**
 * @param size - of the whole, in bytes
 * @returns the part from `start` to before `end`; undefined when all is to be sent
 */
export function parseRange(
  header: string | undefined,
  size: number,
): { start: number; end: number } | 'unsatisfiable' | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/i.exec(header?.trim() ?? '') ?? []
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined
  if (first === '') {
    const length = Math.min(Number(last), size)
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size }
  }
  const start = Number(first)
  if (last !== '' && Number(last) < start) return undefined
  if (start >= size) return 'unsatisfiable'
  return { start, end: last === '' ? size : Math.min(Number(last) + 1, size) }
}

function failure(
  status: number,
  code: ErrorCode,
  message: string,
  headers: Record<string, string> = {},
): MediaResponse {
  const bytes = new TextEncoder().encode(JSON.stringify({ code, message }))
  return {
    status,
    headers: {
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Length': String(bytes.byteLength),
      'Cache-Control': 'no-store',
      ...headers,
    },
    body: { kind: 'bytes', bytes },
  }
}
