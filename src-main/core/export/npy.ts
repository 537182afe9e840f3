/** NumPy's array files, format 1.0 (numpy.lib.format): a header as a Python dict, then the values, C order, little-endian. */

const MAGIC = '\x93NUMPY\x01\x00'
/** The values begin at a multiple of this. */
const ALIGNMENT = 64

/** Everything before the values. @param type - as NumPy writes it: `<f4`, `<i8`, `<U12` */
export function npyHeader(type: string, shape: readonly number[]): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`
  const dict = `{'descr': '${type}', 'fortran_order': False, 'shape': ${tuple}, }`
  const unpadded = MAGIC.length + 2 + dict.length + 1
  const text = `${dict}${' '.repeat((ALIGNMENT - (unpadded % ALIGNMENT)) % ALIGNMENT)}\n`
  const header = Buffer.alloc(MAGIC.length + 2 + text.length)
  header.write(MAGIC, 'latin1')
  header.writeUInt16LE(text.length, MAGIC.length)
  header.write(text, MAGIC.length + 2, 'latin1')
  return header
}

/** float32. */
export function npyFloats(values: Float32Array, shape: readonly number[]): Uint8Array {
  return Buffer.concat([
    npyHeader('<f4', shape),
    new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  ])
}

/** int64, one dimension. */
export function npyIntegers(values: readonly number[]): Uint8Array {
  const data = BigInt64Array.from(values, BigInt)
  return Buffer.concat([npyHeader('<i8', [values.length]), new Uint8Array(data.buffer)])
}

/** Unicode of one width: UTF-32, padded with zeros. A single text has no dimension. */
export function npyTexts(texts: readonly string[] | string): Uint8Array {
  const rows = (typeof texts === 'string' ? [texts] : texts).map((text) =>
    Array.from(text, (character) => character.codePointAt(0) ?? 0),
  )
  const width = Math.max(1, ...rows.map((row) => row.length))
  const data = new Uint32Array(rows.length * width)
  rows.forEach((row, index) => {
    data.set(row, index * width)
  })
  const shape = typeof texts === 'string' ? [] : [rows.length]
  return Buffer.concat([npyHeader(`<U${width}`, shape), new Uint8Array(data.buffer)])
}
