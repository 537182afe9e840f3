import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { SoundfoldError } from '../../src-main/contract/errors.ts'
import type { CoreEvent } from '../../src-main/contract/events.ts'
import type { Core } from '../../src-main/core/create-core.ts'
import { createClient } from '../../src-renderer/lib/backend/client.ts'
import { type TinyWorkspace, tinyWorkspace } from '../support/tiny-workspace.ts'
import { WIRES } from './wires.ts'

/** What every way to reach the core has to do alike: the page's client on one end, a real core on the other. */
describe.each(WIRES)('the contract over %s', (_name, serve) => {
  let workspace: TinyWorkspace
  let close: (() => Promise<void>) | undefined
  const log = vi.fn<(about: string, error: unknown) => void>()

  const connect = async (core: Core = workspace.core) => {
    const served = await serve(core, log)
    close = served.close
    return { ...served, client: createClient(served.wire) }
  }

  beforeAll(async () => {
    workspace = await tinyWorkspace()
  })
  afterAll(() => workspace.close())
  afterEach(async () => {
    await close?.()
    close = undefined
    log.mockReset()
  })

  it('answers a call with what the core says', async () => {
    const { client } = await connect()
    const info = await client.call('workspace.info', {})
    expect(info).toEqual(await workspace.core.call('workspace.info', {}))
    expect(info.folder).toBe(workspace.folder)
  })

  it('keeps the answers of calls that run at once apart', async () => {
    const { client } = await connect()
    const ids = [1, 2, 1, 2, 2, 1]
    const clips = await Promise.all(ids.map((clipId) => client.call('clips.get', { clipId })))
    expect(clips.map((clip) => clip.id)).toEqual(ids)
  })

  it('refuses wrong parameters and names the field', async () => {
    const { client } = await connect()
    const wrong = { clipId: 'one' } as unknown as { clipId: number }
    await expect(client.call('clips.get', wrong)).rejects.toMatchObject({
      name: 'SoundfoldError',
      code: 'invalid-input',
      message: expect.stringContaining('clipId'),
    })
    expect(log).not.toHaveBeenCalled()
  })

  it('carries a code, a message and a hint', async () => {
    const { client } = await connect()
    const unknown = { datasetId: 1, recipe: 'none' }
    const here = await workspace.core.call('features.status', unknown).catch((error: unknown) => error)
    const there = await client.call('features.status', unknown).catch((error: unknown) => error)
    expect(here).toBeInstanceOf(SoundfoldError)
    expect(there).toBeInstanceOf(SoundfoldError)
    expect(there).toEqual(here)
    expect(there).toMatchObject({ code: 'not-found', hint: expect.stringContaining('article') })
  })

  it('answers an unknown method with an error', async () => {
    const { client } = await connect()
    await expect(client.call('clips.steal' as 'clips.get', { clipId: 1 })).rejects.toMatchObject({
      code: 'invalid-input',
      message: 'There is no method "clips.steal".',
    })
    await expect(client.call('constructor' as 'clips.get', { clipId: 1 })).rejects.toMatchObject({
      code: 'invalid-input',
    })
  })

  it('answers a malformed message with an error for its id', async () => {
    const { wire } = await connect()
    const answer = Promise.withResolvers<unknown>()
    wire.onMessage(answer.resolve)
    wire.send({ type: 'ask', id: 7, method: 'workspace.info' } as never)
    expect(await answer.promise).toMatchObject({ type: 'error', id: 7, error: { code: 'invalid-input' } })
  })

  it('closes the connection on a message that no answer could name', async () => {
    const { client, wire } = await connect()
    const hanging = client.call('engines.probe', { benchmark: true })
    wire.send('hello' as never)
    await expect(hanging).rejects.toMatchObject({ code: 'internal' })
    expect(log).toHaveBeenCalled()
  })

  it('brings events, and none after unsubscribing', async () => {
    const { client } = await connect()
    const heard: string[] = []
    const ended = Promise.withResolvers<void>()
    const off = client.on('job', (job) => {
      heard.push(job.status)
      if (job.status === 'succeeded') ended.resolve()
    })
    await client.call('datasets.validate', { datasetId: 1 })
    await ended.promise
    expect(heard.at(-1)).toBe('succeeded')

    off()
    const count = heard.length
    const second = Promise.withResolvers<void>()
    client.on('changed', () => second.resolve())
    await client.call('datasets.validate', { datasetId: 1 })
    await second.promise
    expect(heard).toHaveLength(count)
  })

  it('brings a cancel to the signal of the method and rejects at once', async () => {
    const core = probe()
    const { client } = await connect(core)
    const abort = new AbortController()
    const call = client.call('engines.probe', {}, abort.signal)
    const reached = await core.started
    abort.abort()
    await expect(call).rejects.toMatchObject({ code: 'cancelled' })
    await vi.waitFor(() => expect(reached.aborted).toBe(true))
    // The late answer to a cancelled call disturbs nothing.
    expect(await client.call('datasets.list', {})).toEqual([])
  })

  it('does not send a call that was cancelled before', async () => {
    const core = probe()
    const { client } = await connect(core)
    await expect(client.call('engines.probe', {}, AbortSignal.abort())).rejects.toMatchObject({
      code: 'cancelled',
    })
    await client.call('datasets.list', {})
    expect(core.calls).toEqual(['datasets.list'])
  })

  it('aborts what is open when the page goes away', async () => {
    const core = probe()
    const { client } = await connect(core)
    const call = client.call('engines.probe', {}).catch((error: unknown) => error)
    const reached = await core.started
    client.close()
    await vi.waitFor(() => expect(reached.aborted).toBe(true))
    expect(await call).toMatchObject({ code: 'internal' })
    await vi.waitFor(() => expect(core.listeners.size).toBe(0))
  })

  it('rejects open and later calls when the host goes away', async () => {
    const { client, cut } = await connect(probe())
    const call = client.call('engines.probe', {}).catch((error: unknown) => error)
    await delay(50)
    cut()
    expect(await call).toMatchObject({ code: 'internal', message: expect.stringContaining('connection') })
    await expect(client.call('datasets.list', {})).rejects.toMatchObject({ code: 'internal' })
  })

  it('answers with an error when a result can’t be sent', async () => {
    const { client } = await connect(probe())
    await expect(client.call('runs.list', {})).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('runs.list'),
    })
    expect(log).toHaveBeenCalledOnce()
    expect(await client.call('datasets.list', {})).toEqual([])
  })

  it('shows an unexpected error by its message and logs it whole', async () => {
    const { client } = await connect(probe())
    await expect(client.call('training.presets', {})).rejects.toMatchObject({
      code: 'internal',
      message: 'disk on fire',
    })
    const [about, error] = log.mock.calls[0] ?? []
    expect(about).toBe('training.presets')
    expect(error).toMatchObject({ message: 'disk on fire', stack: expect.stringContaining('contract.test') })
  })

  it('rejects an answer of another form than agreed', async () => {
    const { client } = await connect(probe())
    await expect(client.call('jobs.list', {})).rejects.toMatchObject({ code: 'internal' })
  })
})

/** A core whose methods do what a working one does seldom: hang, fail, answer nonsense. */
function probe() {
  const started = Promise.withResolvers<AbortSignal>()
  const listeners = new Set<(event: CoreEvent) => void>()
  const calls: string[] = []
  const circular: { self?: unknown; size: bigint; act: () => void } = { size: 1n, act: () => {} }
  circular.self = circular
  const answers: Record<string, (signal: AbortSignal) => unknown> = {
    'datasets.list': () => [],
    'engines.probe': (signal) => {
      started.resolve(signal)
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    },
    'runs.list': () => circular,
    'jobs.list': () => ({ nonsense: true }),
    'training.presets': () => {
      throw new Error('disk on fire')
    },
  }
  const core: Core = {
    async call(method, _input, signal = new AbortController().signal) {
      calls.push(method)
      return (await answers[method]?.(signal)) as never
    },
    on(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    media: { open: () => Promise.reject(new SoundfoldError('not-found', 'Nothing here.')) },
    close: async () => {},
  }
  return { ...core, started: started.promise, listeners, calls }
}
