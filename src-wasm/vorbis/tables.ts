/**
 * A stream's tables as src-main/core/audio/vorbis/setup.ts lays them out. Every field is an int32; those named `…At` are addresses
 * (0: none). Section numbers are those of the Vorbis I specification.
 */

@unmanaged
export class Stream {
  channels: i32
  modeBits: i32
  modes: i32
  modesAt: usize
  /** Of short and of long blocks. */
  shortAt: usize
  longAt: usize
  /** 256 float32 (10.1). */
  decibelsAt: usize
  /** A packet and zeros behind it. */
  packetAt: usize
  /** For each channel half a long block of float32: samples. */
  outAt: usize
  /** As much. */
  spectraAt: usize
  /** As much, for residues whose channels take turns. */
  interleavedAt: usize
  /** For each channel the middle halves of two transformed long blocks: the last one's and this one's. */
  halvesAt: usize
  /** A long block. */
  workAt: usize
  /** For each channel 68 int32: the heights of a floor. */
  floorsAt: usize
  /** A byte for each partition of a residue, in all channels. */
  classesAt: usize
  /** For each channel an int32. */
  usedAt: usize
  /** For each channel an address. */
  vectorsAt: usize
}

@unmanaged
export class Mode {
  isLong: i32
  mappingAt: usize
}

/** 4.2.4, mappings */
@unmanaged
export class Mapping {
  couplings: i32
  /** Pairs of channels, magnitude and angle. */
  couplingsAt: usize
  submaps: i32
  submapsAt: usize
  /** The submap of each channel. */
  submapOfAt: usize
}

@unmanaged
export class Submap {
  floorAt: usize
  residueAt: usize
}

/** 7.2 */
@unmanaged
export class Floor {
  posts: i32
  partitions: i32
  /** The address of each partition's class. */
  partitionsAt: usize
  multiplier: i32
  range: i32
  rangeBits: i32
  /** Of each post, in the order of the header: */
  positionsAt: usize
  lowNeighboursAt: usize
  highNeighboursAt: usize
  /** The posts by position. */
  orderAt: usize
}

@unmanaged
export class FloorClass {
  dimensions: i32
  subclassBits: i32
  masterBookAt: usize
  /** Addresses of 2^subclassBits books. */
  booksAt: usize
}

/** 8.6 */
@unmanaged
export class Residue {
  isInterleaved: i32
  begin: i32
  end: i32
  partitionSize: i32
  stages: i32
  classBookAt: usize
  /** The partitions that an entry of the class book classifies. */
  classWords: i32
  /** For each entry so many bytes. */
  classWordsAt: usize
  /** For each class eight addresses of books, a stage each. */
  booksAt: usize
}

/** 3.2, as two tables of uint32: an entry << 6 | its length in bits; or 1 << 31 | place of the second table << 5 | its bits. */
@unmanaged
export class Codebook {
  primaryBits: i32
  tableAt: usize
  vectorBytes: i32
  /** For each entry its vector of float32. */
  vectorsAt: usize
}

/** The transform of a block of n values; m = n/4. */
@unmanaged
export class Block {
  n: i32
  /** n/2 float32: the rising half (4.3.1). */
  windowAt: usize
  /** e^(2πi (k + 1/8) / n), k < m: all real parts, then all imaginary ones. */
  turnsAt: usize
  /** First stage: six arrays of m/4 (re, im of w^p, w^2p, w^3p); then for each p of each stage the six values. */
  twiddlesAt: usize
}
