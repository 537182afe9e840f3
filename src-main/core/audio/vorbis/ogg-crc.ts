const POLYNOMIAL = 0x04c1_1db7

/** Four tables of 256: what a byte leaves behind one to four bytes further on. */
const tables = makeTables()

function makeTables(): Int32Array {
  const made = new Int32Array(4 * 256)
  for (let byte = 0; byte < 256; byte++) {
    let rest = byte << 24
    for (let bit = 0; bit < 8; bit++) rest = (rest << 1) ^ (rest < 0 ? POLYNOMIAL : 0)
    made[byte] = rest
  }
  for (let index = 256; index < made.length; index++) {
    const nearer = made[index - 256] ?? 0
    made[index] = (nearer << 8) ^ (made[nearer >>> 24] ?? 0)
  }
  return made
}

/**
 * The checksum of an Ogg page (RFC 3533, 6): a CRC of 32 bits, the highest first, four bytes at a step.
 * @param from - its checksum's own four bytes are taken as zeros
 */
export function pageCrc(bytes: Uint8Array, from: number, to: number): number {
  const own = from + 22
  const behind = own + 4
  return crcOf(bytes, behind, to, crcOf(zeros, 0, 4, crcOf(bytes, from, own, 0))) >>> 0
}

const zeros = new Uint8Array(4)

function crcOf(bytes: Uint8Array, from: number, to: number, before: number): number {
  let crc = before
  let at = from
  for (; at + 4 <= to; at += 4) {
    const a = (crc >>> 24) ^ (bytes[at] ?? 0)
    const b = ((crc >>> 16) & 255) ^ (bytes[at + 1] ?? 0)
    const c = ((crc >>> 8) & 255) ^ (bytes[at + 2] ?? 0)
    const d = (crc & 255) ^ (bytes[at + 3] ?? 0)
    crc = (tables[768 + a] ?? 0) ^ (tables[512 + b] ?? 0) ^ (tables[256 + c] ?? 0) ^ (tables[d] ?? 0)
  }
  for (; at < to; at++) crc = (crc << 8) ^ (tables[(crc >>> 24) ^ (bytes[at] ?? 0)] ?? 0)
  return crc
}
