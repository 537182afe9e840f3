import type { PictureView } from './picture-view.svelte.ts'
import type { PointerDrag, PointerPlace } from './pointer-tool.ts'
import { selectingTool } from './selecting.ts'
import { secondsAt } from './time-range.ts'

/** Pixels that one line of a wheel is worth, where the browser counts lines. */
const LINE_PIXELS = 16
/** So that one notch of a wheel and one step of a pinch are both pleasant. */
const MOST_ZOOM_PIXELS = 50
const ZOOM_PER_PIXEL = 0.01
/** A press that moves no further than this is a click. */
const CLICK_PIXELS = 3

/**
 * The wheel over a picture: with Ctrl, or as a pinch, it zooms at the pointer; else it pans. While the whole clip is in
 * view there is nothing to pan, and the wheel scrolls the page as everywhere.
 */
export function wheelGestures(view: PictureView) {
  return (element: HTMLElement) => {
    const onWheel = (event: WheelEvent) => {
      const scale = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PIXELS : 1
      const { left, width } = element.getBoundingClientRect()
      if (event.ctrlKey || event.metaKey) {
        const pixels = Math.min(MOST_ZOOM_PIXELS, Math.max(-MOST_ZOOM_PIXELS, event.deltaY * scale))
        const at = secondsAt(view.range, (event.clientX - left) / width)
        view.zoomAt(Math.exp(-pixels * ZOOM_PER_PIXEL), at)
      } else if (view.zoomed) {
        const pixels = (Math.abs(event.deltaX) > Math.abs(event.deltaY) ? event.deltaX : event.deltaY) * scale
        view.pan((pixels / width) * (view.range.to - view.range.from))
      } else return
      event.preventDefault()
      // The picture has moved below a pointer that has not.
      if (view.cursor?.by === 'pointer')
        view.cursor = { ...view.cursor, seconds: secondsAt(view.range, (event.clientX - left) / width) }
    }
    element.addEventListener('wheel', onWheel, { passive: false })
    return () => element.removeEventListener('wheel', onWheel)
  }
}

/**
 * The pointer over a picture: a click seeks, a double click shows the whole clip; a drag is whatever tool takes it, else it pans, or
 * seeks where there is nothing to pan.
 * @param hasFrequencies - that height stands for frequency here
 */
export function pointerGestures(view: PictureView, onseek: (seconds: number) => void, hasFrequencies = true) {
  const selecting = selectingTool(view)
  return (element: HTMLElement) => {
    let pressed: { x: number; y: number; moved: boolean; drag: PointerDrag } | null = null
    const place = (event: PointerEvent): PointerPlace => {
      const { left, bottom, width, height } = element.getBoundingClientRect()
      const clamp = (share: number) => Math.min(1, Math.max(0, share))
      const share = clamp((bottom - event.clientY) / height)
      return {
        seconds: secondsAt(view.range, clamp((event.clientX - left) / width)),
        height: hasFrequencies ? share : null,
        hz: hasFrequencies ? view.hzAt(share) : null,
        secondsPerPixel: (view.range.to - view.range.from) / width,
        x: event.clientX - left,
        y: bottom - event.clientY,
      }
    }
    const onDown = (event: PointerEvent) => {
      if (event.button !== 0) return
      const start = place(event)
      let drag: PointerDrag | null = null
      for (const tool of [...view.tools, selecting]) drag ??= tool.press(start, event)
      drag ??= panning(view, onseek, start)
      pressed = { x: event.clientX, y: event.clientY, moved: false, drag }
      element.setPointerCapture(event.pointerId)
    }
    const onMove = (event: PointerEvent) => {
      const before = place(event)
      if (pressed) {
        const { x, y } = pressed
        pressed.moved ||= Math.hypot(event.clientX - x, event.clientY - y) > CLICK_PIXELS
        if (pressed.moved) pressed.drag.move(before, event)
      }
      // After the drag, which may have moved the picture.
      const { seconds, height } = place(event)
      view.cursor = { seconds, height, by: 'pointer' }
    }
    const onUp = (event: PointerEvent) => {
      if (!pressed) return
      const { drag, moved } = pressed
      pressed = null
      drag.end(place(event), event, moved)
      if (!moved && !drag.ownsClick) onseek(place(event).seconds)
    }
    const onCancel = () => {
      pressed?.drag.cancel()
      pressed = null
    }
    const onLeave = () => {
      if (view.cursor?.by === 'pointer') view.cursor = null
    }
    const ending = new AbortController()
    const { signal } = ending
    element.addEventListener('pointerdown', onDown, { signal })
    element.addEventListener('pointermove', onMove, { signal })
    element.addEventListener('pointerup', onUp, { signal })
    element.addEventListener('pointercancel', onCancel, { signal })
    element.addEventListener('pointerleave', onLeave, { signal })
    // Not the focus: the arrow keys go on choosing clips after a click.
    element.addEventListener('mousedown', (event) => event.preventDefault(), { signal })
    element.addEventListener('dblclick', () => view.reset(), { signal })
    return () => ending.abort()
  }
}

function panning(view: PictureView, onseek: (seconds: number) => void, start: PointerPlace): PointerDrag {
  let lastX = start.x
  return {
    move({ x, seconds, secondsPerPixel }) {
      if (view.zoomed) view.pan((lastX - x) * secondsPerPixel)
      else onseek(seconds)
      lastX = x
    },
    end() {},
    cancel() {},
  }
}
