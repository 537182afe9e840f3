import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import type { ClientMessage } from '../../src-main/contract/envelope.ts'
import type { Wire } from '../../src-main/contract/wire.ts'
import type { Core } from '../../src-main/core/create-core.ts'
import { serveConnection } from '../../src-main/host/serve-connection.ts'
import { type RunningServer, startServer } from '../../src-main/server/start-server.ts'
import { directWires } from '../../src-main/transports/direct.ts'
import { messagePortWire as hostPortWire } from '../../src-main/transports/message-port.ts'
import { messagePortWire, webSocketWire } from '../../src-renderer/lib/backend/wires.ts'

/** A core served on one side and the page's end of the wire on the other. */
export interface Served {
  readonly wire: Wire<ClientMessage>
  /** Ends the wire from the host's side, as when the core's process dies. */
  cut(): void
  close(): Promise<void>
}

export type Serve = (core: Core, log: (about: string, error: unknown) => void) => Promise<Served>

const direct: Serve = async (core, log) => {
  const { client, host } = directWires()
  serveConnection(core, host, log)
  return { wire: client, cut: () => host.close(), close: async () => client.close() }
}

const messagePort: Serve = async (core, log) => {
  const { port1, port2 } = new MessageChannel()
  serveConnection(core, hostPortWire(port1), log)
  // Node's ports are the page's ports as well: EventTarget, onmessage, and a close event.
  const wire = messagePortWire(port2 as unknown as MessagePort)
  return { wire, cut: () => port1.close(), close: async () => port2.close() }
}

const webSocket: Serve = async (core, log) => {
  const page = await pageFolder()
  const server = await startServer({ core, rendererFolder: page, log })
  const cookie = await signIn(server)
  const socket = await openSocket(server.port, cookie)
  return {
    wire: webSocketWire(socket),
    cut: () => void server.close(),
    async close() {
      await server.close()
      await rm(page, { recursive: true })
    },
  }
}

export const WIRES: readonly (readonly [name: string, serve: Serve])[] = [
  ['in-process', direct],
  ['MessagePort', messagePort],
  ['WebSocket', webSocket],
]

/** A folder with the least that the server takes for a built page. */
export async function pageFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'soundfold-page-'))
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>page</title>')
  await writeFile(join(folder, 'page.js'), 'export {}')
  return folder
}

/** @returns the cookie that the server's one-time address gives */
export async function signIn(server: RunningServer): Promise<string> {
  const response = await fetch(server.newUrl())
  const [cookie] = response.headers.get('set-cookie')?.split(';') ?? []
  if (!cookie) throw new Error(`No cookie; status ${response.status}.`)
  return cookie
}

export async function openSocket(port: number, cookie: string, origin?: string): Promise<WebSocket> {
  const headers = { cookie, origin: origin ?? `http://127.0.0.1:${port}` }
  // Node's WebSocket is a browser's but for the headers that a browser sets by itself.
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, { headers } as unknown as string[])
  const failed = once(socket, 'error').then(() => {
    throw new Error('The socket was refused.')
  })
  await Promise.race([once(socket, 'open'), failed])
  failed.catch(() => {})
  return socket
}
