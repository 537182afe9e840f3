import { readFile, rm } from 'node:fs/promises'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { connect as connectTcp } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningServer, startServer } from '../../src-main/server/start-server.ts'
import { createClient } from '../../src-renderer/lib/backend/client.ts'
import { webSocketWire } from '../../src-renderer/lib/backend/wires.ts'
import { type TinyWorkspace, tinyWorkspace } from '../support/tiny-workspace.ts'
import { openSocket, pageFolder, signIn } from './wires.ts'

let workspace: TinyWorkspace
let page: string
let server: RunningServer
let cookie: string

beforeAll(async () => {
  workspace = await tinyWorkspace()
  page = await pageFolder()
  server = await startServer({ core: workspace.core, rendererFolder: page, log: () => {} })
  cookie = await signIn(server)
})
afterAll(async () => {
  await server.close()
  await workspace.close()
  await rm(page, { recursive: true })
})

interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
}

/** A request whose path and headers go out exactly as given; `fetch` would tidy them. */
function ask(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: server.port, path, method, headers }
    const request = httpRequest(options, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) }),
      )
    })
    request.on('error', reject)
    request.end()
  })
}

describe('who gets in', () => {
  it('listens on the loopback address only', () => {
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43}$/)
  })

  it.each(['/', '/index.html', '/page.js', '/media/clips/1/audio', '/nothing'])(
    'answers %s without a cookie with 401 and says what to do',
    async (path) => {
      const { status, body } = await ask(path)
      expect(status).toBe(401)
      expect(body.toString()).toContain('soundfold serve')
    },
  )

  it('changes a token into a cookie once', async () => {
    const { pathname, search } = new URL(server.newUrl())
    const first = await ask(pathname + search)
    expect(first.status).toBe(200)
    const [setCookie = ''] = first.headers['set-cookie'] ?? []
    expect(setCookie).toMatch(/; HttpOnly; SameSite=Strict; Path=\/$/)
    const again = await ask(pathname + search)
    expect(again.status).toBe(401)
    expect(again.headers['set-cookie']).toBeUndefined()
    const own = setCookie.split(';')[0] ?? ''
    expect((await ask('/', { cookie: own })).body.toString()).toContain('<title>page</title>')
  })

  it('leads its first address to the screen that it was started with, and a later one to the library', async () => {
    const { core } = workspace
    const other = await startServer({ core, rendererFolder: page, startRoute: '#/runs/r-1', log: () => {} })
    try {
      const goal = async (url: string) =>
        /http-equiv="refresh" content="0; url=([^"]*)"/.exec(await (await fetch(url)).text())?.[1]
      expect(await goal(other.url)).toBe('/#/runs/r-1')
      expect(await goal(other.newUrl())).toBe('/')
    } finally {
      await other.close()
    }
  })

  it('does not spend a token on a HEAD request, as a link preview sends', async () => {
    const { pathname, search } = new URL(server.newUrl())
    expect((await ask(pathname + search, {}, 'HEAD')).status).toBe(401)
    expect((await ask(pathname + search)).status).toBe(200)
  })

  it('refuses a token or a cookie that it did not make', async () => {
    expect((await ask('/?token=')).status).toBe(401)
    expect((await ask(`/?token=${'A'.repeat(43)}`)).status).toBe(401)
    const [name] = cookie.split('=')
    expect((await ask('/', { cookie: `${name}=${'A'.repeat(43)}` })).status).toBe(401)
    expect((await ask('/', { cookie: `${name}=` })).status).toBe(401)
    expect((await ask('/', { cookie: `x=1; ${cookie}; y=2` })).status).toBe(200)
  })

  it.each(['evil.example', 'evil.example:80', '127.0.0.1.evil.example', 'localhost@evil.example', '0.0.0.0'])(
    'refuses the host name %s even with the cookie',
    async (host) => {
      expect((await ask('/', { host, cookie })).status).toBe(403)
    },
  )

  it('refuses an HTTP/1.0 request without a host', async () => {
    const socket = connectTcp(server.port, '127.0.0.1')
    socket.end(`GET / HTTP/1.0\r\nCookie: ${cookie}\r\n\r\n`)
    const parts: Buffer[] = []
    for await (const part of socket) parts.push(part)
    expect(Buffer.concat(parts).toString()).toMatch(/^HTTP\/1\.1 403 /)
  })

  it('answers under localhost and another port, as through a tunnel', async () => {
    expect((await ask('/', { host: 'localhost:8888', cookie })).status).toBe(200)
  })

  it('refuses a page of another origin', async () => {
    expect((await ask('/media/clips/1/audio', { cookie, origin: 'http://evil.example' })).status).toBe(403)
    expect((await ask('/media/clips/1/audio', { cookie, origin: 'http://127.0.0.1:1' })).status).toBe(403)
    expect((await ask('/', { cookie, origin: 'null' })).status).toBe(403)
  })
})

