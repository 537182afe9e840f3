import { type ErrorShape, toErrorShape } from '../../../src-main/contract/errors.ts'
import type { ClipDetail } from '../../../src-main/contract/model.ts'
import { readSpectrogram, type SpectrogramData } from '../../lib/components/spectrogram/spectrogram-data.ts'
import { readPeaks } from '../../lib/components/waveform/peaks.ts'
import { session } from '../../lib/state/session.svelte.ts'

export const RECIPE = 'article'

/** What a clip is shown by; a picture that could not be had is an error. */
export interface ClipContent {
  detail: ClipDetail
  peaks: [Float32Array, Float32Array] | ErrorShape | null
  spectrogram: SpectrogramData | ErrorShape | null
}

/** Kept: those around the present one, in either direction. */
const KEPT = 12

/** Clips with sound and pictures, fetched before they are asked for, so that the next one is there at once. */
export class ClipsAhead {
  readonly #contents = new Map<number, Promise<ClipContent>>()
  readonly #sounds = new Map<number, HTMLAudioElement>()
  readonly #closing = new AbortController()

  /** The clip; fetched where it is not here. */
  content(clipId: number): Promise<ClipContent> {
    const known = this.#contents.get(clipId)
    const content = known ?? fetchContent(clipId, this.#closing.signal)
    // The last used are the last to go.
    this.#contents.delete(clipId)
    this.#contents.set(clipId, content)
    if (!known)
      content.catch(() => {
        this.#contents.delete(clipId)
      })
    for (const oldest of this.#contents.keys()) {
      if (this.#contents.size <= KEPT) break
      this.#contents.delete(oldest)
    }
    return content
  }

  /** Its sound, loading or loaded; handed over once, since a player empties it at its end. */
  sound(clipId: number): HTMLAudioElement {
    const audio = this.#sounds.get(clipId) ?? soundOf(clipId)
    this.#sounds.delete(clipId)
    return audio
  }

  /** Begins to fetch these, and lets go of other sounds. */
  prepare(clipIds: readonly number[]): void {
    for (const [clipId, audio] of this.#sounds)
      if (!clipIds.includes(clipId)) {
        audio.removeAttribute('src')
        this.#sounds.delete(clipId)
      }
    for (const clipId of clipIds) {
      this.content(clipId).catch(() => {})
      if (!this.#sounds.has(clipId)) this.#sounds.set(clipId, soundOf(clipId))
    }
  }

  /** Forgets what was known of clips, not their sound. */
  refresh(): void {
    this.#contents.clear()
  }

  close(): void {
    this.#closing.abort()
    for (const audio of this.#sounds.values()) audio.removeAttribute('src')
    this.#sounds.clear()
    this.#contents.clear()
  }
}

function soundOf(clipId: number): HTMLAudioElement {
  const audio = new Audio(session.mediaUrl(`clips/${clipId}/audio`))
  audio.preload = 'auto'
  return audio
}

async function fetchContent(clipId: number, signal: AbortSignal): Promise<ClipContent> {
  const detail = await session.call('clips.get', { clipId }, signal)
  if (!detail.playable) return { detail, peaks: null, spectrogram: null }
  const orError = <T>(content: Promise<T>) => content.catch((error: unknown) => toErrorShape(error))
  const [peaks, spectrogram] = await Promise.all([
    orError(session.media(`clips/${clipId}/peaks`, signal).then(readPeaks)),
    orError(session.media(`clips/${clipId}/spectrogram/${RECIPE}`, signal).then(readSpectrogram)),
  ])
  return { detail, peaks, spectrogram }
}
