import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { decodeMonoStart } from '../../../src-main/core/audio/decode-mono.ts'
import { fingerprintOf, measureFile } from '../../../src-main/core/audit/audio-measures.ts'
import { fingerprint, WORD_SECONDS } from '../../../src-main/core/audit/fingerprint.ts'
import { compareEverywhere, matchingPairs } from '../../../src-main/core/audit/matches.ts'
import { createRandom } from '../../../src-main/core/ml/random.ts'

/** Made by test/parity/generate/fingerprints.py. */
const made = (name: string) => resolve(import.meta.dirname, '../../parity/data/fingerprint', name)
const ESC10 = join(resolve(import.meta.dirname, '../../../../shared/data'), 'esc10/audio')
const any = () => true

const { samples, sampleRateHz } = await decodeMonoStart(made('first.flac'), 10)
const other = fingerprint((await decodeMonoStart(made('other.flac'), 10)).samples, sampleRateHz)
const print = fingerprint(samples, sampleRateHz)

function later(secondsLater: number): Float32Array {
  const shift = Math.round(secondsLater * sampleRateHz)
  const moved = new Float32Array(samples.length)
  moved.set(samples.subarray(Math.max(0, -shift), samples.length - Math.max(0, shift)), Math.max(0, shift))
  return moved
}
const { normal } = createRandom(4)
const power = samples.reduce((sum, value) => sum + value * value, 0) / samples.length

describe('a sound is known by its fingerprint', () => {
  it.each([
    ['a tenth of its level', samples.map((value) => value / 10), 0],
    ['upside down', samples.map((value) => -value), 0],
    ['4 ms later', later(0.004), 0.004],
    ['0.3 s later', later(0.3), 0.3],
    ['without its first 0.2 s', later(-0.2), -0.2],
    ['under noise of 20 dB less', samples.map((value) => value + 0.1 * Math.sqrt(power) * normal()), 0],
  ])('at %s', async (_, changed, shiftSeconds) => {
    const [match, ...others] = await matchingPairs([other, print, fingerprint(changed, sampleRateHz)], any)
    expect(others).toEqual([])
    expect(match).toMatchObject({ first: 1, second: 2 })
    // Offsets say by how much the second begins before the first.
    expect(Math.abs((match?.offset ?? 99) * WORD_SECONDS + shiftSeconds)).toBeLessThan(1.1 * WORD_SECONDS)
  })

  it.each(['first.mp3', 'first.ogg', 'first-half.flac'])('as %s', async (file) => {
    const coded = fingerprintOf(await measureFile(made(file)))
    const matches = await matchingPairs([coded, other, print], any)
    expect(matches).toMatchObject([{ first: 0, second: 2 }])
    expect(compareEverywhere(coded, other)).toBeUndefined()
  })

  it('and silence by none', async () => {
    const silent = fingerprint(new Float32Array(40_000), sampleRateHz)
    expect(silent.every((word) => word === 0)).toBe(true)
    expect(await matchingPairs([silent, silent, new Uint32Array()], any)).toEqual([])
  })

  it('and a pair that is of no interest is not reported', async () => {
    expect(await matchingPairs([print, print], () => false)).toEqual([])
  })
})

/* Lags by scipy: the highest cross-correlation of the two files, 0.97 at 0 s and 0.49 at 0.6486 s. */
describe.skipIf(!existsSync(ESC10))('ESC-10 has sounds twice', () => {
  it.each([
    ['2-28314-A.ogg', '2-30322-A.ogg', 0],
    ['3-151080-A.ogg', '5-151085-A.ogg', 0.6486],
  ])('%s and %s', async (a, b, lag) => {
    const [first, second, stranger] = await Promise.all(
      [a, b, '1-100032-A.ogg'].map(async (name) => fingerprintOf(await measureFile(join(ESC10, name)))),
    )
    if (!first || !second || !stranger) throw new Error('not measured')
    const matches = await matchingPairs([first, second, stranger], any)
    expect(matches).toMatchObject([{ first: 0, second: 1 }])
    expect(Math.abs((matches[0]?.offset ?? 99) * WORD_SECONDS - lag)).toBeLessThan(2 * WORD_SECONDS)
  })
})
