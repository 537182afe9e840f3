import { describe, expect, it } from 'vitest'
import { resample } from '../../../src-main/core/audio/resample.ts'
import { audioIssues } from '../../../src-main/core/audit/audio-issues.ts'
import { measure } from '../../../src-main/core/audit/audio-measures.ts'
import { createRandom } from '../../../src-main/core/ml/random.ts'

const RATE = 44_100
const { normal } = createRandom(7)
const noise = (seconds: number, level: number, rateHz = RATE) =>
  Float32Array.from({ length: seconds * rateHz }, () => level * normal())
const tone = (hertz: number, level: number) =>
  Float32Array.from({ length: RATE }, (_, at) => level * Math.sin((2 * Math.PI * hertz * at) / RATE))
/** As 16-bit files hold it. */
const coded = (samples: Float32Array) =>
  samples.map((value) => Math.max(-32_768, Math.min(32_767, Math.round(32_768 * value))) / 32_768)
const kinds = (...channels: Float32Array[]) =>
  audioIssues({ id: 1, classId: 0 }, measure(channels, RATE)).map(
    ({ kind, severity }) => `${kind} ${severity}`,
  )

describe('clips that nothing is wrong with', () => {
  it.each([
    ['noise', noise(1, 0.1)],
    ['a tone at full scale', coded(tone(1000, 0.9999))],
    ['a low tone at full scale', coded(tone(40, 0.9999))],
    ['a low tone, quiet', coded(tone(40, 0.02))],
    [
      'half a second of silence',
      Float32Array.of(...noise(1, 0.1).subarray(0, RATE / 2), ...new Float32Array(RATE / 2)),
    ],
  ])('%s', (_, samples) => {
    expect(kinds(samples).filter((kind) => !kind.startsWith('band-limited'))).toEqual([])
  })

  it('noise has no edge up to its whole band', () => {
    expect(measure([noise(1, 0.1)], RATE).cutOffHz).toBeNull()
  })
})

it('silence is a clip without sound, or mostly so', () => {
  expect(kinds(new Float32Array(RATE))).toEqual(['silence error'])
  expect(kinds(new Float32Array())).toEqual(['silence error'])
  const click = new Float32Array(RATE)
  click.set(noise(1, 0.2).subarray(0, RATE / 10), RATE / 2)
  expect(kinds(click)).toEqual(['silence warning'])
})

it('clipping is a curve that is cut off', () => {
  const cut = (level: number) => coded(tone(440, 1).map((value) => Math.max(-level, Math.min(level, value))))
  expect(kinds(cut(0.7)).some((kind) => kind === 'clipping error')).toBe(true)
  const share = measure([cut(0.7)], RATE).clippedShare
  // Of a sine above 0.7 of its peak: 1 − 2 asin(0.7) / π.
  expect(share).toBeCloseTo(1 - (2 * Math.asin(0.7)) / Math.PI, 2)
})

it('a band limit is what another rate left', () => {
  const upsampled = resample(noise(2, 0.1, 11_025), 11_025, RATE)
  const { cutOffHz } = measure([upsampled], RATE)
  expect(Math.abs((cutOffHz ?? 0) - 11_025 / 2)).toBeLessThan(400)
  expect(kinds(upsampled)).toEqual(['band-limited warning'])
})

it('mono in stereo is two channels that are the same, or one that is silent', () => {
  const [left, right] = [noise(1, 0.1), noise(1, 0.1)]
  expect(kinds(left, left)).toEqual(['mono-in-stereo warning'])
  expect(kinds(left, new Float32Array(RATE))).toEqual(['mono-in-stereo warning'])
  expect(kinds(left, right)).toEqual([])
  expect(
    kinds(
      left,
      left.map((value, at) => value + 0.05 * (right[at] ?? 0)),
    ),
  ).toEqual([])
})
