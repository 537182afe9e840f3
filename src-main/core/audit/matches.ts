import { argsort } from '../library/argsort.ts'
import { pause } from '../steps.ts'
import { type Agreement, agreementAt, WORD_SECONDS } from './fingerprint.ts'

/** Two fingerprints, by their places, that are of the same sound. */
export interface Match extends Agreement {
  first: number
  second: number
}

/** Words of the index: with more, only every second, third … of each clip is put in. */
const MOST_INDEXED = 8_000_000
/** A word that more clips have says nothing: a tone, a hum. */
const MOST_HOLDERS = 60
/** Bits that may differ: Haitsma and Kalker take 0.35 for 3 s; less is asked here, since clips are shorter. */
const MOST_ERRORS = 0.25
/** What is compared must last so long, or be most of the shorter clip. */
const LEAST_WORDS = Math.round(0.5 / WORD_SECONDS)
const LEAST_SHARE = 0.8
const LEAST_ANY_WORDS = 12
/** Clips between which others go on. */
const CLIPS_A_STEP = 200

const PREFIX_BITS = 16

/**
 * Pairs of clips that share a stretch of sound, found by words that they have in common and then compared bit by bit where those
 * words lie. Most of a pair's words differ in some bit after lossy coding; one of hundreds suffices.
 * @param mayBe - false for pairs that are of no interest
 * @returns each pair once, first < second
 */
export async function matchingPairs(
  prints: readonly Uint32Array[],
  mayBe: (first: number, second: number) => boolean,
  { signal, onProgress }: { signal?: AbortSignal; onProgress?: (done: number) => void } = {},
): Promise<Match[]> {
  const index = await indexOf(prints, signal)
  const matches = new Map<number, Match>()
  for (const [first, print] of prints.entries()) {
    if (first % CLIPS_A_STEP === 0) {
      onProgress?.(first)
      await pause(signal)
    }
    const votes = new Map<number, Map<number, number>>()
    for (const [at, word] of print.entries()) {
      if (word === 0) continue
      const [from, end] = index.holders(word)
      if (end - from > MOST_HOLDERS) continue
      for (let place = from; place < end; place++) {
        const second = index.clips[place] ?? 0
        if (second === first || !mayBe(first, second)) continue
        const offset = at - (index.at[place] ?? 0)
        const offsets = votes.get(second) ?? new Map<number, number>()
        offsets.set(offset, (offsets.get(offset) ?? 0) + 1)
        votes.set(second, offsets)
      }
    }
    for (const [second, offsets] of votes) {
      const other = prints[second]
      const key = Math.min(first, second) * prints.length + Math.max(first, second)
      if (!other || matches.has(key)) continue
      const match = bestAgreement(print, other, offsets)
      if (!match) continue
      const turned = first < second ? match.offset : -match.offset
      matches.set(key, {
        ...match,
        offset: turned,
        first: Math.min(first, second),
        second: Math.max(first, second),
      })
    }
  }
  return [...matches.values()]
}

/** Compares two fingerprints wherever the second may begin within the first or before it. */
export function compareEverywhere(first: Uint32Array, second: Uint32Array): Agreement | undefined {
  const offsets = new Map<number, number>()
  for (let offset = LEAST_ANY_WORDS - second.length; offset <= first.length - LEAST_ANY_WORDS; offset++)
    offsets.set(offset, 1)
  return bestAgreement(first, second, offsets)
}

function bestAgreement(
  first: Uint32Array,
  second: Uint32Array,
  offsets: ReadonlyMap<number, number>,
): Agreement | undefined {
  const shorter = Math.min(soundOf(first), soundOf(second))
  const least = Math.max(LEAST_ANY_WORDS, Math.min(LEAST_WORDS, Math.ceil(LEAST_SHARE * shorter)))
  let best: Agreement | undefined
  for (const offset of offsets.keys()) {
    const agreement = agreementAt(first, second, offset)
    if (agreement.words < least || agreement.errorRate > MOST_ERRORS) continue
    if (!best || agreement.errorRate < best.errorRate) best = agreement
  }
  return best
}

/** Words that are not silent. */
const soundOf = (print: Uint32Array) => print.reduce((count, word) => count + (word === 0 ? 0 : 1), 0)

/** Words in order, with the clips that have them. */
async function indexOf(prints: readonly Uint32Array[], signal: AbortSignal | undefined) {
  const total = prints.reduce((sum, print) => sum + print.length, 0)
  const step = Math.max(1, Math.ceil(total / MOST_INDEXED))
  const count = prints.reduce((sum, print) => sum + Math.ceil(print.length / step), 0)
  const keys = new Float64Array(count)
  const clips = new Uint32Array(count)
  const at = new Uint32Array(count)
  let entry = 0
  for (const [clip, print] of prints.entries())
    for (let place = 0; place < print.length; place += step) {
      keys[entry] = print[place] ?? 0
      clips[entry] = clip
      at[entry] = place
      entry += 1
    }
  await pause(signal)
  const order = await argsort(keys, false)
  const words = Uint32Array.from(order, (from) => keys[from] ?? 0)
  await pause(signal)
  // Where each beginning of a word starts: most of a search is one look.
  const starts = new Uint32Array(2 ** PREFIX_BITS + 1)
  for (const word of words) {
    const prefix = (word >>> (32 - PREFIX_BITS)) + 1
    starts[prefix] = (starts[prefix] ?? 0) + 1
  }
  for (let prefix = 1; prefix < starts.length; prefix++)
    starts[prefix] = (starts[prefix] ?? 0) + (starts[prefix - 1] ?? 0)
  return {
    clips: Uint32Array.from(order, (from) => clips[from] ?? 0),
    at: Uint32Array.from(order, (from) => at[from] ?? 0),
    /** First entry of a word, and the one after its last. */
    holders(word: number): [from: number, end: number] {
      const prefix = word >>> (32 - PREFIX_BITS)
      let [from, end] = [starts[prefix] ?? 0, starts[prefix + 1] ?? 0]
      while (from < end) {
        const middle = (from + end) >>> 1
        if ((words[middle] ?? 0) < word) from = middle + 1
        else end = middle
      }
      let last = from
      while (words[last] === word) last += 1
      return [from, last]
    },
  }
}
