import { z } from 'zod'

/** What a classical model has learnt. */
export type NamedArrays = Readonly<Record<string, ModelArray>>
type ModelArray = Float32Array | Float64Array | Int32Array

const KINDS = { float32: Float32Array, float64: Float64Array, int32: Int32Array } as const
type Kind = keyof typeof KINDS
interface ArrayOf {
  float32: Float32Array<ArrayBuffer>
  float64: Float64Array<ArrayBuffer>
  int32: Int32Array<ArrayBuffer>
}

/** Of each array in the order of its bytes. */
export const arrayListSchema = z.array(
  z.object({ name: z.string(), type: z.enum(['float32', 'float64', 'int32']), length: z.int().min(0) }),
)
type ArrayList = z.infer<typeof arrayListSchema>

/** @throws Error where there is none of the name and type */
export function arrayNamed<K extends Kind>(arrays: NamedArrays, name: string, type: K): ArrayOf[K]
export function arrayNamed(arrays: NamedArrays, name: string, type: Kind): ModelArray {
  const found = arrays[name]
  if (found instanceof KINDS[type]) return found
  throw new Error(`the model lacks the ${type} array "${name}"`)
}

/** One array after the other, little-endian. */
export function packArrays(arrays: NamedArrays): { list: ArrayList; bytes: Uint8Array } {
  const entries = Object.entries(arrays)
  return {
    list: entries.map(([name, array]) => ({ name, type: kindOf(array), length: array.length })),
    bytes: Buffer.concat(
      entries.map(([, array]) => Buffer.from(array.buffer, array.byteOffset, array.byteLength)),
    ),
  }
}

/** @throws Error where the bytes are not as many as the list says */
export function unpackArrays(list: ArrayList, bytes: Uint8Array): NamedArrays {
  let at = 0
  const entries = list.map(({ name, type, length }) => {
    const end = at + length * KINDS[type].BYTES_PER_ELEMENT
    // A copy, since the array's place may not suit its type.
    const { buffer } = Uint8Array.from(bytes.subarray(at, end))
    at = end
    return [name, new KINDS[type](buffer)] as const
  })
  if (at !== bytes.length) throw new Error('the model’s arrays are cut short or too long')
  return Object.fromEntries(entries)
}

const kindOf = (array: ModelArray): Kind =>
  array instanceof Float32Array ? 'float32' : array instanceof Float64Array ? 'float64' : 'int32'
