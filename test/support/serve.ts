import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const CLI = fileURLToPath(new URL('../../src-main/cli/main.ts', import.meta.url))

export interface ServedWorkspace {
  /** Works once: it signs a browser in. */
  readonly url: string
  readonly folder: string
  /** Ends the server; what it had in its workspace is deleted by `close`. */
  stop(): Promise<void>
  /** As a power cut would. */
  kill(): Promise<void>
  close(): Promise<void>
}

/**
 * `soundfold serve` as people start it.
 *
 * @param workspace - a new one, `workspace` in a temporary folder, where left out
 * @param fill - puts something there first
 */
export async function serveWorkspace(
  workspace?: string,
  fill?: (workspace: string) => Promise<void>,
): Promise<ServedWorkspace> {
  const folder = await mkdtemp(join(tmpdir(), 'soundfold-e2e-'))
  await fill?.(workspace ?? join(folder, 'workspace'))
  const server = spawn(
    process.execPath,
    [CLI, 'serve', '--workspace', workspace ?? join(folder, 'workspace'), '--json'],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  const stop = async () => {
    if (server.exitCode !== null || server.signalCode !== null) return
    server.kill('SIGTERM')
    await once(server, 'exit')
  }
  return {
    url: await addressOf(server),
    folder,
    stop,
    async kill() {
      server.kill('SIGKILL')
      await once(server, 'exit')
    },
    async close() {
      await stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The address that the server prints as JSON; what it says on stderr when it ends without one. */
async function addressOf(server: ChildProcess): Promise<string> {
  let out = ''
  let complaints = ''
  server.stderr?.on('data', (chunk) => (complaints += chunk))
  return new Promise((resolve, reject) => {
    server.stdout?.on('data', (chunk) => {
      out += chunk
      const [, url] = /"url":\s*"([^"]+)"/.exec(out) ?? []
      if (url) resolve(url)
    })
    server.once('exit', (code) => reject(new Error(`The server ended with ${code}. ${complaints}`)))
  })
}
