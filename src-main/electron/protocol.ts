import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { protocol } from 'electron'
import type { MediaRequest, MediaResponse } from '../host/media-response.ts'
import type { PageFile } from '../host/page-files.ts'
import { pageHeaders } from '../host/page-headers.ts'
import { APP_HOST, APP_SCHEME, MEDIA_BASE, MEDIA_HOST, MEDIA_SCHEME, PAGE_ORIGIN } from './addresses.ts'

/** To be called before the app is ready. */
export function registerSchemes(): void {
  const privileges = { standard: true, secure: true, supportFetchAPI: true, stream: true }
  protocol.registerSchemesAsPrivileged([
    { scheme: APP_SCHEME, privileges },
    { scheme: MEDIA_SCHEME, privileges: { ...privileges, corsEnabled: true } },
  ])
}

export type OpenMedia = (request: MediaRequest, signal: AbortSignal) => Promise<MediaResponse>

/** Serves the built page under `app://` and the clips under `media://`, and nothing else under either. */
export function handleSchemes(page: ReadonlyMap<string, PageFile>, openMedia: OpenMedia): void {
  const headers = pageHeaders({ connect: MEDIA_BASE, media: MEDIA_BASE })
  protocol.handle(APP_SCHEME, ({ url }) => {
    const { host, pathname } = new URL(url)
    const file = host === APP_HOST ? page.get(pathname) : undefined
    if (!file) return new Response('There is no such page.', { status: 404, headers })
    return new Response(file.bytes, { headers: { ...headers, 'Content-Type': file.contentType } })
  })
  protocol.handle(MEDIA_SCHEME, async (request) => {
    const { host, pathname } = new URL(request.url)
    if (host !== MEDIA_HOST) return new Response(null, { status: 404 })
    const range = request.headers.get('range') ?? undefined
    const wanted = { path: pathname.slice(1), method: request.method, range }
    const { status, headers, body } = await openMedia(wanted, request.signal)
    return new Response(bodyOf(body), {
      status,
      headers: {
        ...headers,
        'Access-Control-Allow-Origin': PAGE_ORIGIN,
        'X-Content-Type-Options': 'nosniff',
      },
    })
  })
}

function bodyOf(body: MediaResponse['body']): BodyInit {
  if (body.kind === 'bytes') return new Uint8Array(body.bytes)
  if (body.start === body.end) return new Uint8Array()
  const stream = createReadStream(body.path, { start: body.start, end: body.end - 1 })
  // Node's stream type and the page's are the same thing under two declarations.
  return Readable.toWeb(stream) as ReadableStream<Uint8Array>
}
