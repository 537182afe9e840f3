import { access, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SoundfoldError } from '../../contract/errors.ts'
import {
  type Measurements,
  type RecordingInfo,
  recordingInfoSchema,
  TILE_LEVELS,
  TILE_WINDOWS,
} from '../../contract/recording.ts'
import type { AudioClip } from '../features/feature-store.ts'
import type { WorkerPool } from '../features/worker-pool.ts'
import type { MeasureRequest } from './measure.ts'
import type { OutlineTask } from './recording-tasks.ts'
import { reachOf } from './sample-source.ts'
import type { TileRequest } from './tile.ts'

/** Of one request: a picture's width of samples at the finest. */
export const MOST_SAMPLES = 2 ** 18
export const MOST_WAVE_BYTES = 2 ** 20
const SKETCH_BUCKETS = 1500

/**
 * What the page of a clip shows of recordings of any length, made in the feature threads and kept in the workspace's `features`:
 * outlines (`waves/`), tiles of long ones (`tiles/`), and decoded copies of long compressed ones (`decoded/`), since those can't be
 * read from any place on.
 */
export class Recordings {
  readonly #folder: string
  readonly #pool: WorkerPool
  /** Passes under way, by content, and how many wait for each. */
  readonly #passes = new Map<string, Pass>()
  readonly #tiles: Turns
  readonly #reach = new Map<string, Awaited<ReturnType<typeof reachOf>>>()

  constructor(workspaceFolder: string, pool: WorkerPool) {
    this.#folder = join(workspaceFolder, 'features')
    this.#pool = pool
    this.#tiles = new Turns(pool.threads)
  }

