/** Ogg Vorbis files around given packets, for files that no encoder writes. */

/** Bytes of a lacing value that another of the same packet follows. */
const FULL = 255
const MOST_SEGMENTS = 255
const HEADERS = 3

interface Segment {
  bytes: Uint8Array
  packet: number
  startsPacket: boolean
  endsPacket: boolean
}

interface PageFields {
  flags: number
  granule: bigint
  sequence: number
}

/**
 * One stream of pages (RFC 3533) whose checksums are right, whatever the packets hold.
 * @param granules - of each packet, the position where it ends
 * @param segments - of a page, 1 … 255
 */
export function oggFile(
  packets: readonly Uint8Array[],
  granules: readonly number[],
  segments = MOST_SEGMENTS,
): Buffer {
  const all = packets.flatMap((bytes, packet) => segmentsOf(bytes, packet))
  const pages: Buffer[] = []
  for (let start = 0; start < all.length; ) {
    let end = start
    let ended: number | undefined
    let isFull = false
    while (end < all.length && !isFull) {
      const segment = all[end++]
      if (segment?.endsPacket) ended = segment.packet
      // The first header has a page of its own, and sound begins on a new one.
      const endsHeaders = segment?.endsPacket && (segment.packet === 0 || segment.packet === HEADERS - 1)
      isFull = end - start === segments || endsHeaders === true
    }
    const isContinued = all[start]?.startsPacket === false
    const flags = Number(isContinued) | (start === 0 ? 2 : 0) | (end === all.length ? 4 : 0)
    const granule = BigInt(ended === undefined ? -1 : (granules[ended] ?? 0))
    const fields = { flags, granule, sequence: pages.length }
    pages.push(
      oggPage(
        fields,
        all.slice(start, end).map(({ bytes }) => bytes),
      ),
    )
    start = end
  }
  return Buffer.concat(pages)
}

function segmentsOf(bytes: Uint8Array, packet: number): Segment[] {
  const count = Math.floor(bytes.length / FULL) + 1
  return Array.from({ length: count }, (_, index) => ({
    bytes: bytes.subarray(FULL * index, FULL * (index + 1)),
    packet,
    startsPacket: index === 0,
    endsPacket: index === count - 1,
  }))
}

function oggPage({ flags, granule, sequence }: PageFields, segments: readonly Uint8Array[]): Buffer {
  const header = Buffer.alloc(27)
  header.write('OggS', 'latin1')
  header.writeUInt8(flags, 5)
  header.writeBigInt64LE(granule, 6)
  header.writeUInt32LE(1, 14)
  header.writeUInt32LE(sequence, 18)
  header.writeUInt8(segments.length, 26)
  const page = Buffer.concat([header, Buffer.from(segments.map(({ length }) => length)), ...segments])
  page.writeUInt32LE(crc(page), 22)
  return page
}

/** Bit by bit, as the RFC defines it. */
function crc(bytes: Uint8Array): number {
  let rest = 0
  for (const byte of bytes) {
    rest ^= byte << 24
    for (let bit = 0; bit < 8; bit++) rest = (rest << 1) ^ (rest < 0 ? 0x04c1_1db7 : 0)
  }
  return rest >>> 0
}

/** Where the packets of libvorbis' encoder end: it has two modes, of short and of long blocks. */
export function vorbisGranules(packets: readonly Uint8Array[], frames: number): number[] {
  const blockBits = packets[0]?.[28] ?? 0
  let before = 0
  let position = 0
  return packets.map((bytes, index) => {
    if (index < HEADERS) return 0
    const isLong = ((bytes[0] ?? 0) & 2) !== 0
    const block = 2 ** (isLong ? blockBits >> 4 : blockBits & 15)
    if (before > 0) position += (before + block) / 4
    before = block
    return Math.min(position, frames)
  })
}
