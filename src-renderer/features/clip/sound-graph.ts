import type { Band } from '../../lib/components/spectrogram/selection.ts'
import type { ChannelChoice } from '../../lib/state/settings.svelte.ts'

export interface SoundSettings {
  readonly gainDb: number
  readonly channel: ChannelChoice
  /** Only its frequencies are let through; all where there is none. */
  readonly band: Band | null
}

/** Shares of [left, right] of the clip that each ear gets. */
const MATRIX: Readonly<
  Record<ChannelChoice, readonly [readonly [number, number], readonly [number, number]]>
> = {
  all: [
    [1, 0],
    [0, 1],
  ],
  left: [
    [1, 0],
    [1, 0],
  ],
  right: [
    [0, 1],
    [0, 1],
  ],
  mix: [
    [0.5, 0.5],
    [0.5, 0.5],
  ],
}
/** A Butterworth filter of fourth order, 24 dB an octave, of two second-order ones; Web Audio takes their Q in dB. */
const BUTTERWORTH_Q_DB = [0.5412, 1.3066].map((q) => 20 * Math.log10(q))
const METER_SAMPLES = 2048
/** So that a change makes no click. */
const SMOOTH_SECONDS = 0.01

/** One for the window: browsers allow few, and starting one takes a while. */
let shared: AudioContext | undefined

/** What lies between an audio element and the ears: channels, band, gain, and a meter behind them. */
export class SoundGraph {
  readonly #context: AudioContext
  readonly #source: MediaElementAudioSourceNode
  readonly #gain: GainNode
  readonly #shares: readonly (readonly [GainNode, GainNode])[]
  readonly #filters: { low: BiquadFilterNode[]; high: BiquadFilterNode[] }
  readonly #input: GainNode
  readonly #meters: readonly AnalyserNode[]
  readonly #samples = new Float32Array(METER_SAMPLES)
  #filtered: boolean | undefined

  constructor(audio: HTMLAudioElement) {
    shared ??= new AudioContext()
    const context = shared
    this.#context = context
    this.#source = context.createMediaElementSource(audio)
    // Mono is on both channels from here on.
    this.#input = new GainNode(context, { channelCount: 2, channelCountMode: 'explicit' })
    const splitter = new ChannelSplitterNode(context, { numberOfOutputs: 2 })
    const merger = new ChannelMergerNode(context, { numberOfInputs: 2 })
    this.#gain = new GainNode(context)
    this.#shares = [0, 1].map((ear) => {
      const [left, right] = [new GainNode(context), new GainNode(context)]
      splitter.connect(left, 0).connect(merger, 0, ear)
      splitter.connect(right, 1).connect(merger, 0, ear)
      return [left, right] as const
    })
    const filter = (type: BiquadFilterType) =>
      BUTTERWORTH_Q_DB.map((Q) => new BiquadFilterNode(context, { type, Q }))
    this.#filters = { low: filter('highpass'), high: filter('lowpass') }
    this.#input.connect(splitter)
    merger.connect(this.#gain).connect(context.destination)
    const meterSplitter = new ChannelSplitterNode(context, { numberOfOutputs: 2 })
    this.#gain.connect(meterSplitter)
    this.#meters = [0, 1].map((channel) => {
      const meter = new AnalyserNode(context, { fftSize: METER_SAMPLES })
      meterSplitter.connect(meter, channel)
      return meter
    })
  }

  /** Browsers let no sound out before a person has done something. */
  async start(): Promise<void> {
    if (this.#context.state === 'suspended') await this.#context.resume()
  }

  set({ gainDb, channel, band }: SoundSettings): void {
    const now = this.#context.currentTime
    const glide = (parameter: AudioParam, value: number) =>
      parameter.setTargetAtTime(value, now, SMOOTH_SECONDS)
    glide(this.#gain.gain, 10 ** (gainDb / 20))
    this.#shares.forEach((nodes, ear) => {
      nodes.forEach((node, from) => {
        glide(node.gain, MATRIX[channel][ear === 0 ? 0 : 1][from === 0 ? 0 : 1])
      })
    })
    this.#route(band !== null)
    if (!band) return
    const nyquist = this.#context.sampleRate / 2
    for (const { frequency } of this.#filters.low) glide(frequency, Math.max(1, band.lowHz))
    for (const { frequency } of this.#filters.high) glide(frequency, Math.min(nyquist, band.highHz))
  }

  /** Peak of what was heard last, of both channels, dBFS; −Infinity for silence. */
  peaksDb(): [left: number, right: number] {
    const [left = 0, right = 0] = this.#meters.map((meter) => {
      meter.getFloatTimeDomainData(this.#samples)
      return this.#samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0)
    })
    return [20 * Math.log10(left), 20 * Math.log10(right)]
  }

  close(): void {
    this.#source.disconnect()
    this.#gain.disconnect()
  }

  #route(filtered: boolean): void {
    if (filtered === this.#filtered) return
    this.#filtered = filtered
    const chain = filtered ? [...this.#filters.low, ...this.#filters.high] : []
    this.#source.disconnect()
    for (const filter of [...this.#filters.low, ...this.#filters.high]) filter.disconnect()
    const last = chain.reduce<AudioNode>((from, to) => from.connect(to), this.#source)
    last.connect(this.#input)
  }
}
