import { settings } from '../../lib/state/settings.svelte.ts'

const SEEK_SHARE = 0.05

/** One clip's sound: what the audio element does, as state, and its clock at the screen's pace while it plays. */
export class Player {
  playing = $state(false)
  currentSeconds = $state(0)
  failure = $state<string | null>(null)
  readonly audio: HTMLAudioElement
  readonly #durationSeconds: number
  #frame = 0

  constructor(audio: HTMLAudioElement, durationSeconds: number) {
    this.audio = audio
    this.#durationSeconds = durationSeconds
  }

  /** Follows the element. @returns the way out, which also stops it */
  attach(): () => void {
    const { audio } = this
    const tick = () => {
      this.onFrame()
      this.currentSeconds = audio.currentTime
      if (this.playing) this.#frame = requestAnimationFrame(tick)
    }
    const follow = () => {
      this.playing = !audio.paused && !audio.ended
      cancelAnimationFrame(this.#frame)
      tick()
    }
    const fail = () => {
      this.playing = false
      this.failure = 'This clip could not be loaded or played.'
    }
    const names = ['play', 'pause', 'ended', 'seeked', 'timeupdate'] as const
    for (const name of names) audio.addEventListener(name, follow)
    audio.addEventListener('error', fail)
    return () => {
      for (const name of names) audio.removeEventListener(name, follow)
      audio.removeEventListener('error', fail)
      cancelAnimationFrame(this.#frame)
      audio.pause()
      // Without this the browser keeps loading a clip that nobody looks at any more.
      audio.removeAttribute('src')
      audio.load()
    }
  }

  /** At each frame while it plays, before the clock is told. */
  protected onFrame(): void {}

  async play(): Promise<void> {
    try {
      await this.audio.play()
    } catch (error) {
      // A pause or another clip that comes before the sound starts is no failure.
      if (error instanceof Error && error.name !== 'AbortError') this.failure = error.message
    }
  }

  toggle(): void {
    if (this.audio.paused) void this.play()
    else this.audio.pause()
  }

  seek(seconds: number): void {
    this.audio.currentTime = Math.min(this.#durationSeconds, Math.max(0, seconds))
    this.currentSeconds = this.audio.currentTime
  }

  step(direction: 1 | -1): void {
    this.seek(this.audio.currentTime + direction * SEEK_SHARE * this.#durationSeconds)
  }

  /** Whether clips play when they are chosen; this one is chosen already. */
  toggleAutoplay(): void {
    const on = !settings.values.playOnSelect
    settings.change({ playOnSelect: on })
    if (on && this.audio.paused) void this.play()
  }

  toggleLoop(): void {
    settings.change({ loop: !settings.values.loop })
  }
}
