import { BitReader, bitsFor } from './bit-reader.ts'
import { readCodebook } from './codebook.ts'
import { MOST_POSTS, readFloor } from './floor.ts'
import { layBlock } from './imdct-tables.ts'
import { ensure } from './irregular.ts'
import { readMapping } from './mapping.ts'
import { readResidue } from './residue.ts'
import { aligned, Tables } from './tables.ts'

/** More have no order of their own. */
const MOST_CHANNELS = 8
const LEAST_BLOCK = 64
const MOST_BLOCK = 8192
/** Above any sensible packet of such blocks and channels. */
export const MOST_PACKET_BYTES = 2 ** 17
/** Zeros that the decoder may read behind a packet. */
export const PACKET_PADDING = 128
/** A floor's int32 values in src-wasm/vorbis/packet.ts. */
const FLOOR_BYTES = 4 * Math.ceil(MOST_POSTS / 4) * 4

/** The kinds of headers (Vorbis I, 4.2.1). */
const IDENTIFICATION = 1
const SETUP = 5

/** What the headers say, laid out for src-wasm/vorbis. */
export interface Setup {
  channels: number
  sampleRateHz: number
  longBlock: number
  /** `image` lies at `imageAt`; before it is working space. All in bytes. */
  image: Uint8Array
  imageAt: number
  streamAt: number
  packetAt: number
  outAt: number
}

/**
 * Reads the identification and the setup header (4.2).
 * @throws Irregular where they are damaged, or of a kind that only the library decodes
 */
export function readSetup(identification: Uint8Array, setup: Uint8Array): Setup {
  const { channels, sampleRateHz, shortBlock, longBlock } = readIdentification(identification)
  const space = workingSpace(channels, longBlock)
  const tables = new Tables(space.end)
  const bits = new BitReader(setup)
  openHeader(bits, SETUP)
  const codebooks = list(bits, 8, () => readCodebook(bits, tables))
  list(bits, 6, () => ensure(bits.read(16) === 0, 'a time domain transform is none'))
  const floors = list(bits, 6, () => readFloor(bits, codebooks, tables))
  const residues = list(bits, 6, () => readResidue(bits, codebooks, tables))
  const mappings = list(bits, 6, () => readMapping(bits, { channels, floors, residues }, tables))
  const modes = list(bits, 6, () => readMode(bits, mappings))
  ensure(bits.flag(), 'the setup header has no end')
  const streamAt = tables.ints([
    channels,
    bitsFor(modes.length - 1),
    modes.length,
    tables.ints(modes.flat()),
    layBlock(tables, shortBlock),
    layBlock(tables, longBlock),
    tables.floats(floorLevels()),
    ...space.addresses,
  ])
  const [packetAt = 0, outAt = 0] = space.addresses
  return {
    channels,
    sampleRateHz,
    longBlock,
    image: tables.image,
    imageAt: space.end,
    streamAt,
    packetAt,
    outAt,
  }
}

/** 4.2.2 */
function readIdentification(header: Uint8Array) {
  const bits = new BitReader(header)
  openHeader(bits, IDENTIFICATION)
  ensure(bits.read(32) === 0, 'its version is unknown')
  const channels = bits.read(8)
  const sampleRateHz = bits.read(32)
  ensure(channels >= 1 && channels <= MOST_CHANNELS && sampleRateHz > 0, 'its channels or rate are odd')
  // Bit rates.
  for (let i = 0; i < 3; i++) bits.read(32)
  const shortBlock = 2 ** bits.read(4)
  const longBlock = 2 ** bits.read(4)
  const isInOrder = LEAST_BLOCK <= shortBlock && shortBlock <= longBlock && longBlock <= MOST_BLOCK
  ensure(isInOrder && bits.flag(), 'its block sizes are odd')
  return { channels, sampleRateHz, shortBlock, longBlock }
}

/** 4.2.1 */
function openHeader(bits: BitReader, kind: number): void {
  ensure(bits.read(8) === kind, 'a header is missing')
  for (const letter of Buffer.from('vorbis')) ensure(bits.read(8) === letter, 'a header is none of Vorbis')
}

/** As many as the next bits say, and one. */
function list<T>(bits: BitReader, countBits: number, read: () => T): T[] {
  return Array.from({ length: bits.read(countBits) + 1 }, read)
}

function readMode(bits: BitReader, mappings: readonly number[]): [isLong: number, mapping: number] {
  const isLong = bits.read(1)
  ensure(bits.read(16) === 0 && bits.read(16) === 0, 'a mode has an unknown window or transform')
  const mapping = mappings[bits.read(8)]
  ensure(mapping !== undefined, 'a mapping is missing')
  return [isLong, mapping]
}

/** Addresses in the order of `Stream` in src-wasm/vorbis/tables.ts. */
function workingSpace(channels: number, longBlock: number) {
  const perChannel = channels * longBlock
  const sizes = {
    packet: MOST_PACKET_BYTES + PACKET_PADDING,
    out: 2 * perChannel,
    spectra: 2 * perChannel,
    interleaved: 2 * perChannel,
    halves: 4 * perChannel,
    work: 4 * longBlock,
    floors: channels * FLOOR_BYTES,
    classes: perChannel / 2,
    used: 4 * channels,
    vectors: 4 * channels,
  }
  // 0 stands for none.
  let end = 16
  const addresses = Object.values(sizes).map((bytes) => {
    const address = end
    end = aligned(end + bytes)
    return address
  })
  return { addresses, end }
}

/** The levels that a floor's heights stand for, 0 … 255 (10.1): 140 dB in steps of 0.55. */
function floorLevels(): Float64Array {
  return Float64Array.from({ length: 256 }, (_, height) => 10 ** (((height - 255) * 0.546875) / 20))
}
