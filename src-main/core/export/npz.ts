import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ZipFile } from 'yazl'

/** A whole `.npy` file, or one that is too large for memory, in pieces. */
export type NpzArray = Uint8Array | { sizeBytes: number; pieces: AsyncIterable<Uint8Array> }

/** As np.savez dates its entries, so that the same arrays give the same bytes. */
const DATED = { mtime: new Date(1980, 0, 1), forceDosTimestamp: true }
/** From here on sizes need ZIP64. */
const ZIP64_BYTES = 0xffff_ffff

/**
 * Writes arrays as `np.load` reads them: a ZIP with an entry `NAME.npy` for each. Whole ones are deflated, those in pieces
 * stored as they come, so that memory does not grow with them.
 * @param signal - checked between pieces; the file is left unfinished then
 * @throws Error of a source, of the disk, or when pieces have another size than stated; the signal's reason
 */
export async function writeNpz(
  path: string,
  arrays: Readonly<Record<string, NpzArray>>,
  signal: AbortSignal,
): Promise<void> {
  const zip = new ZipFile()
  const target = createWriteStream(path, { flush: true })
  // The archive's output does not fail by itself, neither for the archive's errors nor for those of its sources.
  const fail = (error: Error) => void target.destroy(error)
  zip.on('error', fail)
  const sources: Readable[] = []
  for (const [name, array] of Object.entries(arrays)) {
    if (array instanceof Uint8Array) zip.addBuffer(Buffer.from(array), `${name}.npy`, DATED)
    else {
      const source = Readable.from(array.pieces, { objectMode: false })
      source.on('error', fail)
      sources.push(source)
      const forceZip64Format = array.sizeBytes >= ZIP64_BYTES
      zip.addReadStream(source, `${name}.npy`, {
        ...DATED,
        size: array.sizeBytes,
        compress: false,
        forceZip64Format,
      })
    }
  }
  zip.end()
  try {
    await pipeline(zip.outputStream, target, { signal })
  } finally {
    for (const source of sources) source.destroy()
  }
}
