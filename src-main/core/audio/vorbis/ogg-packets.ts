import { ensure } from './irregular.ts'
import { pageCrc } from './ogg-crc.ts'

/** A page's fields (RFC 3533, 6): their offsets from its `OggS`. */
const VERSION = 4
const FLAGS = 5
const GRANULE = 6
const SERIAL = 14
const SEQUENCE = 18
const CRC = 22
const SEGMENTS = 26
const TABLE = 27

const CONTINUED = 1
const FIRST = 2
const LAST = 4
const CAPTURE = 0x4f67_6753
const NO_GRANULE = -1n

export interface OggPacket {
  bytes: Uint8Array
  /** Where it is the last to end on its page: the position that the page states. */
  granule?: number
}

/**
 * The packets of a file that is one whole, undamaged stream from its first byte to its last (RFC 3533).
 * @throws Irregular where it is anything else
 */
export function oggPackets(file: Uint8Array): OggPacket[] {
  const view = new DataView(file.buffer, file.byteOffset, file.length)
  const packets: OggPacket[] = []
  let unfinished: Uint8Array | undefined
  let isLast = false
  for (let page = 0, sequence = 0; !isLast; sequence++) {
    const { flags, granule, table, body, end } = readPage(file, view, page, sequence)
    ensure(((flags & FIRST) !== 0) === (page === 0), 'it is more than one stream')
    ensure(((flags & CONTINUED) !== 0) === (unfinished !== undefined), 'a packet is cut off')
    let start = body
    let at = body
    let ended = 0
    for (const bytes of table) {
      at += bytes
      if (bytes === 255) continue
      packets.push({ bytes: joined(unfinished, file.subarray(start, at)) })
      unfinished = undefined
      start = at
      ended += 1
    }
    if (start < at || (ended === 0 && unfinished)) unfinished = joined(unfinished, file.subarray(start, at))
    ensure((granule === NO_GRANULE) === (ended === 0), 'a page has an odd position')
    const latest = packets.at(-1)
    if (ended > 0 && latest) latest.granule = Number(granule)
    isLast = (flags & LAST) !== 0
    page = end
    ensure(!isLast || (end === file.length && unfinished === undefined), 'it goes on behind its end')
  }
  return packets
}

function readPage(file: Uint8Array, view: DataView, page: number, sequence: number) {
  ensure(page + TABLE <= file.length && view.getUint32(page) === CAPTURE, 'a page is missing')
  ensure(view.getUint8(page + VERSION) === 0, 'a page has an unknown version')
  const body = page + TABLE + view.getUint8(page + SEGMENTS)
  ensure(body > page + TABLE && body <= file.length, 'a page is empty or cut off')
  const table = file.subarray(page + TABLE, body)
  const end = table.reduce((sum, bytes) => sum + bytes, body)
  ensure(end <= file.length, 'a page is cut off')
  ensure(view.getUint32(page + CRC, true) === pageCrc(file, page, end), 'a page is damaged')
  ensure(view.getUint32(page + SERIAL, true) === view.getUint32(SERIAL, true), 'it is more than one stream')
  ensure(view.getUint32(page + SEQUENCE, true) === sequence, 'a page is missing')
  const granule = view.getBigInt64(page + GRANULE, true)
  return { flags: view.getUint8(page + FLAGS), granule, table, body, end }
}

function joined(before: Uint8Array | undefined, rest: Uint8Array): Uint8Array {
  return before ? Buffer.concat([before, rest]) : rest
}
