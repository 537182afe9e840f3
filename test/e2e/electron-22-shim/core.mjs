/** Stands in for Electron's `process.parentPort` in the core's process, over Node's own channel to its parent. */
import { EventEmitter } from 'node:events'
import { MessageChannel } from 'node:worker_threads'
import { decode, encode } from './values.cjs'

// What the core forks is not to load this file again.
process.execArgv = []

const ports = new Map()
const parentPort = new EventEmitter()
parentPort.postMessage = (message) => process.send({ data: encode(message) })

/** Electron keeps what comes before the first listener. */
let waiting = []
parentPort.on('newListener', (event) => {
  if (event !== 'message' || !waiting) return
  const early = waiting
  waiting = undefined
  queueMicrotask(() => {
    for (const message of early) parentPort.emit('message', message)
  })
})

function openPort(id) {
  const { port1, port2 } = new MessageChannel()
  port1.on('message', (data) => process.connected && process.send({ port: id, data: encode(data) }))
  port1.once('close', () => ports.delete(id) && process.connected && process.send({ port: id, closed: true }))
  ports.set(id, port1)
  return port2
}

process.on('message', (message) => {
  if (message.port === undefined) {
    const event = { data: decode(message.data), ports: message.ports.map(openPort) }
    if (waiting) waiting.push(event)
    else parentPort.emit('message', event)
  } else if (message.closed) ports.get(message.port)?.close()
  else ports.get(message.port)?.postMessage(decode(message.data))
})
process.on('disconnect', () => process.exit(1))
process.parentPort = parentPort
