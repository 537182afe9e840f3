import type { DecodedAudio } from '../types.ts'
import { ensure, Irregular } from './irregular.ts'
import { type OggPacket, oggPackets } from './ogg-packets.ts'
import { MOST_PACKET_BYTES, PACKET_PADDING, readSetup, type Setup } from './setup.ts'
import { VORBIS } from './vorbis.wasm.ts'

/** See src-wasm/vorbis/packet.ts. */
interface PacketDecoder {
  begin(): void
  decode(stream: number, bytes: number): number
}

const PAGE_BYTES = 65_536
const HEADERS = 3
/** Files of one collection have few setups, each of which takes longer to lay out than a second of sound to decode. */
const MOST_SETUPS = 4
/** Stereo silence of libvorbis' encoder has a thousand; more than this is not asked of the memory on a header's word. */
const MOST_SAMPLES_A_BYTE = 4096

const memory = new WebAssembly.Memory({ initial: 1 })
let decoder: PacketDecoder | undefined
let laid: Setup | undefined
const setups: { headers: Buffer; setup: Setup }[] = []

/**
 * Decodes a whole Ogg Vorbis file of the plain kind (Vorbis I): one undamaged stream, floors of type 1, residues of type 1 or 2, at most
 * 8 channels, positions that agree with the samples. The values are libvorbis' up to the rounding of float32.
 * @returns undefined where the file is anything else, which says nothing about whether it can be decoded
 */
export function decodePlainVorbis(bytes: Uint8Array): DecodedAudio | undefined {
  try {
    const packets = oggPackets(bytes)
    const [identification, comments, setupHeader] = packets
    ensure(
      identification?.granule === 0 && comments !== undefined && setupHeader?.granule === 0,
      'no headers',
    )
    const setup = setupOf(identification.bytes, setupHeader.bytes)
    const sound = packets.slice(HEADERS)
    const channels = silence(setup, sound, bytes.length)
    decodePackets(sound, setup, channels)
    return { sampleRateHz: setup.sampleRateHz, channels, truncated: false }
  } catch (error) {
    if (error instanceof Irregular) return undefined
    throw error
  }
}

/** Arrays of the length that the last page states, if the packets can have as much. */
function silence(
  { channels, longBlock }: Setup,
  packets: readonly OggPacket[],
  fileBytes: number,
): Float32Array[] {
  const frames = packets.at(-1)?.granule ?? 0
  const most = Math.min((packets.length * longBlock) / 2, (MOST_SAMPLES_A_BYTE * fileBytes) / channels)
  ensure(frames > 0 && frames <= most, 'its length is odd')
  return Array.from({ length: channels }, () => new Float32Array(frames))
}

/** Fills the channels. */
function decodePackets(packets: readonly OggPacket[], setup: Setup, channels: readonly Float32Array[]): void {
  const frames = channels[0]?.length ?? 0
  const { decode, begin } = layOut(setup)
  const space = new Uint8Array(memory.buffer, setup.packetAt, MOST_PACKET_BYTES + PACKET_PADDING)
  const outs = channels.map((_, index) => {
    const half = setup.longBlock / 2
    return new Float32Array(memory.buffer, setup.outAt + 4 * half * index, half)
  })
  begin()
  let done = 0
  for (const { bytes, granule } of packets) {
    ensure(bytes.length <= MOST_PACKET_BYTES && done < frames, 'a packet is odd')
    space.set(bytes)
    space.fill(0, bytes.length, bytes.length + PACKET_PADDING)
    const made = decode(setup.streamAt, bytes.length)
    ensure(made >= 0, 'a packet is damaged')
    const kept = Math.min(made, frames - done)
    channels.forEach((samples, index) => {
      const out = outs[index]
      if (out) samples.set(kept === out.length ? out : out.subarray(0, kept), done)
    })
    done += kept
    ensure(granule === undefined || granule === done, 'a position is odd')
  }
}

function setupOf(identification: Uint8Array, header: Uint8Array): Setup {
  const headers = Buffer.concat([identification, header])
  const at = setups.findIndex((known) => known.headers.equals(headers))
  const [found = { headers, setup: readSetup(identification, header) }] = at >= 0 ? setups.splice(at, 1) : []
  setups.unshift(found)
  setups.length = Math.min(setups.length, MOST_SETUPS)
  return found.setup
}

/** Lays the setup's tables on the decoder's memory, unless they are there. */
function layOut(setup: Setup): PacketDecoder {
  decoder ??= instantiate()
  if (laid === setup) return decoder
  const end = setup.imageAt + setup.image.length
  const missing = Math.ceil(end / PAGE_BYTES) - memory.buffer.byteLength / PAGE_BYTES
  if (missing > 0) memory.grow(missing)
  new Uint8Array(memory.buffer).set(setup.image, setup.imageAt)
  laid = setup
  return decoder
}

function instantiate(): PacketDecoder {
  const module = new WebAssembly.Module(Buffer.from(VORBIS, 'base64'))
  const { exports } = new WebAssembly.Instance(module, { env: { memory } })
  if (!isPacketDecoder(exports)) throw new Error('the decoder is not that of src-wasm/vorbis')
  return exports
}

function isPacketDecoder(exports: object): exports is PacketDecoder {
  return 'begin' in exports && 'decode' in exports
}
