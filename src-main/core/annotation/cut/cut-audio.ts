import { decodeStream } from '../../audio/decode-stream.ts'
import { readAudioHeader } from '../../audio/header.ts'
import { encodeWav } from '../../audio/wav-encode.ts'

export interface Stretch {
  startSeconds: number
  endSeconds: number
}

interface Open<S> {
  stretch: S
  first: number
  end: number
  /** A list of blocks for each channel. */
  parts: Float32Array[][]
}

/**
 * Cuts stretches out of one recording, decoded once, block by block, however long it is. Channels and rate stay; 8-, 16- and 24-bit PCM
 * is the same bit for bit, wider and floating samples become 24 bits, compressed ones 16.
 * @param onCut - takes each stretch as a WAV file, in the order of their ends
 * @throws SoundfoldError of reading it; the signal's reason
 */
export async function cutRecording<S extends Stretch>(
  path: string,
  stretches: readonly S[],
  onCut: (stretch: S, wav: Uint8Array) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const header = await readAudioHeader(path)
  const bits = bitsOf(header)
  let waiting = stretches.toSorted((a, b) => a.startSeconds - b.startSeconds)
  let open: Open<S>[] = []
  let at = 0
  const finish = async ({ stretch, parts }: Open<S>, rate: number) =>
    onCut(stretch, encodeWav(parts.map(joined), rate, bits))
  for await (const { channels, sampleRateHz } of decodeStream(path, signal)) {
    const frames = channels[0]?.length ?? 0
    const begun = waiting.filter(({ startSeconds }) => Math.round(startSeconds * sampleRateHz) < at + frames)
    waiting = waiting.slice(begun.length)
    for (const stretch of begun)
      open.push({
        stretch,
        first: Math.round(stretch.startSeconds * sampleRateHz),
        end: Math.round(stretch.endSeconds * sampleRateHz),
        parts: channels.map(() => []),
      })
    for (const { first, end, parts } of open)
      for (const [channel, samples] of channels.entries())
        parts[channel]?.push(samples.slice(Math.max(0, first - at), Math.max(0, Math.min(frames, end - at))))
    at += frames
    for (const one of open) if (one.end <= at) await finish(one, sampleRateHz)
    open = open.filter(({ end }) => end > at)
    if (open.length === 0 && waiting.length === 0) return
  }
  // The sound ends a little before its header says so.
  for (const one of open) await finish(one, header.sampleRateHz)
}

function bitsOf({ codec, bitsPerSample }: { codec: string; bitsPerSample: number | null }): 8 | 16 | 24 {
  if (codec.startsWith('float') || (bitsPerSample ?? 0) > 16) return 24
  return codec === 'pcm8' ? 8 : 16
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}
