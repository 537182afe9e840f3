import { inSteps } from '../steps.ts'
import { TEXT } from './text.wasm.ts'

const NEWLINE = 10
const PAGE_BYTES = 65_536
/** Of the longest part that can be looked for. */
const MOST_PART_BYTES = 4096

/** The same letters whatever their case. */
export const folded = (text: string) => text.toLowerCase().replaceAll('\n', ' ')

/** Folded all at once, each ended by a newline. */
export const foldedLines = (texts: readonly string[]) =>
  `${(texts.some((text) => text.includes('\n')) ? texts.map(folded) : texts).join('\n')}\n`.toLowerCase()

/** See src-wasm/text.ts. */
interface TextSearch {
  markRows(
    text: number,
    ends: number,
    first: number,
    end: number,
    part: number,
    length: number,
    marks: number,
  ): void
}

/**
 * Texts to be searched for a part: all in one piece of WebAssembly's memory, in lower case, each ended by a newline. There lie the part,
 * the places where rows end, the marks, then the text.
 */
export class TextColumn {
  readonly #rows: number
  readonly #bytes: Buffer
  readonly #ends: Uint32Array
  readonly #marks: Uint8Array
  readonly #part: Uint8Array
  readonly #search: TextSearch
  /** What the marks are of. */
  #searched: string | undefined

  private constructor(rows: number, textBytes: number) {
    const ends = MOST_PART_BYTES
    const marks = ends + 4 * rows
    const text = marks + rows
    // Behind the text as much as a search may read.
    const pages = Math.ceil((text + textBytes + MOST_PART_BYTES + 16) / PAGE_BYTES)
    const memory = new WebAssembly.Memory({ initial: pages })
    this.#rows = rows
    this.#part = new Uint8Array(memory.buffer, 0, MOST_PART_BYTES)
    this.#ends = new Uint32Array(memory.buffer, ends, rows)
    this.#marks = new Uint8Array(memory.buffer, marks, rows)
    this.#bytes = Buffer.from(memory.buffer, text, textBytes)
    this.#search = instantiate(memory)
  }

  /** @param parts - each of some rows' texts, folded, each ended by a newline */
  static async of(parts: readonly Buffer[], rows: number, signal?: AbortSignal): Promise<TextColumn> {
    const column = new TextColumn(
      rows,
      parts.reduce((bytes, part) => bytes + part.length, 0),
    )
    const bytes = column.#bytes
    const ends = column.#ends
    let copied = 0
    for (const part of parts) {
      bytes.set(part, copied)
      copied += part.length
    }
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
    return column
  }

  /** The folded text of a row. */
  at(row: number): string {
    const start = row === 0 ? 0 : (this.#ends[row - 1] ?? 0) + 1
    return this.#bytes.toString('utf8', start, this.#ends[row] ?? 0)
  }

  /**
   * Looks for a part, folded.
   * @returns 1 for each row that has it; kept until the next search
   * @throws RangeError for a part of more than 4096 bytes
   */
  async having(part: string, signal?: AbortSignal): Promise<Uint8Array> {
    if (part === this.#searched) return this.#marks
    this.#searched = undefined
    const bytes = Buffer.from(part)
    if (bytes.length > MOST_PART_BYTES) throw new RangeError(`A part of ${bytes.length} bytes is too long.`)
    this.#marks.fill(bytes.length === 0 ? 1 : 0)
    this.#part.set(bytes)
    const { byteOffset: text } = this.#bytes
    const { byteOffset: ends } = this.#ends
    const { byteOffset: marks } = this.#marks
    const { byteOffset: place } = this.#part
    if (bytes.length > 0)
      await inSteps(
        this.#rows,
        (first, end) => this.#search.markRows(text, ends, first, end, place, bytes.length, marks),
        signal,
      )
    this.#searched = part
    return this.#marks
  }
}

let compiled: WebAssembly.Module | undefined

function instantiate(memory: WebAssembly.Memory): TextSearch {
  compiled ??= new WebAssembly.Module(Buffer.from(TEXT, 'base64'))
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } })
  if (!isTextSearch(exports)) throw new Error('the search is not that of src-wasm/text.ts')
  return exports
}

const isTextSearch = (exports: object): exports is TextSearch => 'markRows' in exports
