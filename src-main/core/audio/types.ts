/** What a file's header says, read without decoding it. */
export interface AudioHeader {
  container: 'wav' | 'aiff' | 'ogg' | 'flac' | 'mp3'
  /** `pcm16`, `float32`, `ima-adpcm`, `vorbis`, … */
  codec: string
  sampleRateHz: number
  channels: number
  /** Null where the codec has none. */
  bitsPerSample: number | null
  /** Samples per channel; null where only decoding tells. */
  frames: number | null
  durationSeconds: number
  /** The file ends before its header says so, or within its last page; or its recorder never wrote the length. */
  truncated: boolean
}

/** Samples of one file, −1 … 1, one array a channel. */
export interface DecodedAudio {
  sampleRateHz: number
  channels: Float32Array[]
  /** The file ended before its header said so; what there was is decoded. */
  truncated: boolean
}
