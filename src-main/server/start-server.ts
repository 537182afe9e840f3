import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { SoundfoldError } from '../contract/errors.ts'
import type { Core } from '../core/create-core.ts'
import { type Log, logToStderr } from '../host/log.ts'
import { mediaResponse } from '../host/media-response.ts'
import { type PageFile, readPageFiles } from '../host/page-files.ts'
import { pageHeaders } from '../host/page-headers.ts'
import { serveConnection } from '../host/serve-connection.ts'
import { webSocketWire } from '../transports/web-socket.ts'
import { Access, hasLocalHost, hasOwnOrigin } from './access.ts'
import { NOT_SIGNED_IN, signedIn } from './notices.ts'
import { send, sendFailure, sendHtml, sendMedia, sendText } from './send.ts'

export interface ServerOptions {
  /** Stays open when the server closes; its `mediaBase` is `/media/`. */
  readonly core: Core
  /** The built page. */
  readonly rendererFolder: string
  /** Any free one when left out. */
  readonly port?: number
  /** The screen that the first address leads to: the page's fragment, as `#/runs/ID`. The library when left out. */
  readonly startRoute?: string
  readonly log?: Log
}

export interface RunningServer {
  /** The address with a token that works once. */
  readonly url: string
  readonly port: number
  /** Another such address, for another browser. */
  newUrl(): string
  close(): Promise<void>
}

const LOOPBACK = '127.0.0.1'
/** Requests are small, settings and filters, but for a verdict file that a person applies; none has audio. */
const MAX_MESSAGE_BYTES = 24 * 1024 * 1024

/**
 * Serves the workbench to browsers on this machine only: the page, its WebSocket and the clips' media.
 * @throws SoundfoldError not-found when the page is not built; conflict when the port is taken
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { core, rendererFolder, log = logToStderr } = options
  const page = await readPageFiles(rendererFolder)
  const server = createServer()
  const port = await listen(server, options.port ?? 0)
  const access = new Access(port)
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES })

  server.on('request', (request, response) => {
    answer({ core, page, access, log }, request, response).catch((error) => {
      // The other side going away in the middle of a clip is no fault.
      if (!response.destroyed) log(`request ${request.url}`, error)
      sendFailure(response, error)
    })
  })
  server.on('upgrade', (request, socket: Duplex, head) => {
    const refusal = refuseSocket(access, request)
    if (refusal) {
      socket.on('error', () => socket.destroy())
      socket.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
      return
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      // A broken or oversized frame; `close` follows and ends the connection.
      webSocket.on('error', (error) => log('WebSocket', error))
      serveConnection(core, webSocketWire(webSocket), log)
    })
  })

  const newUrl = (route = '') => `http://${LOOPBACK}:${port}/?token=${access.newToken(route)}`
  return {
    url: newUrl(options.startRoute),
    port,
    newUrl: () => newUrl(),
    async close() {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      for (const webSocket of sockets.clients) webSocket.terminate()
      await closed
    },
  }
}

interface Context {
  readonly core: Core
  readonly page: ReadonlyMap<string, PageFile>
  readonly access: Access
  readonly log: Log
}

async function answer(context: Context, request: IncomingMessage, response: ServerResponse) {
  const { core, page, access, log } = context
  if (!hasLocalHost(request)) return sendText(response, 403, 'This server answers to 127.0.0.1 only.')
  for (const [name, value] of Object.entries(pageHeaders({ connect: `ws://${request.headers.host}` })))
    response.setHeader(name, value)
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin')
  if (!hasOwnOrigin(request)) return sendText(response, 403, 'This server answers to its own page only.')

  // Nothing is decoded or normalised: a path is compared as it came.
  const [path = '', query = ''] = (request.url ?? '').split('?', 2)
  const method = request.method ?? ''
  const token = path === '/' && method === 'GET' ? new URLSearchParams(query).get('token') : null
  const entry = token === null ? undefined : access.redeem(token)
  if (entry) return sendHtml(response, 200, signedIn(entry.route), { 'Set-Cookie': entry.cookie })
  if (!access.isKnown(request)) return sendHtml(response, 401, NOT_SIGNED_IN)

  if (path.startsWith('/media/')) {
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    const wanted = { path: path.slice('/media/'.length), method, range: request.headers.range }
    return sendMedia(response, await mediaResponse(core.media, wanted, gone.signal, log))
  }
  if (method !== 'GET' && method !== 'HEAD') return sendText(response, 405, 'Only reading is possible here.')
  const file = page.get(path)
  if (!file) return sendText(response, 404, 'There is no such page.')
  send(response, { status: 200, headers: { 'Content-Type': file.contentType }, body: file.bytes })
}

/** @returns the status line's end when the socket is not to be opened */
function refuseSocket(access: Access, request: IncomingMessage): string | undefined {
  if (request.url !== '/ws') return '404 Not Found'
  // A browser always names the origin of a socket, so one without it is no page of ours.
  const fromPage = request.headers.origin !== undefined && hasOwnOrigin(request)
  if (!hasLocalHost(request) || !fromPage) return '403 Forbidden'
  return access.isKnown(request) ? undefined : '401 Unauthorized'
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, LOOPBACK)
  try {
    await once(server, 'listening')
  } catch (cause) {
    const taken = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE'
    throw new SoundfoldError('conflict', `Port ${port} can’t be opened${taken ? ': it is in use' : ''}.`, {
      hint: 'Leave --port out to use any free one.',
      cause,
    })
  }
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('The server has no port.')
  return address.port
}
