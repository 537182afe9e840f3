/** Gives Electron 22 (Node 16, Chrome 108) what Soundfold's main process expects of Electron 45, then loads it. */
const { spawn } = require('node:child_process')
const { EventEmitter } = require('node:events')
const fs = require('node:fs/promises')
const { join } = require('node:path')
const { Readable } = require('node:stream')
const { app, protocol, session, utilityProcess } = require('electron')
const { decode, encode } = require('./values.cjs')

function withResolvers() {
  let resolve
  let reject
  const promise = new this((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { promise, resolve, reject }
}
Promise.withResolvers ??= withResolvers
Map.groupBy ??= (items, keyOf) => {
  const groups = new Map()
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item])
  return groups
}
Array.prototype.findLast ??= function (test) {
  return this.slice().reverse().find(test)
}
app.once('ready', () => session.defaultSession.setPreloads([join(__dirname, 'preload.cjs')]))

const { readdir } = fs
fs.readdir = async (folder, options) => {
  if (!options?.recursive) return readdir(folder, options)
  const entries = await readdir(folder, { withFileTypes: true })
  const below = entries.filter((entry) => entry.isDirectory()).map((entry) => join(folder, entry.name))
  const deeper = await Promise.all(below.map((path) => fs.readdir(path, options)))
  return [...entries.map((entry) => Object.assign(entry, { parentPath: folder })), ...deeper.flat()]
}

Readable.toWeb ??= (stream) => stream
globalThis.Response ??= class Response {
  constructor(body, { status = 200, headers = {} } = {}) {
    Object.assign(this, { body, status, headers })
  }
}

/** What Chrome 108 lacks of the language, put before the page's own scripts. */
const PAGE_PRELUDE = `Promise.withResolvers ??= ${withResolvers};
for (const type of [Array, Float32Array, Float64Array, Int32Array, Uint8Array]) {
  type.prototype.toSorted ??= function (compare) { return this.slice().sort(compare) }
  type.prototype.toReversed ??= function () { return this.slice().reverse() }
}
`

protocol.handle ??= (scheme, handler) => {
  protocol.registerStreamProtocol(scheme, async ({ url, method, headers }, answer) => {
    const lower = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
    const request = { url, method, headers: lower, signal: new AbortController().signal }
    const response = await handler(request)
    const data = bodyOf(response.body, String(response.headers['Content-Type']).startsWith('text/javascript'))
    answer({ statusCode: response.status, headers: response.headers, data })
  })
}

function bodyOf(body, isScript) {
  if (body instanceof Readable) return body
  const bytes = Buffer.from(body ?? '')
  return Readable.from([isScript ? Buffer.concat([Buffer.from(PAGE_PRELUDE), bytes]) : bytes], {
    objectMode: false,
  })
}

/** The core needs Node 24, so it runs in a process of its own, whose ports are carried over as messages. */
utilityProcess.fork = (modulePath, args = []) => {
  const child = spawn(
    process.env.SOUNDFOLD_TEST_NODE,
    ['--import', join(__dirname, 'core.mjs'), modulePath, ...args],
    {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    },
  )
  globalThis.standInCorePid = child.pid
  const ports = new Map()
  let nextPort = 0
  const send = (message) => child.connected && child.send(message)
  const utility = Object.assign(new EventEmitter(), {
    pid: child.pid,
    stdout: child.stdout,
    stderr: child.stderr,
    kill: () => child.kill(),
    postMessage(message, transferred = []) {
      const ids = transferred.map((port) => {
        const id = nextPort++
        ports.set(id, port)
        port.on('message', ({ data }) => send({ port: id, data: encode(data) }))
        port.on('close', () => ports.delete(id) && send({ port: id, closed: true }))
        port.start()
        return id
      })
      send({ ports: ids, data: encode(message) })
    },
  })
  child.on('message', ({ port, data, closed }) => {
    if (port === undefined) utility.emit('message', decode(data))
    else if (closed) ports.get(port)?.close()
    else ports.get(port)?.postMessage(decode(data))
  })
  child.on('exit', (code) => {
    for (const port of ports.values()) port.close()
    utility.emit('exit', code ?? 1)
  })
  return utility
}

require(process.env.SOUNDFOLD_TEST_BUNDLE)
