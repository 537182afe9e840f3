const HEADER_BYTES = 44
/** Tag of linear PCM in the fmt chunk. */
const PCM = 1

/**
 * A WAV file of linear PCM, scaled as `decodeWav` reads it: by 2^(bits − 1).
 * @param channels - samples −1 … 1, of one length; louder ones are clipped
 */
export function encodeWav(
  channels: readonly ArrayLike<number>[],
  sampleRateHz: number,
  bits: 8 | 16 | 24 = 16,
): Uint8Array {
  const frames = channels[0]?.length ?? 0
  const width = bits / 8
  const blockAlign = width * channels.length
  const dataBytes = frames * blockAlign
  // Chunks are padded to even lengths.
  const bytes = Buffer.alloc(HEADER_BYTES + dataBytes + (dataBytes % 2))
  bytes.write('RIFF', 0, 'latin1')
  bytes.writeUInt32LE(bytes.length - 8, 4)
  bytes.write('WAVEfmt ', 8, 'latin1')
  bytes.writeUInt32LE(16, 16)
  bytes.writeUInt16LE(PCM, 20)
  bytes.writeUInt16LE(channels.length, 22)
  bytes.writeUInt32LE(sampleRateHz, 24)
  bytes.writeUInt32LE(sampleRateHz * blockAlign, 28)
  bytes.writeUInt16LE(blockAlign, 32)
  bytes.writeUInt16LE(bits, 34)
  bytes.write('data', 36, 'latin1')
  bytes.writeUInt32LE(dataBytes, 40)
  const scale = 2 ** (bits - 1)
  channels.forEach((samples, channel) => {
    let offset = HEADER_BYTES + channel * width
    for (let frame = 0; frame < frames; frame++) {
      const value = Math.max(-scale, Math.min(scale - 1, Math.round((samples[frame] ?? 0) * scale)))
      // Eight bits are unsigned, around 128.
      if (width === 1) bytes[offset] = value + 128
      else bytes.writeIntLE(value, offset, width)
      offset += blockAlign
    }
  })
  return bytes
}
