import { SoundfoldError } from '../../../contract/errors.ts'
import { malformed } from './format.ts'

/** A million annotations stay well below this. */
export const MAX_BYTES = 128 * 1024 * 1024

/**
 * The text of an annotation file: UTF-8, or UTF-16 of either byte order where it begins with a byte order mark (as Praat
 * writes it). Nothing is guessed.
 * @throws SoundfoldError malformed-annotations, naming the line that can't be read
 */
export function decodeText(bytes: Uint8Array, name: string): string {
  if (bytes.length > MAX_BYTES)
    throw new SoundfoldError('malformed-annotations', `${name} is larger than ${MAX_BYTES / 1024 ** 2} MB.`, {
      hint: 'Part it into several files.',
    })
  const [first, second] = bytes
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8'
  let text: string
  try {
    text = new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch {
    const line = firstBadLine(bytes, encoding)
    throw malformed(name, line, `it is not ${encoding.toUpperCase()} text; save the file as UTF-8`)
  }
  const binary = text.indexOf('\0')
  if (binary >= 0)
    throw malformed(
      name,
      text.slice(0, binary).split('\n').length,
      'it is not text, or UTF-16 without a byte order mark; save the file as UTF-8',
    )
  return text
}

/** By halves: the longest beginning that decodes. */
function firstBadLine(bytes: Uint8Array, encoding: string): number {
  let good = 0
  let bad = bytes.length
  const decoder = new TextDecoder(encoding, { fatal: true })
  const decodes = (length: number) => {
    try {
      decoder.decode(bytes.subarray(0, length), { stream: true })
      return true
    } catch {
      return false
    } finally {
      // A decoder that failed keeps no state; one that did not may hold half a character.
      try {
        decoder.decode()
      } catch {}
    }
  }
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    if (decodes(middle)) good = middle
    else bad = middle
  }
  return new TextDecoder(encoding).decode(bytes.subarray(0, good)).split('\n').length
}

/** Lines without their ends, whichever of the three the file uses. */
export const linesOf = (text: string): string[] => text.split(/\r\n|\n|\r/)
