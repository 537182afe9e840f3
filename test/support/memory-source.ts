import type { SampleSource } from '../../src-main/core/recording/sample-source.ts'

/** Samples in memory, as a recording is read. */
export function memorySource(channels: Float32Array[], sampleRateHz: number): SampleSource {
  const frames = channels[0]?.length ?? 0
  return {
    sampleRateHz,
    channels: channels.length,
    frames,
    read: (from, count) =>
      channels.map((samples) =>
        Float32Array.from({ length: count }, (_, index) => samples[from + index] ?? 0),
      ),
    close: () => {},
  }
}
