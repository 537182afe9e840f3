import type { ClipDetail } from '../../../src-main/contract/model.ts'
import type { TileWindow } from '../../../src-main/contract/recording.ts'
import { tileSpan } from '../../lib/components/spectrogram/tile.ts'
import { session } from '../../lib/state/session.svelte.ts'
import { settings } from '../../lib/state/settings.svelte.ts'
import { ClipTiles } from './tiles.svelte.ts'
import { ClipWave } from './wave.svelte.ts'

/** Outline and spectrogram of a clip, with what has come of them. */
export interface OpenClip {
  readonly detail: ClipDetail
  readonly wave: ClipWave
  readonly tiles: ClipTiles
  readonly window: TileWindow
}

/** The one in view, its neighbours, and those just left. */
const MOST_OPEN = 8
/** Longer ones are not prepared before somebody wants them. */
const PREPARED_SECONDS = 60

const open = new Map<number, OpenClip>()
/** Of the pictures of a page, as it was last; for those of clips that are prepared. */
let pixels = 0

/** A clip's pictures: those that are here already, where the clip and the settings are the same. */
export function openClip(detail: ClipDetail): OpenClip {
  const window = settings.values.tileWindow
  const known = open.get(detail.id)
  open.delete(detail.id)
  const isSame = known?.window === window && known.detail.contentHash === detail.contentHash
  if (known && !isSame) close(known)
  const shape = {
    id: detail.id,
    sampleRateHz: detail.sampleRateHz ?? 44_100,
    durationSeconds: detail.durationSeconds ?? 0,
  }
  const made =
    known && isSame
      ? { ...known, detail }
      : { detail, window, wave: new ClipWave(shape), tiles: new ClipTiles(shape, window) }
  open.set(detail.id, made)
  for (const [id, old] of open) {
    if (open.size <= MOST_OPEN) break
    open.delete(id)
    close(old)
  }
  void made.wave.open()
  return made
}

/** What is known of a clip without a question. */
export function knownDetail(clipId: number): ClipDetail | undefined {
  return open.get(clipId)?.detail
}

export function rememberWidth(width: number): void {
  pixels = width
}

/** Fetches a clip's row and its pictures before somebody goes to it. */
export async function prepareClip(clipId: number, signal: AbortSignal): Promise<void> {
  if (open.has(clipId) || pixels === 0) return
  const detail = await session.call('clips.get', { clipId }, signal)
  if (!detail.playable || (detail.durationSeconds ?? 0) > PREPARED_SECONDS) return
  const { wave, tiles } = openClip(detail)
  const whole = { from: 0, to: detail.durationSeconds ?? 0 }
  tiles.want(tileSpan(whole, tiles, pixels))
  await wave.open()
  wave.columns(0, tiles.frames / pixels, pixels)
}

/** When a page of clips is left. */
export function closeClips(): void {
  for (const clip of open.values()) close(clip)
  open.clear()
}

function close({ wave, tiles }: OpenClip): void {
  wave.stop()
  tiles.stop()
}
