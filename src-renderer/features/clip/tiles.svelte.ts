import type { TileWindow } from '../../../src-main/contract/recording.ts'
import {
  byteToDb,
  readTile,
  type Tile,
  type TileSource,
  type TileSpan,
} from '../../lib/components/spectrogram/tile.ts'
import { session } from '../../lib/state/session.svelte.ts'

/** Of one recording, the overview's not counted; each is up to a quarter of a megabyte. */
const MOST_TILES = 60

/** The tiles of one recording by one window: those that were needed last, and requests for others. */
export class ClipTiles implements TileSource {
  readonly sampleRateHz: number
  readonly frames: number
  readonly bins: number
  loudestDb = $state<number | null>(null)
  error = $state.raw<unknown>(null)
  readonly #clipId: number
  readonly #window: TileWindow
  /** Rises with every tile that arrives; whoever reads a tile reads this too. */
  #arrivals = $state(0)
  readonly #tiles = new Map<string, Tile>()
  readonly #asked = new Map<string, AbortController>()
  /** The first span that was asked for, which is all of the recording: it stands in for whatever is on its way. */
  #overview: number | null = null

  constructor(clip: { id: number; sampleRateHz: number; durationSeconds: number }, window: TileWindow) {
    this.#clipId = clip.id
    this.#window = window
    this.sampleRateHz = clip.sampleRateHz
    this.frames = Math.round(clip.durationSeconds * clip.sampleRateHz)
    this.bins = window / 2 + 1
  }

  tileAt(level: number, index: number): Tile | undefined {
    void this.#arrivals
    return this.#tiles.get(`${level}/${index}`)
  }

  want({ level, first, last }: TileSpan): void {
    this.#overview ??= level
    const wanted = new Set<string>()
    for (let index = first; index <= last; index++) wanted.add(`${level}/${index}`)
    for (const [key, request] of this.#asked)
      if (!wanted.has(key) && !key.startsWith(`${this.#overview}/`)) this.#takeBack(key, request)
    for (const key of wanted) {
      const known = this.#tiles.get(key)
      if (known) {
        // The newest in use is the last to go.
        this.#tiles.delete(key)
        this.#tiles.set(key, known)
      } else if (!this.#asked.has(key)) void this.#ask(key)
    }
  }

  /** Takes back whatever is on its way. */
  stop(): void {
    for (const [key, request] of this.#asked) this.#takeBack(key, request)
  }

  /** At once, so that it can be asked for again before the request has ended. */
  #takeBack(key: string, request: AbortController): void {
    this.#asked.delete(key)
    request.abort()
  }

  async #ask(key: string): Promise<void> {
    const request = new AbortController()
    this.#asked.set(key, request)
    try {
      const tile = readTile(
        await session.media(`clips/${this.#clipId}/tile/${this.#window}/${key}`, request.signal),
      )
      this.#tiles.set(key, tile)
      for (const old of this.#tiles.keys()) {
        if (this.#tiles.size <= MOST_TILES) break
        if (!old.startsWith(`${this.#overview}/`)) this.#tiles.delete(old)
      }
      if (tile.loudest > 0) this.loudestDb = Math.max(this.loudestDb ?? -Infinity, byteToDb(tile.loudest))
      this.error = null
      this.#arrivals++
    } catch (error) {
      if (!request.signal.aborted) this.error = error
    } finally {
      if (this.#asked.get(key) === request) this.#asked.delete(key)
    }
  }
}
