/**
 * Mean over channels, as `librosa.to_mono`.
 * @param channels - arrays of one length
 * @returns the only channel itself, or a new array
 */
export function toMono(channels: readonly Float32Array[]): Float32Array {
  const [first = new Float32Array(), ...others] = channels
  if (others.length === 0) return first
  const mono = new Float32Array(first.length)
  for (let index = 0; index < mono.length; index++) {
    let sum = first[index] ?? 0
    for (const other of others) sum += other[index] ?? 0
    mono[index] = sum / channels.length
  }
  return mono
}
