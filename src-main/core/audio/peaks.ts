/**
 * The outline of a waveform: the lowest and highest sample of each bucket over all channels.
 * @param buckets - at most this many; fewer for a clip with fewer samples
 * @returns min, max, min, max, …; −1 … 1
 */
export function waveformPeaks(channels: readonly Float32Array[], buckets: number): Float32Array {
  const frames = channels[0]?.length ?? 0
  const count = Math.max(1, Math.min(buckets, frames))
  const peaks = new Float32Array(count * 2)
  for (let bucket = 0; bucket < count; bucket++) {
    const start = Math.floor((bucket * frames) / count)
    const end = Math.floor(((bucket + 1) * frames) / count)
    let low = 0
    let high = 0
    for (const samples of channels) {
      for (let index = start; index < end; index++) {
        const sample = samples[index] ?? 0
        if (sample < low) low = sample
        if (sample > high) high = sample
      }
    }
    peaks[bucket * 2] = low
    peaks[bucket * 2 + 1] = high
  }
  return peaks
}
