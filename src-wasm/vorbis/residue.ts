/** Residues of types 1 and 2 (8.6). */
import { addVectors, isPastEnd, readEntry } from './bits'
import { Codebook, Residue } from './tables'

const STAGES: i32 = 8

/**
 * Adds the residue to vectors of `length` float32. Where the packet ends, what came so far holds (8.6.2).
 * @param vectors - their addresses
 * @param classes - a byte for each partition of each vector
 */
export function addResidue(residue: Residue, vectors: usize, count: i32, length: i32, classes: usize): void {
  const end = min(residue.end, length)
  const size = residue.partitionSize
  const partitions = end > residue.begin ? (end - residue.begin) / size : 0
  const words = residue.classWords
  const classBook = changetype<Codebook>(residue.classBookAt)
  for (let stage = 0; stage < residue.stages; stage++) {
    for (let first = 0; first < partitions; first += words) {
      const next = min(first + words, partitions)
      if (stage === 0) {
        for (let vector = 0; vector < count; vector++) {
          const entry = readEntry(classBook)
          if (isPastEnd()) return
          const word = residue.classWordsAt + <usize>(entry * words)
          memory.copy(classes + <usize>(vector * partitions + first), word, next - first)
        }
      }
      for (let partition = first; partition < next; partition++) {
        const offset = (<usize>(residue.begin + partition * size)) << 2
        for (let vector = 0; vector < count; vector++) {
          const kind = <i32>load<u8>(classes + <usize>(vector * partitions + partition))
          const book = load<usize>(residue.booksAt + ((<usize>(kind * STAGES + stage)) << 2))
          if (book === 0) continue
          const target = load<usize>(vectors + ((<usize>vector) << 2)) + offset
          if (!addVectors(changetype<Codebook>(book), target, size)) return
        }
      }
    }
  }
}

/** Two vectors from one in which they alternate. @param length - of each; a multiple of 4 */
export function partTwo(interleaved: usize, first: usize, second: usize, length: i32): void {
  for (
    const end = first + ((<usize>length) << 2);
    first < end;
    first += 16, second += 16, interleaved += 32
  ) {
    const a = v128.load(interleaved)
    const b = v128.load(interleaved, 16)
    v128.store(first, v128.shuffle<f32>(a, b, 0, 2, 4, 6))
    v128.store(second, v128.shuffle<f32>(a, b, 1, 3, 5, 7))
  }
}

/** One vector of `count`, from one in which they take turns. */
export function partOne(interleaved: usize, count: i32, out: usize, length: i32): void {
  const step = (<usize>count) << 2
  for (const end = out + ((<usize>length) << 2); out < end; out += 4, interleaved += step)
    store<f32>(out, load<f32>(interleaved))
}

/** Magnitude and angle back to two channels (4.3.5). @param length - a multiple of 4 */
export function uncouple(magnitudes: usize, angles: usize, length: i32): void {
  const zero = f32x4.splat(0)
  for (const end = magnitudes + ((<usize>length) << 2); magnitudes < end; magnitudes += 16, angles += 16) {
    const magnitude = v128.load(magnitudes)
    const angle = v128.load(angles)
    // Where the magnitude is not positive, the angle counts the other way.
    const isFlipped = f32x4.le(magnitude, zero)
    const step = v128.xor(angle, v128.and(isFlipped, i32x4.splat(0x80000000)))
    const isAbove = f32x4.gt(angle, zero)
    v128.store(magnitudes, v128.bitselect(magnitude, f32x4.add(magnitude, step), isAbove))
    v128.store(angles, v128.bitselect(f32x4.sub(magnitude, step), magnitude, isAbove))
  }
}
