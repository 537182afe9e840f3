/**
 * Vorbis I audio packets to float32 samples as WebAssembly SIMD, on memory and tables that src-main/core/audio/vorbis lays out.
 * Written in AssemblyScript; `npm run build:wasm` makes src-main/core/audio/vorbis/vorbis.wasm.ts of it and its neighbours.
 */
import { isPastEnd, openPacket, readBits } from './bits'
import { multiplyByFloor, readFloor } from './floor'
import { middleHalf, overlap } from './imdct'
import { addResidue, partOne, partTwo, uncouple } from './residue'
import { Block, Floor, Mapping, Mode, Residue, Stream, Submap } from './tables'

/** A floor's int32 values, rounded up. */
const FLOOR_BYTES: usize = 68 * 4

/** Values of the block before; 0: none. */
let pastLength: i32 = 0
let isSwapped: bool = false

function at(list: usize, index: i32): i32 {
  return load<i32>(list + ((<usize>index) << 2))
}

function spectrumOf(stream: Stream, channel: i32): usize {
  return stream.spectraAt + <usize>(channel * changetype<Block>(stream.longAt).n) * 2
}

function submapOf(mapping: Mapping, index: i32): Submap {
  return changetype<Submap>(mapping.submapsAt + <usize>index * offsetof<Submap>())
}

/** To be called before a stream's first packet. */
export function begin(): void {
  pastLength = 0
}

/**
 * Decodes the packet at `packetAt` (4.3), behind which 128 zeros lie. The samples are then at `outAt`, one channel's half a long
 * block behind the other's.
 * @param bytes - of the packet
 * @returns samples a channel, none of the first packet; −1: the packet is not a whole one
 */
export function decode(stream: Stream, bytes: i32): i32 {
  openPacket(stream.packetAt, bytes)
  if (readBits(1) !== 0) return -1
  const modeIndex = <i32>readBits(stream.modeBits)
  if (modeIndex >= stream.modes) return -1
  const mode = changetype<Mode>(stream.modesAt + <usize>modeIndex * offsetof<Mode>())
  const block = changetype<Block>(mode.isLong ? stream.longAt : stream.shortAt)
  // The neighbours' lengths, which are seen as they come.
  if (mode.isLong) readBits(2)
  const mapping = changetype<Mapping>(mode.mappingAt)
  if (!readFloors(stream, mapping)) return -1
  readResidues(stream, mapping, block.n >> 1)
  for (let i = mapping.couplings - 1; i >= 0; i--) {
    const magnitude = at(mapping.couplingsAt, 2 * i)
    const angle = at(mapping.couplingsAt, 2 * i + 1)
    uncouple(spectrumOf(stream, magnitude), spectrumOf(stream, angle), block.n >> 1)
  }
  return makeSamples(stream, mapping, block)
}

/** Notes in `usedAt` which channels have a floor (bit 0), and which a residue (bit 1): those and the ones coupled with them (4.3.3). */
function readFloors(stream: Stream, mapping: Mapping): bool {
  const used = stream.usedAt
  for (let channel = 0; channel < stream.channels; channel++) {
    const floor = changetype<Floor>(submapOf(mapping, at(mapping.submapOfAt, channel)).floorAt)
    const isUsed = readFloor(floor, stream.floorsAt + <usize>channel * FLOOR_BYTES)
    if (isPastEnd()) return false
    store<i32>(used + ((<usize>channel) << 2), isUsed ? 3 : 0)
  }
  for (let i = 0; i < mapping.couplings; i++) {
    const magnitude = used + ((<usize>at(mapping.couplingsAt, 2 * i)) << 2)
    const angle = used + ((<usize>at(mapping.couplingsAt, 2 * i + 1)) << 2)
    const either = (load<i32>(magnitude) | load<i32>(angle)) & 2
    store<i32>(magnitude, load<i32>(magnitude) | either)
    store<i32>(angle, load<i32>(angle) | either)
  }
  return true
}

function readResidues(stream: Stream, mapping: Mapping, half: i32): void {
  const bytes = (<usize>half) << 2
  for (let channel = 0; channel < stream.channels; channel++)
    memory.fill(spectrumOf(stream, channel), 0, bytes)
  for (let submap = 0; submap < mapping.submaps; submap++) {
    const residue = changetype<Residue>(submapOf(mapping, submap).residueAt)
    const vectors = stream.vectorsAt
    let bundle = 0
    let isUsed = 0
    for (let channel = 0; channel < stream.channels; channel++) {
      if (at(mapping.submapOfAt, channel) !== submap) continue
      const used = at(stream.usedAt, channel)
      isUsed |= used & 2
      // Interleaved channels come together; of others only those with a residue.
      if (!residue.isInterleaved && !(used & 2)) continue
      store<usize>(vectors + ((<usize>bundle) << 2), spectrumOf(stream, channel))
      bundle += 1
    }
    if (!isUsed) continue
    if (residue.isInterleaved && bundle > 1) readInterleaved(stream, residue, bundle, half)
    else addResidue(residue, vectors, bundle, half, stream.classesAt)
  }
}

function readInterleaved(stream: Stream, residue: Residue, count: i32, half: i32): void {
  const all = stream.interleavedAt
  const vectors = stream.vectorsAt
  const first = load<usize>(vectors)
  memory.fill(all, 0, (<usize>(half * count)) << 2)
  store<usize>(vectors, all)
  addResidue(residue, vectors, 1, half * count, stream.classesAt)
  if (count === 2) {
    partTwo(all, first, load<usize>(vectors, 4), half)
    return
  }
  store<usize>(vectors, first)
  for (let i: usize = 0; i < <usize>count; i++)
    partOne(all + (i << 2), count, load<usize>(vectors + (i << 2)), half)
}

function makeSamples(stream: Stream, mapping: Mapping, block: Block): i32 {
  const half = block.n >> 1
  const longBytes = (<usize>changetype<Block>(stream.longAt).n) << 1
  // The shorter one's.
  const isLong = min(block.n, pastLength) > changetype<Block>(stream.shortAt).n
  const window = changetype<Block>(isLong ? stream.longAt : stream.shortAt).windowAt
  let samples = 0
  for (let channel = 0; channel < stream.channels; channel++) {
    const spectrum = spectrumOf(stream, channel)
    const halves = stream.halvesAt + <usize>channel * 2 * longBytes
    const past = isSwapped ? halves + longBytes : halves
    const now = isSwapped ? halves : halves + longBytes
    if (at(stream.usedAt, channel) & 1) {
      const floor = changetype<Floor>(submapOf(mapping, at(mapping.submapOfAt, channel)).floorAt)
      const heights = stream.floorsAt + <usize>channel * FLOOR_BYTES
      multiplyByFloor(floor, heights, stream.decibelsAt, spectrum, half)
      middleHalf(spectrum, block, stream.workAt, now)
    } else memory.fill(now, 0, (<usize>half) << 2)
    if (pastLength > 0)
      samples = overlap(past, pastLength, now, block.n, window, stream.outAt + <usize>channel * longBytes)
  }
  pastLength = block.n
  isSwapped = !isSwapped
  return samples
}
