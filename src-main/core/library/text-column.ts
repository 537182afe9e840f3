import { inSteps } from './steps.ts'

const NEWLINE = 10
/** Where more than one row in so many fits, looking at each byte is faster than a call for each find. */
const DENSE = 32
/** Rows that are looked at to know which it is. */
const SAMPLE = 2000

/** The same letters whatever their case. */
export const folded = (text: string) => text.toLowerCase().replaceAll('\n', ' ')

/** Texts to be searched for a part: all in one piece of memory, in lower case, each ended by a newline. */
export class TextColumn {
  readonly #bytes: Buffer
  /** Where each row ends: the place of its newline. */
  readonly #ends: Uint32Array

  private constructor(bytes: Buffer, ends: Uint32Array) {
    this.#bytes = bytes
    this.#ends = ends
  }

  /** @param parts - each of some rows' texts, folded, each ended by a newline */
  static async of(parts: readonly Buffer[], rows: number, signal?: AbortSignal): Promise<TextColumn> {
    const bytes = Buffer.concat(parts)
    const ends = new Uint32Array(rows)
    let at = 0
    await inSteps(
      rows,
      (first, end) => {
        for (let row = first; row < end; row++) {
          while (bytes[at] !== NEWLINE) at++
          ends[row] = at++
        }
      },
      signal,
    )
    return new TextColumn(bytes, ends)
  }

  /** The folded text of a row. */
  at(row: number): string {
    return this.#bytes.toString('utf8', startOf(this.#ends, row), this.#ends[row] ?? 0)
  }

  /** Marks rows whose text has the part: 1 in `marks`. */
  async mark(part: string, marks: Uint8Array, signal?: AbortSignal): Promise<void> {
    const needle = Buffer.from(folded(part))
    if (needle.length === 0) return
    const rows = this.#ends.length
    const sample = Math.min(rows, SAMPLE)
    const dense = markByBytes(this.#bytes, this.#ends, needle, marks, 0, sample) * DENSE > sample
    const search = dense ? markByBytes : markByFinds
    await inSteps(
      rows,
      (first, end) => {
        search(this.#bytes, this.#ends, needle, marks, first, end)
      },
      signal,
    )
  }
}

const startOf = (ends: Uint32Array, row: number) => (row === 0 ? 0 : (ends[row - 1] ?? 0) + 1)

/** @returns how many rows of `[first, end)` have the needle */
function markByFinds(
  bytes: Buffer,
  ends: Uint32Array,
  needle: Buffer,
  marks: Uint8Array,
  first: number,
  end: number,
): number {
  const part = bytes.subarray(0, ends[end - 1] ?? 0)
  let row = first
  let finds = 0
  let found = part.indexOf(needle, startOf(ends, first))
  while (found >= 0) {
    while ((ends[row] ?? 0) < found) row++
    marks[row] = 1
    finds++
    found = part.indexOf(needle, ends[row] ?? 0)
  }
  return finds
}

/** The same by the needle's last bytes, up to four of them, that slide over the text as one number. */
function markByBytes(
  bytes: Buffer,
  ends: Uint32Array,
  needle: Buffer,
  marks: Uint8Array,
  first: number,
  end: number,
): number {
  const length = needle.length
  const tail = needle.subarray(-4)
  const wanted = tail.reduce((value, byte) => (value << 8) | byte, 0)
  const mask = tail.reduce((value) => (value << 8) | 0xff, 0)
  const rest = length - tail.length
  const stop = ends[end - 1] ?? 0
  let row = first
  let finds = 0
  let window = 0
  for (let place = startOf(ends, first); place < stop; place++) {
    window = (window << 8) | (bytes[place] ?? 0)
    if ((window & mask) !== wanted) continue
    const start = place + 1 - length
    let same = 0
    while (same < rest && bytes[start + same] === needle[same]) same++
    if (same < rest) continue
    while ((ends[row] ?? 0) < place) row++
    marks[row] = 1
    finds++
    place = ends[row] ?? stop
    window = 0
  }
  return finds
}
