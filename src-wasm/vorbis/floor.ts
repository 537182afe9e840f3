/** Floors of type 1 (7.2). */
import { isPastEnd, readBits, readEntry } from './bits'
import { Codebook, Floor, FloorClass } from './tables'

const UNUSED: i32 = 0x8000
const VALUE: i32 = 0x7fff

function at(list: usize, index: i32): i32 {
  return load<i32>(list + ((<usize>index) << 2))
}

function put(list: usize, index: i32, value: i32): void {
  store<i32>(list + ((<usize>index) << 2), value)
}

/** The line's height at `x` (9.2.6). */
function heightAt(x0: i32, x1: i32, y0: i32, y1: i32, x: i32): i32 {
  const rise = y1 - y0
  const offset = (abs(rise) * (x - x0)) / (x1 - x0)
  return rise < 0 ? y0 - offset : y0 + offset
}

/**
 * Reads the heights of a floor's posts (7.2.3, 7.2.4 step 1); posts that no line bends at are marked.
 * @returns whether the channel has a floor; to be asked after it: `isPastEnd`
 */
export function readFloor(floor: Floor, heights: usize): bool {
  if (readBits(1) === 0) return false
  put(heights, 0, readBits(floor.rangeBits))
  put(heights, 1, readBits(floor.rangeBits))
  let post = 2
  for (let partition = 0; partition < floor.partitions; partition++) {
    const kind = changetype<FloorClass>(<usize>at(floor.partitionsAt, partition))
    const bits = kind.subclassBits
    let subclasses: u32 = bits ? readEntry(changetype<Codebook>(kind.masterBookAt)) : 0
    for (let i = 0; i < kind.dimensions; i++, post++) {
      const book = <usize>at(kind.booksAt, <i32>(subclasses & ((1 << bits) - 1)))
      subclasses >>= bits
      put(heights, post, book ? <i32>readEntry(changetype<Codebook>(book)) : 0)
    }
    if (isPastEnd()) return false
  }
  unwrap(floor, heights)
  return true
}

function unwrap(floor: Floor, heights: usize): void {
  for (let post = 2; post < floor.posts; post++) {
    const low = at(floor.lowNeighboursAt, post)
    const high = at(floor.highNeighboursAt, post)
    const x = floor.positionsAt
    const lowHeight = at(heights, low)
    const highHeight = at(heights, high)
    const predicted = heightAt(at(x, low), at(x, high), lowHeight & VALUE, highHeight & VALUE, at(x, post))
    const value = at(heights, post)
    if (value === 0) {
      put(heights, post, predicted | UNUSED)
      continue
    }
    const above = floor.range - predicted
    let offset: i32
    if (value >= min(above, predicted) << 1)
      offset = above > predicted ? value - predicted : above - value - 1
    else offset = value & 1 ? -((value + 1) >> 1) : value >> 1
    put(heights, post, (predicted + offset) & VALUE)
    put(heights, low, lowHeight & VALUE)
    put(heights, high, highHeight & VALUE)
  }
}

/** Multiplies `length` values by the curve (7.2.4 step 2). @param decibels - 256 float32 (10.1) */
export function multiplyByFloor(
  floor: Floor,
  heights: usize,
  decibels: usize,
  spectrum: usize,
  length: i32,
): void {
  let x0 = 0
  let y0 = clamped(at(heights, 0) * floor.multiplier)
  for (let i = 1; i < floor.posts; i++) {
    const post = at(floor.orderAt, i)
    const height = at(heights, post)
    if (height & UNUSED) continue
    const x1 = at(floor.positionsAt, post)
    const y1 = clamped(height * floor.multiplier)
    multiplyByLine(x0, x1, y0, y1, decibels, spectrum, length)
    x0 = x1
    y0 = y1
  }
  multiplyByLine(x0, max(length, x0 + 1), y0, y0, decibels, spectrum, length)
}

function clamped(height: i32): i32 {
  return max(0, min(255, height))
}

/** 9.2.7 */
function multiplyByLine(
  x0: i32,
  x1: i32,
  y0: i32,
  y1: i32,
  decibels: usize,
  spectrum: usize,
  length: i32,
): void {
  const rise = y1 - y0
  const run = x1 - x0
  const whole = rise / run
  const rest = abs(rise) - abs(whole * run)
  const step: usize = (rise < 0 ? -1 : 1) << 2
  let error = 0
  let level = decibels + ((<usize>y0) << 2)
  const end = spectrum + ((<usize>min(x1, length)) << 2)
  for (let value = spectrum + ((<usize>x0) << 2); value < end; value += 4) {
    store<f32>(value, load<f32>(value) * load<f32>(level))
    level += (<usize>whole) << 2
    error += rest
    if (error >= run) {
      error -= run
      level += step
    }
  }
}