  /** Made by one pass over the recording the first time. */
  async info(clip: AudioClip, signal: AbortSignal): Promise<RecordingInfo> {
    const text = await readFile(this.#path(clip, 'waves', 'json'), 'utf8').catch(() => undefined)
    const stored = text === undefined ? undefined : recordingInfoSchema.safeParse(parsedJson(text)).data
    if (stored && (await this.#hasCopy(clip))) return stored
    return this.#pass(clip, signal)
  }

  /** A part of the outline's levels, see `RecordingInfo`; shorter where they end. */
  async wave(clip: AudioClip, fromByte: number, count: number, signal: AbortSignal): Promise<Uint8Array> {
    if (count > MOST_WAVE_BYTES)
      throw new SoundfoldError('invalid-input', `At most ${MOST_WAVE_BYTES} bytes are read at once.`)
    await this.info(clip, signal)
    const file = await open(this.#path(clip, 'waves', 'i16'))
    try {
      const bytes = new Uint8Array(count)
      const { bytesRead } = await file.read(bytes, 0, count, fromByte)
      return bytes.subarray(0, bytesRead)
    } finally {
      await file.close()
    }
  }

  /** @throws SoundfoldError not-found for a window or level that there is not */
  async tile(clip: AudioClip, request: TileRequest, signal: AbortSignal): Promise<Uint8Array> {
    if (!TILE_WINDOWS.includes(request.window) || request.level >= TILE_LEVELS)
      throw new SoundfoldError('not-found', 'There is no such tile.')
    const audioPath = await this.readablePath(clip, signal)
    const { window, level, index } = request
    const name = `${clip.contentHash}-${window}-${level}-${index}`
    const { long } = await this.#reachOf(clip)
    const outputPath = long ? join(this.#folder, 'tiles', clip.contentHash.slice(0, 2), `${name}.u8`) : null
    const stored = outputPath === null ? undefined : await readFile(outputPath).catch(() => undefined)
    if (stored) return stored
    // Aborting one that runs would cost its thread; one that only waits is taken back.
    return this.#tiles.run(signal, () => this.#pool.run('tile', { audioPath, request, outputPath }))
  }

  async samples(clip: AudioClip, from: number, count: number, signal: AbortSignal): Promise<Uint8Array> {
    if (count > MOST_SAMPLES)
      throw new SoundfoldError('invalid-input', `At most ${MOST_SAMPLES} samples are read at once.`)
    const audioPath = await this.readablePath(clip, signal)
    return this.#tiles.run(signal, () => this.#pool.run('samples', { audioPath, from, count }))
  }

  async sketch(clip: AudioClip, signal: AbortSignal): Promise<Uint8Array> {
    const audioPath = await this.readablePath(clip, signal)
    return this.#tiles.run(signal, () => this.#pool.run('sketch', { audioPath, buckets: SKETCH_BUCKETS }))
  }

  async measure(clip: AudioClip, request: MeasureRequest, signal: AbortSignal): Promise<Measurements> {
    const audioPath = await this.readablePath(clip, signal)
    return this.#pool.run('measure', { audioPath, request }, signal)
  }

  /** The clip's file, or the decoded copy of one that can't be read from any place on. */
  async readablePath(clip: AudioClip, signal: AbortSignal): Promise<string> {
    if ((await this.#reachOf(clip)).readable) return clip.path
    if (!(await this.#hasCopy(clip))) await this.#pass(clip, signal)
    return this.#path(clip, 'decoded', 'wav')
  }

  async isLong(clip: AudioClip): Promise<boolean> {
    return (await this.#reachOf(clip)).long
  }

  async #reachOf({ contentHash, path }: AudioClip) {
    const reach = this.#reach.get(contentHash) ?? (await reachOf(path))
    this.#reach.set(contentHash, reach)
    return reach
  }

  async #hasCopy(clip: AudioClip): Promise<boolean> {
    if ((await this.#reachOf(clip)).readable) return true
    return access(this.#path(clip, 'decoded', 'wav')).then(
      () => true,
      () => false,
    )
  }

  /** One pass serves all who wait for it, and ends when nobody does any more. */
  async #pass(clip: AudioClip, signal: AbortSignal): Promise<RecordingInfo> {
    signal.throwIfAborted()
    const key = clip.contentHash
    const pass = this.#passes.get(key) ?? this.#startPass(clip)
    pass.waiting += 1
    const leave = Promise.withResolvers<never>()
    const onAbort = () => leave.reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      return await Promise.race([pass.result, leave.promise])
    } finally {
      signal.removeEventListener('abort', onAbort)
      pass.waiting -= 1
      if (pass.waiting === 0) {
        this.#forget(key, pass)
        pass.stop.abort()
      }
    }
  }

  #startPass(clip: AudioClip): Pass {
    const stop = new AbortController()
    const task = async (): Promise<OutlineTask> => ({
      audioPath: clip.path,
      wavePath: this.#path(clip, 'waves', 'i16'),
      infoPath: this.#path(clip, 'waves', 'json'),
      copyPath: (await this.#reachOf(clip)).readable ? null : this.#path(clip, 'decoded', 'wav'),
    })
    const result = task().then((made) =>
      this.#pool.run<OutlineTask, RecordingInfo>('outline', made, stop.signal),
    )
    const pass = { waiting: 0, stop, result }
    this.#passes.set(clip.contentHash, pass)
    // Whoever waits hears of a failure; nobody may wait any more.
    result.catch(() => {}).finally(() => this.#forget(clip.contentHash, pass))
    return pass
  }

  #forget(key: string, pass: Pass): void {
    if (this.#passes.get(key) === pass) this.#passes.delete(key)
  }

  #path({ contentHash }: AudioClip, part: 'waves' | 'decoded', ending: string): string {
    return join(this.#folder, part, contentHash.slice(0, 2), `${contentHash}.${ending}`)
  }
}

interface Pass {
  waiting: number
  readonly stop: AbortController
  readonly result: Promise<RecordingInfo>
}

/** Some at once, the others in their order; one that is aborted before its turn is never begun. */
class Turns {
  #free: number
  readonly #queue: (() => void)[] = []

  constructor(atOnce: number) {
    this.#free = atOnce
  }

  async run<R>(signal: AbortSignal, work: () => Promise<R>): Promise<R> {
    if (this.#free > 0) this.#free -= 1
    else await this.#turn(signal)
    try {
      signal.throwIfAborted()
      return await work()
    } finally {
      const next = this.#queue.shift()
      if (next) next()
      else this.#free += 1
    }
  }

  /** The one who gets it has the place of the one before. */
  #turn(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const go = () => {
      signal.removeEventListener('abort', give)
      resolve()
    }
    const give = () => {
      const index = this.#queue.indexOf(go)
      if (index >= 0) this.#queue.splice(index, 1)
      reject(signal.reason)
    }
    signal.addEventListener('abort', give, { once: true })
    this.#queue.push(go)
    return promise
  }
}

/** Undefined for what is no JSON: a damaged file is made again. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
