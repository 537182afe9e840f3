import type { PictureView } from '../../lib/components/spectrogram/picture-view.svelte.ts'
import { CHANNEL_CHOICES, PLAY_LIMITS, settings } from '../../lib/state/settings.svelte.ts'
import { Player } from './player.svelte.ts'
import { SoundGraph } from './sound-graph.ts'

export const SPEEDS = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2] as const
const GAIN_STEP_DB = 3

/** The player of a clip's page: selection, speed with kept pitch, channels, band and gain, as the settings have them. */
export class PagePlayer extends Player {
  /** Made at the first sound: a browser lets none out before somebody wants it. */
  graph = $state.raw<SoundGraph>()
  readonly #view: PictureView
  /** Plays to the selection's end and no further. */
  #once = false

  constructor(audio: HTMLAudioElement, view: PictureView) {
    super(audio, view.durationSeconds)
    this.#view = view
    audio.preservesPitch = true
  }

  override attach(): () => void {
    const detach = super.attach()
    // Also while the window is hidden, where no frames are drawn.
    const keep = () => this.#keepInSelection()
    this.audio.addEventListener('timeupdate', keep)
    return () => {
      this.audio.removeEventListener('timeupdate', keep)
      detach()
      this.graph?.close()
    }
  }

  override async play(): Promise<void> {
    this.graph ??= new SoundGraph(this.audio)
    this.follow()
    const { selection } = this.#view
    if (selection && settings.values.loop && !this.#isIn(selection)) this.seek(selection.from)
    await this.graph.start()
    await super.play()
  }

  /** From its beginning; again and again where the player loops. */
  playSelection(): void {
    const { selection } = this.#view
    if (!selection) return
    this.#once = true
    this.seek(selection.from)
    void this.play()
  }

  override toggle(): void {
    this.#once = false
    super.toggle()
  }

  /** Hands the settings on to the sound; to be called in an `$effect`. */
  follow(): void {
    const { speed, playGainDb, channel, bandOnly, loop } = settings.values
    const { selection } = this.#view
    this.audio.playbackRate = speed
    this.audio.loop = loop && selection === null
    this.graph?.set({ gainDb: playGainDb, channel, band: bandOnly ? (selection?.band ?? null) : null })
  }

  protected override onFrame(): void {
    this.#keepInSelection()
  }

  #isIn({ from, to }: { from: number; to: number }): boolean {
    return this.audio.currentTime >= from && this.audio.currentTime < to
  }

  #keepInSelection(): void {
    const { selection } = this.#view
    if (!selection || !this.playing || this.audio.currentTime < selection.to) return
    if (settings.values.loop) this.seek(selection.from)
    else if (this.#once) {
      this.#once = false
      this.audio.pause()
      this.seek(selection.to)
    }
  }
}

/** @param by - to the next faster or slower one */
export function changeSpeed(by: 1 | -1): void {
  const index = SPEEDS.findIndex((speed) => speed >= settings.values.speed)
  const speed = SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, index + by))]
  if (speed !== undefined) settings.change({ speed })
}

export function changeGain(by: 1 | -1): void {
  const { min, max } = PLAY_LIMITS.playGainDb
  const playGainDb = Math.min(max, Math.max(min, settings.values.playGainDb + by * GAIN_STEP_DB))
  settings.change({ playGainDb })
}

export function nextChannel(): void {
  const index = CHANNEL_CHOICES.indexOf(settings.values.channel)
  settings.change({ channel: CHANNEL_CHOICES[(index + 1) % CHANNEL_CHOICES.length] ?? 'all' })
}