describe('the socket', () => {
  it('opens for the page with its cookie', async () => {
    const socket = await openSocket(server.port, cookie)
    const client = createClient(webSocketWire(socket))
    expect((await client.call('datasets.list', {})).length).toBe(1)
    client.close()
  })

  it('is refused without a cookie, from another origin, and from none', async () => {
    await expect(openSocket(server.port, '')).rejects.toThrow('refused')
    await expect(openSocket(server.port, cookie, 'http://evil.example')).rejects.toThrow('refused')
    await expect(openSocket(server.port, cookie, 'http://127.0.0.1:1')).rejects.toThrow('refused')
    expect(await upgrade({ Cookie: cookie })).toBe('HTTP/1.1 403 Forbidden')
    expect(await upgrade({ Origin: `http://127.0.0.1:${server.port}` })).toBe('HTTP/1.1 401 Unauthorized')
    const foreign = { Host: 'evil.example', Origin: 'http://evil.example', Cookie: cookie }
    expect(await upgrade(foreign)).toBe('HTTP/1.1 403 Forbidden')
  })

  it('is closed for what is not JSON text or too large, and the server goes on', async () => {
    for (const [data, code] of [
      ['{', 1007],
      [new Uint8Array([1, 2]), 1007],
      ['"'.padEnd(26_000_000, 'x'), 1009],
    ] as const) {
      const socket = await openSocket(server.port, cookie)
      const closed = new Promise<number>((resolve) => {
        socket.addEventListener('close', (event) => resolve(event.code))
      })
      socket.send(data)
      expect(await closed).toBe(code)
    }
    expect((await ask('/', { cookie })).status).toBe(200)
  })
})

/** @returns the status line of an attempt to open a socket with exactly these headers */
async function upgrade(headers: Record<string, string>): Promise<string> {
  const all = {
    Host: `127.0.0.1:${server.port}`,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    ...headers,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
  const socket = connectTcp(server.port, '127.0.0.1')
  socket.write(`GET /ws HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
  const parts: Buffer[] = []
  for await (const part of socket) parts.push(part)
  return Buffer.concat(parts).toString().split('\r\n')[0] ?? ''
}

describe('the page', () => {
  it('comes with a strict policy', async () => {
    const { headers } = await ask('/', { cookie })
    const policy = headers['content-security-policy'] ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self';")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).toContain(`connect-src 'self' ws://127.0.0.1:${server.port};`)
    expect(policy).not.toContain('unsafe-eval')
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['referrer-policy']).toBe('no-referrer')
    expect(headers['cross-origin-resource-policy']).toBe('same-origin')
  })

  it.each([
    '/../package.json',
    '/..%2f..%2fpackage.json',
    '/%2e%2e/package.json',
    '/assets/../../package.json',
    '/..\\package.json',
    '//etc/passwd',
    '/etc/passwd',
    '/index.html%00.png',
    '/media/../page.js',
    '/media/clips/../../workspace.sqlite',
    '/media/clips/1/audio/../../../workspace.sqlite',
    '/media/%2e%2e/workspace.sqlite',
    '/media/clips/1',
    '/media/',
  ])('does not follow the path %s', async (path) => {
    expect((await ask(path, { cookie })).status).toBe(404)
  })

  it('can only be read', async () => {
    expect((await ask('/', { cookie }, 'POST')).status).toBe(405)
    expect((await ask('/media/clips/1/audio', { cookie }, 'DELETE')).status).toBe(405)
    const head = await ask('/page.js', { cookie }, 'HEAD')
    expect(head).toMatchObject({ status: 200, body: Buffer.alloc(0) })
    expect(head.headers['content-length']).toBe(String((await readFile(join(page, 'page.js'))).length))
  })
})

