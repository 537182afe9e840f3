import { once } from 'node:events'
import openInBrowser from 'open'
import { rendererFolder } from '../../host/entries.ts'
import { hasDisplay } from '../../host/find-electron.ts'
import { startServer } from '../../server/start-server.ts'
import { type GlobalOptions, type Session, withSession } from '../session.ts'

export interface ServeOptions extends GlobalOptions {
  port?: number
  open?: boolean
  /** The screen to begin with, as `#/runs/ID`. */
  startRoute?: string
}

export function serve(options: ServeOptions): Promise<void> {
  return withSession(options, (session) => serveUntilStopped(session, options))
}

/** Serves the workbench until Ctrl+C; opens the browser where there is a display, and always says the address. */
export async function serveUntilStopped(session: Session, options: ServeOptions): Promise<void> {
  const { core, output, signal } = session
  const server = await startServer({
    core,
    rendererFolder: rendererFolder(),
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(options.startRoute === undefined ? {} : { startRoute: options.startRoute }),
  })
  try {
    output.result({ url: server.url, port: server.port, workspace: session.workspace }, () =>
      [
        `The workbench for ${session.workspace} is at`,
        `  ${server.url}`,
        'The address works once. Press Ctrl+C to stop, Enter for a fresh address.',
      ].join('\n'),
    )
    if (options.open && hasDisplay()) await openInBrowser(server.url)
    const onEnter = () => output.note(`  ${server.newUrl()}`)
    if (process.stdin.isTTY) process.stdin.on('data', onEnter)
    if (!signal.aborted) await once(signal, 'abort')
    process.stdin.off('data', onEnter).pause()
  } finally {
    await server.close()
  }
}
