import { untrack } from 'svelte'
import type { PictureView } from '../../lib/components/spectrogram/picture-view.svelte.ts'
import type { CommandId } from '../../lib/state/commands.ts'
import type { Player } from './player.svelte.ts'

/** A sound with its pictures: they follow its playhead, and keys move both. Made while a component is. */
export class Listening {
  readonly #player: () => Player | undefined

  /** What the keys do wherever a clip is heard, for `bindCommands`. */
  readonly commands: Readonly<Partial<Record<CommandId, () => void>>>

  /** @param player - undefined until there is one, silent at the clip's start */
  constructor(view: () => PictureView, player: () => Player | undefined) {
    this.#player = player
    this.commands = {
      'clip.play': () => player()?.toggle(),
      'clip.loop': () => player()?.toggleLoop(),
      'clip.back': () => player()?.step(-1),
      'clip.forward': () => player()?.step(1),
      'clip.earlier': () => view().panBy(-1),
      'clip.later': () => view().panBy(1),
      'clip.zoomIn': () => view().zoomBy(1, this.playheadSeconds),
      'clip.zoomOut': () => view().zoomBy(-1, this.playheadSeconds),
    }
    let before = 0
    $effect(() => {
      const now = this.playheadSeconds
      untrack(() => view().follow(before, now))
      before = now
    })
  }

  get playheadSeconds(): number {
    return this.#player()?.currentSeconds ?? 0
  }
}
