import { session } from '../../lib/state/session.svelte.ts'

/** As the core makes them: bands by columns, a byte each, lowest band first. */
export const THUMBNAIL = { rows: 48, columns: 96 } as const

const AT_ONCE = 3
const MOST_KEPT = 2000

type Grant = (picture: Uint8Array | null) => void
interface Wish {
  readonly clipId: number
  /** Undefined once nobody waits for it any more. */
  grant: Grant | undefined
}

/** Fetches thumbnails a few at a time, those asked for last first: what was scrolled past is not made any more. */
class Thumbnails {
  readonly #kept = new Map<number, Uint8Array>()
  readonly #wishes: Wish[] = []
  #going = 0

  /** @param grant - called at once or later, with null where there is no picture. @returns the way out */
  want(clipId: number, grant: Grant): () => void {
    const kept = this.#kept.get(clipId)
    if (kept) {
      grant(kept)
      return () => {}
    }
    const wish: Wish = { clipId, grant }
    this.#wishes.push(wish)
    void this.#next()
    return () => {
      wish.grant = undefined
      const place = this.#wishes.indexOf(wish)
      if (place >= 0) this.#wishes.splice(place, 1)
    }
  }

  async #next(): Promise<void> {
    if (this.#going >= AT_ONCE) return
    const wish = this.#wishes.pop()
    if (!wish) return
    this.#going++
    try {
      const picture = new Uint8Array(await session.media(`clips/${wish.clipId}/thumbnail`))
      this.#keep(wish.clipId, picture)
      wish.grant?.(picture)
    } catch {
      // Clips without audio have no picture; the panel of the clip says why.
      wish.grant?.(null)
    } finally {
      this.#going--
      void this.#next()
    }
  }

  #keep(clipId: number, picture: Uint8Array): void {
    this.#kept.set(clipId, picture)
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MOST_KEPT) break
      this.#kept.delete(oldest)
    }
  }
}

export const thumbnails = new Thumbnails()

/** Colours a thumbnail, highest band first. @param table - 256 RGBA values */
export function drawThumbnail(canvas: HTMLCanvasElement, picture: Uint8Array, table: Uint32Array): void {
  const { rows, columns } = THUMBNAIL
  canvas.width = columns
  canvas.height = rows
  const pixels = new Uint32Array(rows * columns)
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++)
      pixels[y * columns + x] = table[picture[(rows - 1 - y) * columns + x] ?? 0] ?? 0
  canvas
    .getContext('2d')
    ?.putImageData(new ImageData(new Uint8ClampedArray(pixels.buffer), columns, rows), 0, 0)
}
