import type { PictureView } from '../../lib/components/spectrogram/picture-view.svelte.ts'
import type { PointerDrag, PointerPlace, PointerTool } from '../../lib/components/spectrogram/pointer-tool.ts'
import { edgeAt, selectingTool } from '../../lib/components/spectrogram/selecting.ts'
import type { Annotator } from './annotator.svelte.ts'
import { annotationAt } from './edit.ts'

/** How near a press takes what is as narrow as a point. */
const REACH_PIXELS = 4

/**
 * Annotations by the pointer: a click chooses one, with Ctrl one more or less; a drag moves those that are chosen or an edge of the selected
 * one; any other drag selects anew, and lets go of them.
 */
export function annotationTool(annotator: Annotator): PointerTool {
  const { view } = annotator
  const selecting = selectingTool(view)
  return {
    press(place, keys) {
      const { chosen, others } = annotator
      const more = keys.ctrlKey || keys.metaKey
      const hit = annotationAt(annotator.list, place.seconds, place.hz, REACH_PIXELS * place.secondsPerPixel)
      // Its edges are the selection's.
      if (chosen && !keys.shiftKey && !more && edgeAt(view, place)) return null
      const held = hit && (hit.id === chosen?.id || others.has(hit.id))
      if (held && !more && !keys.shiftKey && view.tool !== 'pan') {
        const drag = moving(view, place)
        if (hit.id === chosen?.id) return drag
        return { ...drag, ownsClick: true, end: (_, __, moved) => !moved && annotator.choose(hit.id) }
      }
      const inner = selecting.press(place, keys)
      if (!hit && !(chosen && inner)) return null
      const drag = inner ?? panning(view, place)
      return {
        ownsClick: hit !== undefined,
        move(to, held) {
          if (inner) annotator.release()
          drag.move(to, held)
        },
        end(to, held, moved) {
          if (!moved && hit) annotator.choose(hit.id, more ? 'toggle' : 'one')
          else drag.end(to, held, moved)
        },
        cancel: () => drag.cancel(),
      }
    },
  }
}

function moving(view: PictureView, start: PointerPlace): PointerDrag {
  const before = view.selection
  return {
    move({ seconds, secondsPerPixel, height }) {
      if (!before) return
      const length = before.to - before.from
      // Its own edges would hold it where it is.
      view.selection = null
      const wanted = before.from + seconds - start.seconds
      const atStart = view.snap(wanted, secondsPerPixel)
      const byEnd = view.snap(wanted + length, secondsPerPixel) - length
      const from = Math.abs(atStart - wanted) > 0 ? atStart : byEnd
      const inside = Math.max(0, Math.min(from, view.durationSeconds - length))
      view.selection = {
        from: inside,
        to: inside + length,
        band: movedBand(view, before.band, start.height, height),
      }
    },
    end() {},
    cancel() {
      view.selection = before
    },
  }
}

/** As high on the picture as before; a box keeps its height there, as far as the axis goes. */
function movedBand(
  view: PictureView,
  band: { lowHz: number; highHz: number } | null,
  from: number | null,
  to: number | null,
) {
  if (!band || from === null || to === null) return band
  const [low, high] = [view.bottom(band.lowHz), view.bottom(band.highHz)]
  const by = Math.max(-low, Math.min(to - from, 1 - high))
  const [lowHz, highHz] = [view.hzAt(low + by), view.hzAt(high + by)]
  return by === 0 || lowHz === null || highHz === null ? band : { lowHz, highHz }
}

function panning(view: PictureView, start: PointerPlace): PointerDrag {
  let lastX = start.x
  return {
    move({ x, secondsPerPixel }) {
      view.pan((lastX - x) * secondsPerPixel)
      lastX = x
    },
    end() {},
    cancel() {},
  }
}
