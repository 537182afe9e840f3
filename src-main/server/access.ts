import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const LOCAL_HOSTS = new Set(['127.0.0.1', 'localhost'])

/**
 * The name by which the page was asked for must be this machine's: a foreign name that was made to point here (DNS
 * rebinding) is refused. The port may be another one, as with a tunnel to a remote machine.
 */
export function hasLocalHost(request: IncomingMessage): boolean {
  const [, name] = /^([a-z0-9.]+)(?::\d{1,5})?$/i.exec(request.headers.host ?? '') ?? []
  return name !== undefined && LOCAL_HOSTS.has(name.toLowerCase())
}

/** A page of another origin may not ask. Plain navigation sends no `Origin`. */
export function hasOwnOrigin(request: IncomingMessage): boolean {
  const { origin, host } = request.headers
  return origin === undefined || origin === `http://${host}`
}

/** Tokens that each open one screen once, and the cookies that they were changed into. */
export class Access {
  readonly #cookieName: string
  readonly #tokens = new Map<string, string>()
  readonly #sessions = new Set<string>()

  /** @param port - cookies are shared by all ports of a host, so the name tells servers apart */
  constructor(port: number) {
    this.#cookieName = `soundfold-${port}`
  }

  /** @param route - the screen that it leads to: the page's fragment, as `#/runs/ID` */
  newToken(route: string): string {
    const token = secret()
    this.#tokens.set(token, route)
    return token
  }

  /** @returns the `Set-Cookie` header and the route for a token that was never used before */
  redeem(token: string): { cookie: string; route: string } | undefined {
    const route = this.#tokens.get(token)
    if (route === undefined) return undefined
    this.#tokens.delete(token)
    const session = secret()
    this.#sessions.add(session)
    return { cookie: `${this.#cookieName}=${session}; HttpOnly; SameSite=Strict; Path=/`, route }
  }

  isKnown(request: IncomingMessage): boolean {
    const cookies = (request.headers.cookie ?? '').split(';').map((cookie) => cookie.trim())
    const prefix = `${this.#cookieName}=`
    const own = cookies.filter((cookie) => cookie.startsWith(prefix))
    return own.some((cookie) => this.#sessions.has(cookie.slice(prefix.length)))
  }
}

/** 256 random bits: nothing that guessing or timing could find. */
const secret = () => randomBytes(32).toString('base64url')
