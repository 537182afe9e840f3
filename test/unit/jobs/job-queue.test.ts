import { describe, expect, it } from 'vitest'
import { SoundfoldError } from '../../../src-main/contract/errors.ts'
import type { Job } from '../../../src-main/contract/job.ts'
import { JobQueue, type JobRequest, type JobStore } from '../../../src-main/core/jobs/job-queue.ts'

function memoryStore(): JobStore & { rows: Map<number, Job> } {
  const rows = new Map<number, Job>()
  return {
    rows,
    insert(job) {
      const row = { ...job, id: rows.size + 1 }
      rows.set(row.id, row)
      return row
    },
    update: (job) => void rows.set(job.id, job),
    get: (id) => rows.get(id),
    list: (limit) => [...rows.values()].reverse().slice(0, limit),
  }
}

const untilAborted = (signal: AbortSignal) =>
  new Promise<void>((_, reject) =>
    signal.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError'))),
  )

function until(queue: JobQueue, id: number, status: Job['status']): Promise<Job> {
  return expect
    .poll(() => queue.get(id).status)
    .toBe(status)
    .then(() => queue.get(id))
}

describe('job queue', () => {
  it('runs jobs one at a time in order and keeps their results', async () => {
    const store = memoryStore()
    const queue = new JobQueue(store, () => {})
    const order: string[] = []
    const work = (name: string) => async () => {
      order.push(`${name} starts`)
      await new Promise((resolve) => setTimeout(resolve, 5))
      order.push(`${name} ends`)
      return { name }
    }
    const first = queue.start({ kind: 'import', title: 'a', work: work('a') })
    const second = queue.start({ kind: 'import', title: 'b', work: work('b') })
    expect(queue.get(second.id).status).toBe('queued')
    await until(queue, second.id, 'succeeded')
    expect(order).toEqual(['a starts', 'a ends', 'b starts', 'b ends'])
    expect(store.rows.get(first.id)).toMatchObject({ status: 'succeeded', result: { name: 'a' } })
  })

  it('a failure keeps its code and does not stop the next job', async () => {
    const queue = new JobQueue(memoryStore(), () => {})
    const bad = queue.start({
      kind: 'import',
      title: 'bad',
      work: async () => {
        throw new SoundfoldError('not-a-dataset', 'No metadata in there.', { hint: 'Choose another folder.' })
      },
    })
    const good = queue.start({ kind: 'import', title: 'good', work: async () => 1 })
    await until(queue, good.id, 'succeeded')
    expect(queue.get(bad.id)).toMatchObject({
      status: 'failed',
      error: { code: 'not-a-dataset', hint: 'Choose another folder.' },
    })
  })

  it('cancels a running and a waiting job, and leaves ended ones alone', async () => {
    const queue = new JobQueue(memoryStore(), () => {})
    const running = queue.start({ kind: 'train', title: 'r', work: ({ signal }) => untilAborted(signal) })
    const dropped: string[] = []
    const waiting = queue.start({
      kind: 'train',
      title: 'w',
      work: async () => 'never',
      dropped: (status) => dropped.push(status),
    })
    await until(queue, running.id, 'running')
    expect((await queue.stop(waiting.id, 'cancelled')).status).toBe('cancelled')
    expect((await queue.stop(running.id, 'cancelled')).status).toBe('cancelled')
    expect((await queue.stop(running.id, 'cancelled')).status).toBe('cancelled')
    expect(queue.busy).toBe(false)
    expect(dropped).toEqual(['cancelled'])
  })

  it('pauses like that, under another name', async () => {
    const queue = new JobQueue(memoryStore(), () => {})
    const seen: string[] = []
    const work: JobRequest['work'] = async ({ signal, stopped }) => {
      try {
        await untilAborted(signal)
      } finally {
        seen.push(stopped())
      }
    }
    const running = queue.start({ kind: 'train', title: 'r', work })
    const waiting = queue.start({
      kind: 'train',
      title: 'w',
      work: async () => 'never',
      dropped: (status) => seen.push(status),
    })
    await until(queue, running.id, 'running')
    expect((await queue.stop(waiting.id, 'paused')).status).toBe('paused')
    expect((await queue.stop(running.id, 'paused')).status).toBe('paused')
    expect(seen).toEqual(['paused', 'paused'])
  })

  it('runs waiting jobs in the order that they are moved to', async () => {
    const places = new Map<string, number | null>()
    const queue = new JobQueue(memoryStore(), ({ title, queuePlace }) => places.set(title, queuePlace))
    const ran: string[] = []
    const gate = Promise.withResolvers<void>()
    const add = (title: string, before?: Promise<void>) =>
      queue.start({
        kind: 'train',
        title,
        work: async () => {
          await before
          ran.push(title)
        },
      })
    const first = add('first', gate.promise)
    const ids = ['a', 'b', 'c', 'd'].map((title) => add(title).id)
    await until(queue, first.id, 'running')
    expect(Object.fromEntries(places)).toEqual({ first: null, a: 0, b: 1, c: 2, d: 3 })
    const [a = 0, , , d = 0] = ids
    expect(queue.move(d, 0).queuePlace).toBe(0)
    expect(queue.move(a, 99).queuePlace).toBe(3)
    expect(Object.fromEntries(places)).toEqual({ first: null, d: 0, b: 1, c: 2, a: 3 })
    expect(() => queue.move(first.id, 0)).toThrow(/does not wait/)
    expect(() => queue.move(99, 0)).toThrow(/no job/)
    gate.resolve()
    await until(queue, a, 'succeeded')
    expect(ran).toEqual(['first', 'd', 'b', 'c', 'a'])
    expect([...places.values()]).toEqual([null, null, null, null, null])
  })

  it('closing leaves what ran or waited as interrupted', async () => {
    const queue = new JobQueue(memoryStore(), () => {})
    const running = queue.start({ kind: 'train', title: 'r', work: ({ signal }) => untilAborted(signal) })
    const waiting = queue.start({ kind: 'train', title: 'w', work: async () => 'never' })
    await until(queue, running.id, 'running')
    await queue.close()
    expect(queue.get(running.id).status).toBe('interrupted')
    expect(queue.get(waiting.id).status).toBe('interrupted')
    expect(() => queue.start({ kind: 'train', title: 'x', work: async () => 0 })).toThrow(/closing/)
  })

  it('tells at most ten times a second, but every step and the end', async () => {
    const told: Job[] = []
    const queue = new JobQueue(memoryStore(), (job) => told.push(job))
    const job = queue.start({
      kind: 'features',
      title: 'f',
      work: async ({ progress }) => {
        for (let i = 0; i < 10_000; i++) progress('First', i, 10_000)
        for (let i = 0; i < 10_000; i++) progress('Second', i, 10_000)
      },
    })
    await until(queue, job.id, 'succeeded')
    expect(told.length).toBeLessThan(30)
    expect(told.map((j) => j.step)).toEqual(expect.arrayContaining(['First', 'Second']))
    expect(told.at(-1)).toMatchObject({ status: 'succeeded', done: 10_000 })
  })
})
