import { existsSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

/** What test/parity/generate/features.py wrote. */

const dataFolder = new URL('./data/', import.meta.url)
const audioSchema = z.object({ frames: z.number(), sampleRateHz: z.number(), channels: z.number() })
const conversionSchema = z.object({ hzToMel: z.array(z.number()), melToHz: z.array(z.number()) })

export const references = z
  .object({
    versions: z.record(z.string(), z.string()),
    melScale: z.object({
      hz: z.array(z.number()),
      mel: z.array(z.number()),
      slaney: conversionSchema,
      htk: conversionSchema,
    }),
    resampled: z.array(z.object({ fromHz: z.number(), chirpToHz: z.number() })),
    files: z.array(audioSchema.extend({ name: z.string() })),
    clips: z.array(z.string()),
    lengths: z.record(z.string(), audioSchema),
    arrays: z.record(z.string(), z.object({ offset: z.number(), shape: z.array(z.number()) })),
  })
  .parse(JSON.parse(readFileSync(new URL('features.json', dataFolder), 'utf8')))

const placesSchema = z.record(z.string(), z.object({ offset: z.number(), shape: z.array(z.number()) }))

/** Reads arrays that a generator stored: `NAME.f32`, and where each is in it. */
function storedArrays(name: string, places: z.infer<typeof placesSchema>) {
  const blob = readFileSync(new URL(`${name}.f32`, dataFolder))
  return (key: string): Float32Array => {
    const place = places[key]
    if (!place) throw new Error(`${name}.json has no array ${key}`)
    const length = place.shape.reduce((product, size) => product * size, 1)
    return Float32Array.from({ length }, (_, index) => blob.readFloatLE((place.offset + index) * 4))
  }
}

/** A stored array, flattened row by row. */
export const referenceArray = storedArrays('features', references.arrays)

/** What test/parity/generate/descriptors.py wrote. */
export const descriptors = z
  .object({ versions: z.record(z.string(), z.string()), clips: z.array(z.string()), arrays: placesSchema })
  .parse(JSON.parse(readFileSync(new URL('descriptors.json', dataFolder), 'utf8')))
export const descriptorArray = storedArrays('descriptors', descriptors.arrays)

/** What test/parity/generate/embedding_model.py wrote: a model's features by case and signal. */
export const embeddings = z
  .object({ versions: z.record(z.string(), z.string()), arrays: placesSchema })
  .parse(JSON.parse(readFileSync(new URL('embedding/embedding.json', dataFolder), 'utf8')))
export const embeddingArray = storedArrays('embedding/embedding', embeddings.arrays)

/** What test/parity/generate/classical.py wrote. */
export const classical = z
  .object({
    versions: z.record(z.string(), z.string()),
    /** Of the rows, the first ones. */
    training: z.int(),
    classes: z.int(),
    labels: z.array(z.int()),
    trees: z.int(),
    forests: z.record(
      z.string(),
      z.object({
        accuracyMean: z.number(),
        accuracyDeviation: z.number(),
        distances: z.array(z.number()),
      }),
    ),
    arrays: placesSchema,
  })
  .parse(JSON.parse(readFileSync(new URL('classical.json', dataFolder), 'utf8')))
export const classicalArray = storedArrays('classical', classical.arrays)

/** An array of what test/parity/generate/networks.py wrote, flattened. */
export const networkArray = (place: { offset: number; shape: number[] }) =>
  storedArrays('networks', { it: place })('it')

/** The same of explanations.py. */
export const explanationArray = (place: { offset: number; shape: number[] }) =>
  storedArrays('explanations', { it: place })('it')

/** What test/parity/generate/augmentation.py wrote. */
export const augmentation = z
  .object({
    versions: z.record(z.string(), z.string()),
    beta: z.array(
      z.object({
        alpha: z.number(),
        at: z.array(z.number()),
        cdf: z.array(z.number()),
        variance: z.number(),
      }),
    ),
    stride: z.number(),
    lengths: z.record(z.string(), z.number()),
    arrays: placesSchema,
  })
  .parse(JSON.parse(readFileSync(new URL('augmentation.json', dataFolder), 'utf8')))
export const augmentationArray = storedArrays('augmentation', augmentation.arrays)

/** Absolute path of one of the generator's audio files. */
export const audioFile = (name: string) => fileURLToPath(new URL(`audio/${name}`, dataFolder))

/** What test/parity/generate/formats.py wrote: a file in every form, and its samples, one channel after the other. */
export const formats = z
  .object({
    versions: z.record(z.string(), z.string()),
    files: z.array(audioSchema.extend({ name: z.string(), subtype: z.string(), offset: z.number() })),
    refused: z.array(z.string()),
  })
  .parse(JSON.parse(readFileSync(new URL('formats/formats.json', dataFolder), 'utf8')))
export const formatReference = storedArrays(
  'formats/formats',
  Object.fromEntries(
    formats.files.map(({ name, offset, channels, frames }) => [name, { offset, shape: [channels, frames] }]),
  ),
)
/** Absolute path of one of those files. */
export const formatFile = (name: string) => fileURLToPath(new URL(`formats/${name}`, dataFolder))

/** What test/parity/generate/vorbis.py wrote: Ogg Vorbis files of many kinds, and their samples. */
export const vorbis = z
  .object({
    versions: z.record(z.string(), z.string()),
    files: z.array(z.object({ name: z.string(), sampleRateHz: z.number() })),
    arrays: placesSchema,
  })
  .parse(JSON.parse(readFileSync(new URL('vorbis/vorbis.json', dataFolder), 'utf8')))
export const vorbisReference = storedArrays('vorbis/vorbis', vorbis.arrays)
/** Absolute path of one of those files. */
export const vorbisFile = (name: string) => fileURLToPath(new URL(`vorbis/${name}`, dataFolder))

/** Path of a real clip beside the checkout, and whether it is there; tests name the absent ones. */
export function realClip(relative: string) {
  const path = fileURLToPath(new URL(`../../../shared/data/${relative}`, import.meta.url))
  return { name: basename(relative), path, absent: !existsSync(path) }
}

/** Largest and mean distance of two arrays of one length. */
export function distance(actual: ArrayLike<number>, expected: ArrayLike<number>) {
  if (actual.length !== expected.length)
    throw new Error(`${actual.length} values, expected ${expected.length}`)
  let max = 0
  let sum = 0
  for (let index = 0; index < expected.length; index++) {
    const gap = Math.abs((actual[index] ?? Number.NaN) - (expected[index] ?? Number.NaN))
    // A NaN must fail, not hide.
    if (!(gap <= max)) max = gap
    sum += gap
  }
  return { max, mean: expected.length === 0 ? 0 : sum / expected.length }
}
