/**
 * Mean over channels, as `librosa.to_mono`.
 * @param channels - arrays of one length
 * @returns the only channel itself, or a new array
 */
export function toMono(channels: readonly Float32Array[]): Float32Array {
  const [first = new Float32Array(), ...others] = channels
  if (others.length === 0) return first
  const mono = Float32Array.from(first)
  for (const other of others)
    for (let index = 0; index < mono.length; index++) mono[index] = (mono[index] ?? 0) + (other[index] ?? 0)
  for (let index = 0; index < mono.length; index++) mono[index] = (mono[index] ?? 0) / channels.length
  return mono
}
