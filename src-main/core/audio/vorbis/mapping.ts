import { type BitReader, bitsFor } from './bit-reader.ts'
import { ensure } from './irregular.ts'
import type { Residue } from './residue.ts'
import type { Tables } from './tables.ts'

interface Parts {
  channels: number
  /** Addresses. */
  floors: readonly number[]
  residues: readonly Residue[]
}

/** Reads a mapping of type 0, the only one (Vorbis I, 4.2.4), and lays it out. @returns its address @throws Irregular */
export function readMapping(bits: BitReader, { channels, floors, residues }: Parts, tables: Tables): number {
  ensure(bits.read(16) === 0, 'a mapping is of an unknown type')
  const submapCount = bits.flag() ? bits.read(4) + 1 : 1
  const couplings = bits.flag() ? readCouplings(bits, channels) : []
  ensure(bits.read(2) === 0, 'a mapping is of an unknown kind')
  const submapOf = Array.from({ length: channels }, () => (submapCount > 1 ? bits.read(4) : 0))
  ensure(
    submapOf.every((submap) => submap < submapCount),
    'a submap is missing',
  )
  const submaps = Array.from({ length: submapCount }, (_, submap) => {
    // Of a time domain transform, of which there are none.
    bits.read(8)
    const floor = floors[bits.read(8)]
    const residue = residues[bits.read(8)]
    ensure(floor !== undefined && residue !== undefined, 'a floor or residue is missing')
    const bundled = submapOf.filter((of) => of === submap).length
    ensure(bundled > 0 && fits(residue, bundled), 'a residue does not part evenly')
    return [floor, residue.address]
  })
  return tables.ints([
    couplings.length,
    tables.ints(couplings.flat()),
    submapCount,
    tables.ints(submaps.flat()),
    tables.ints(submapOf),
  ])
}

/** Partitions of channels in turns begin and end with a whole turn. */
function fits({ isInterleaved, begin, partitionSize }: Residue, channels: number): boolean {
  return !isInterleaved || (begin % channels === 0 && partitionSize % channels === 0)
}

function readCouplings(bits: BitReader, channels: number): [magnitude: number, angle: number][] {
  const channelBits = bitsFor(channels - 1)
  return Array.from({ length: bits.read(8) + 1 }, () => {
    const magnitude = bits.read(channelBits)
    const angle = bits.read(channelBits)
    ensure(magnitude !== angle && magnitude < channels && angle < channels, 'a channel is coupled with none')
    return [magnitude, angle]
  })
}
