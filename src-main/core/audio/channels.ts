/**
 * Mean over channels, as `librosa.to_mono`.
 * @param channels - arrays of one length
 * @returns the only channel itself, or a new array
 */
export function toMono(channels: readonly Float32Array[]): Float32Array {
  const [first = new Float32Array(), second, ...others] = channels
  if (!second) return first
  const mono = new Float32Array(first.length)
  if (others.length === 0) {
    for (let index = 0; index < mono.length; index++)
      mono[index] = ((first[index] ?? 0) + (second[index] ?? 0)) / 2
    return mono
  }
  for (const channel of channels)
    for (let index = 0; index < mono.length; index++) mono[index] = (mono[index] ?? 0) + (channel[index] ?? 0)
  for (let index = 0; index < mono.length; index++) mono[index] = (mono[index] ?? 0) / channels.length
  return mono
}
