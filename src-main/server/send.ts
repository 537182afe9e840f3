import { open } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { SoundfoldError, toErrorShape } from '../contract/errors.ts'
import type { MediaResponse } from '../host/media-response.ts'

export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

export function send(response: ServerResponse, { status, headers = {}, body = '' }: Answer): void {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  const own = { 'Content-Length': bytes.byteLength, 'Cache-Control': 'no-store', ...headers }
  response.writeHead(status, own)
  response.end(bytes)
}

export const sendText = (response: ServerResponse, status: number, text: string) =>
  send(response, { status, headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body: `${text}\n` })

export const sendHtml = (
  response: ServerResponse,
  status: number,
  body: string,
  headers: Record<string, string> = {},
) => send(response, { status, headers: { 'Content-Type': 'text/html; charset=utf-8', ...headers }, body })

/** Sends what `mediaResponse` decided on; a file is read in pieces, so its size does not matter. */
export async function sendMedia(response: ServerResponse, { status, headers, body }: MediaResponse) {
  if (body.kind === 'bytes') {
    response.writeHead(status, headers)
    response.end(body.bytes)
    return
  }
  if (body.start === body.end) {
    response.writeHead(status, headers).end()
    return
  }
  // Opened first: a file that has gone meanwhile is an error and not an empty success.
  const file = await open(body.path).catch((cause) => {
    throw new SoundfoldError('missing-file', `${body.path} can’t be read.`, { cause })
  })
  response.writeHead(status, headers)
  await pipeline(file.createReadStream({ start: body.start, end: body.end - 1 }), response)
}

/** Ends a request that failed: with the error where nothing was sent yet, else by breaking off. */
export function sendFailure(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const { code, message } = toErrorShape(error)
  const status = code === 'not-found' || code === 'missing-file' ? 404 : 500
  const body = JSON.stringify({ code, message })
  send(response, { status, headers: { 'Content-Type': 'application/json; charset=utf-8' }, body })
}