describe('media', () => {
  const audio = '/media/clips/1/audio'
  let file: Buffer
  beforeAll(async () => {
    file = await readFile(workspace.files[0] ?? '')
  })

  it('sends a clip whole', async () => {
    const { status, headers, body } = await ask(audio, { cookie })
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('audio/wav')
    expect(headers['accept-ranges']).toBe('bytes')
    expect(body.equals(file)).toBe(true)
  })

  it.each([
    ['bytes=0-0', 0, 1],
    ['bytes=0-43', 0, 44],
    ['bytes=100-1099', 100, 1100],
    ['bytes=44-', 44, undefined],
    ['bytes=-10', -10, undefined],
    ['bytes=40000-99999999', 40000, undefined],
    ['bytes=-99999999', 0, undefined],
    ['BYTES=5-6', 5, 7],
  ] as const)('sends the part %s', async (range, start, end) => {
    const { status, headers, body } = await ask(audio, { cookie, range })
    const part = file.subarray(start, end)
    const first = start < 0 ? file.length + start : start
    expect(status).toBe(206)
    expect(headers['content-range']).toBe(`bytes ${first}-${first + part.length - 1}/${file.length}`)
    expect(headers['content-length']).toBe(String(part.length))
    expect(body.equals(part)).toBe(true)
  })

  it.each(['bytes=99999999-', 'bytes=99999999-999999999', 'bytes=-0'])(
    'refuses the part %s',
    async (range) => {
      const { status, headers } = await ask(audio, { cookie, range })
      expect(status).toBe(416)
      expect(headers['content-range']).toBe(`bytes */${file.length}`)
    },
  )

  it.each(['bytes=9-5', 'bytes=-', 'bytes=0-1,4-5', 'items=0-5', 'bytes=a-b'])(
    'ignores the range %s',
    async (range) => {
      const { status, body } = await ask(audio, { cookie, range })
      expect(status).toBe(200)
      expect(body.length).toBe(file.length)
    },
  )

  it('answers HEAD with the headers alone', async () => {
    const { status, headers, body } = await ask(audio, { cookie, range: 'bytes=0-9' }, 'HEAD')
    expect(status).toBe(206)
    expect(headers['content-length']).toBe('10')
    expect(body.length).toBe(0)
  })

  it('sends ranges of what is made in memory', async () => {
    const whole = await ask('/media/clips/1/spectrogram/article', { cookie })
    expect(whole.status).toBe(200)
    const part = await ask('/media/clips/1/spectrogram/article', { cookie, range: 'bytes=0-7' })
    expect(part.status).toBe(206)
    expect(part.body.equals(whole.body.subarray(0, 8))).toBe(true)
    expect(whole.body.length).toBe(8 + 4 * part.body.readUInt32LE(0) * part.body.readUInt32LE(4))
  })

  it('says what is missing as JSON', async () => {
    const { status, body } = await ask('/media/clips/99/audio', { cookie })
    expect(status).toBe(404)
    expect(JSON.parse(body.toString())).toMatchObject({
      code: 'not-found',
      message: 'There is no clip 99 in this workspace.',
    })
  })
})

describe('starting and stopping', () => {
  it('says that the page is not built', async () => {
    const options = { core: workspace.core, rendererFolder: join(page, 'none') }
    await expect(startServer(options)).rejects.toMatchObject({
      code: 'not-found',
      hint: 'Build it: npm run build',
    })
  })

  it('says that the port is taken', async () => {
    const options = { core: workspace.core, rendererFolder: page, port: server.port }
    await expect(startServer(options)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(String(server.port)),
    })
  })

  it('closes its sockets and leaves the core open', async () => {
    const other = await startServer({ core: workspace.core, rendererFolder: page })
    const socket = await openSocket(other.port, await signIn(other))
    const closed = new Promise((resolve) => socket.addEventListener('close', resolve))
    await other.close()
    await other.close()
    await closed
    await expect(fetch(`http://127.0.0.1:${other.port}/`)).rejects.toThrow()
    expect((await workspace.core.call('datasets.list', {})).length).toBe(1)
  })
})
