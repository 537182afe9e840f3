/**
 * `npm run bench:duplicates`: how finding alike clips grows with their number. Made-up fingerprints and features with known pairs: every hundredth
 * clip is another one, later by a second, with 10 % of its bits and some of its features changed. Processor time, and the share of pairs found.
 */
import { matchingPairs } from '../../src-main/core/audit/matches.ts'
import { nearestRows } from '../../src-main/core/audit/nearest.ts'
import { outliers } from '../../src-main/core/audit/outliers.ts'
import { standardised, unit } from '../../src-main/core/audit/similarity.ts'
import { createRandom } from '../../src-main/core/ml/random.ts'

/** Of four seconds. */
const WORDS = 344
const LATER = 86
/** As of MP3 of lowest quality. */
const WRONG_BITS = 0.1
const WIDTH = 80
const CLASSES = 10
const any = () => true

for (const clips of [8732, 100_000]) {
  const random = createRandom(clips)
  const prints: Uint32Array[] = []
  const vectors: Float64Array[] = []
  const pairs: [number, number][] = []
  for (let clip = 0; clip < clips; clip++) {
    const source = clip % 100 === 99 ? Math.floor(random.uniform() * clip) : -1
    const [print, vector] = [prints[source], vectors[source]]
    if (print && vector) {
      pairs.push([source, clip])
      prints.push(Uint32Array.from({ length: WORDS }, (_, at) => changed(print[at - LATER], random)))
      vectors.push(vector.map((value) => value + 0.1 * random.normal()))
    } else {
      prints.push(Uint32Array.from({ length: WORDS }, () => word(random)))
      vectors.push(
        Float64Array.from({ length: WIDTH }, (_, at) => random.normal() + (at === clip % CLASSES ? 3 : 0)),
      )
    }
  }
  await timed(`${clips} clips, fingerprints`, async () => {
    const found = new Set((await matchingPairs(prints, any)).map(({ first, second }) => `${first} ${second}`))
    return `${share(pairs, (a, b) => found.has(`${a} ${b}`))}, ${found.size - pairs.filter(([a, b]) => found.has(`${a} ${b}`)).length} others`
  })
  const numbers = standardised(vectors)
  await timed(`${clips} clips, nearest`, async () => {
    const { rows } = await nearestRows(unit(numbers), 1, any)
    return share(pairs, (a, b) => rows[b] === a)
  })
  await timed(`${clips} clips, outliers`, async () => {
    const found = await outliers(
      numbers,
      vectors.map((_, row) => row % CLASSES),
      vectors.map((_, row) => row),
    )
    return `${found.length} found`
  })
}

function word({ uniform }: ReturnType<typeof createRandom>): number {
  return Math.floor(uniform() * 2 ** 32)
}

/** With some bits turned; another word where there is none. */
function changed(before: number | undefined, random: ReturnType<typeof createRandom>): number {
  if (before === undefined) return word(random)
  let turned = before
  for (let bit = 0; bit < 32; bit++) if (random.uniform() < WRONG_BITS) turned ^= 1 << bit
  return turned >>> 0
}

function share(pairs: readonly [number, number][], isFound: (a: number, b: number) => boolean): string {
  const found = pairs.filter(([a, b]) => isFound(a, b)).length
  return `${found} of ${pairs.length} pairs found`
}

async function timed(what: string, work: () => Promise<string>): Promise<void> {
  const began = process.cpuUsage()
  const said = await work()
  const { user, system } = process.cpuUsage(began)
  const { rss } = process.memoryUsage()
  console.log(`${what}: ${((user + system) / 1e6).toFixed(1)} s, ${said}; ${Math.round(rss / 1e6)} MB in use`)
}
