import { describe, expect, it } from 'vitest'
import { SharedWork } from '../../src-main/core/shared-work.ts'

const never = new AbortController().signal

/** Work that ends when it is told to, and says whether it was stopped. */
function held() {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let [begun, stopped] = [0, false]
  const make = (signal: AbortSignal) => {
    begun += 1
    signal.addEventListener('abort', () => {
      stopped = true
      reject(signal.reason)
    })
    return promise
  }
  return { make, resolve, reject, begun: () => begun, isStopped: () => stopped }
}

describe('shared work', () => {
  it('is done once for all who ask meanwhile or later', async () => {
    const [shared, work] = [new SharedWork<string>(2), held()]
    const both = [shared.get('a', work.make, never), shared.get('a', work.make, never)]
    work.resolve('done')
    expect(await Promise.all(both)).toEqual(['done', 'done'])
    expect(await shared.get('a', work.make, never)).toBe('done')
    expect(work.begun()).toBe(1)
  })

  it('goes on while somebody waits, and is stopped when nobody does', async () => {
    const [shared, work] = [new SharedWork<string>(2), held()]
    const [first, second] = [new AbortController(), new AbortController()]
    const one = shared.get('a', work.make, first.signal)
    const other = shared.get('a', work.make, second.signal)
    first.abort(new Error('gone'))
    await expect(one).rejects.toThrow('gone')
    expect(work.isStopped()).toBe(false)
    second.abort(new Error('gone too'))
    await expect(other).rejects.toThrow('gone too')
    expect(work.isStopped()).toBe(true)
    expect(await shared.get('a', async () => 'anew', never)).toBe('anew')
  })

  it('is tried again after an error, and forgets what was not asked for the longest', async () => {
    const shared = new SharedWork<string>(2)
    await expect(shared.get('a', () => Promise.reject(new Error('no')), never)).rejects.toThrow('no')
    const made: string[] = []
    const ask = (key: string) =>
      shared.get(
        key,
        async () => {
          made.push(key)
          return key
        },
        never,
      )
    for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await ask(key)
    expect(made).toEqual(['a', 'b', 'c', 'b'])
  })
})
