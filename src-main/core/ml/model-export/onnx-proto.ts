import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'

/** The messages of ONNX that a network needs, by the field numbers of `onnx.proto3` (ONNX 1.16). */
export interface OnnxModel {
  /** Version of the program that wrote it. */
  producerVersion: string
  documentation: string
  metadata: Readonly<Record<string, string>>
  graphName: string
  nodes: readonly OnnxNode[]
  initializers: readonly OnnxTensor[]
  inputs: readonly OnnxValue[]
  outputs: readonly OnnxValue[]
}

export interface OnnxNode {
  operator: string
  name: string
  inputs: readonly string[]
  output: string
  attributes: Readonly<Record<string, OnnxAttribute>>
}

export type OnnxAttribute = { float: number } | { integer: number } | { integers: readonly number[] }

export type OnnxTensor = { name: string; shape: readonly number[] } & (
  | { floats: Float32Array }
  | { integers: readonly number[] }
)

/** Of float32. A length that is a text is open, and called so. */
export interface OnnxValue {
  name: string
  shape: readonly (number | string)[]
}

/** ONNX 1.12, of 2022: read by everything since. */
const IR_VERSION = 8
export const OPSET = 17

const FLOAT = 1
const INT64 = 7
const ATTRIBUTE = { float: 1, integer: 2, integers: 7 }

/** @returns the bytes of an `.onnx` file */
export function encodeOnnx(model: OnnxModel): Uint8Array {
  const writer = new BinaryWriter()
  writer.tag(1, WireType.Varint).int64(IR_VERSION)
  text(writer, 2, 'Soundfold')
  text(writer, 3, model.producerVersion)
  text(writer, 6, model.documentation)
  message(writer, 7, () => {
    for (const node of model.nodes) message(writer, 1, () => writeNode(writer, node))
    text(writer, 2, model.graphName)
    for (const tensor of model.initializers) message(writer, 5, () => writeTensor(writer, tensor))
    for (const value of model.inputs) message(writer, 11, () => writeValue(writer, value))
    for (const value of model.outputs) message(writer, 12, () => writeValue(writer, value))
  })
  message(writer, 8, () => {
    text(writer, 1, '')
    writer.tag(2, WireType.Varint).int64(OPSET)
  })
  for (const [key, value] of Object.entries(model.metadata))
    message(writer, 14, () => {
      text(writer, 1, key)
      text(writer, 2, value)
    })
  return writer.finish()
}

function writeNode(writer: BinaryWriter, node: OnnxNode): void {
  for (const input of node.inputs) text(writer, 1, input)
  text(writer, 2, node.output)
  text(writer, 3, node.name)
  text(writer, 4, node.operator)
  for (const [name, value] of Object.entries(node.attributes))
    message(writer, 5, () => {
      text(writer, 1, name)
      if ('float' in value) {
        writer.tag(2, WireType.Bit32).float(value.float)
        writer.tag(20, WireType.Varint).int32(ATTRIBUTE.float)
      } else if ('integer' in value) {
        writer.tag(3, WireType.Varint).int64(value.integer)
        writer.tag(20, WireType.Varint).int32(ATTRIBUTE.integer)
      } else {
        integers(writer, 8, value.integers)
        writer.tag(20, WireType.Varint).int32(ATTRIBUTE.integers)
      }
    })
}

function writeTensor(writer: BinaryWriter, tensor: OnnxTensor): void {
  integers(writer, 1, tensor.shape)
  const data = 'floats' in tensor ? tensor.floats : BigInt64Array.from(tensor.integers, BigInt)
  writer.tag(2, WireType.Varint).int32('floats' in tensor ? FLOAT : INT64)
  text(writer, 8, tensor.name)
  writer.tag(9, WireType.LengthDelimited).bytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
}

function writeValue(writer: BinaryWriter, { name, shape }: OnnxValue): void {
  text(writer, 1, name)
  message(writer, 2, () =>
    message(writer, 1, () => {
      writer.tag(1, WireType.Varint).int32(FLOAT)
      message(writer, 2, () => {
        for (const length of shape)
          message(writer, 1, () => {
            if (typeof length === 'string') text(writer, 2, length)
            else writer.tag(1, WireType.Varint).int64(length)
          })
      })
    }),
  )
}

function message(writer: BinaryWriter, field: number, write: () => void): void {
  writer.tag(field, WireType.LengthDelimited).fork()
  write()
  writer.join()
}

const text = (writer: BinaryWriter, field: number, value: string) =>
  writer.tag(field, WireType.LengthDelimited).string(value)

function integers(writer: BinaryWriter, field: number, values: readonly number[]): void {
  message(writer, field, () => {
    for (const value of values) writer.int64(value)
  })
}
