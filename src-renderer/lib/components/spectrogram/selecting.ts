import type { PictureView } from './picture-view.svelte.ts'
import type { PointerDrag, PointerPlace, PointerTool } from './pointer-tool.ts'
import { type BandEdge, bandBetween, type TimeEdge, withBandEdge } from './selection.ts'

/** How near to an edge a press takes it. */
const EDGE_PIXELS = 5

/**
 * Selecting by the pointer: a press on an edge of the selection drags that edge; else, with Shift or by its tool, a drag selects
 * anew. A click does nothing here.
 */
export function selectingTool(view: PictureView): PointerTool {
  return {
    press(place, { shiftKey }) {
      if (!view.selectable) return null
      const before = view.selection
      const cancel = () => {
        view.selection = before
      }
      const edge = shiftKey ? null : edgeAt(view, place)
      if (edge) return { ...draggingEdge(view, edge), cancel }
      if (!shiftKey && view.tool === 'pan') return null
      const boxed = place.height !== null && (shiftKey || view.tool === 'box')
      return { ...selectingFrom(view, place, boxed), cancel }
    },
  }
}

type Dragging = Omit<PointerDrag, 'cancel'>

function selectingFrom(view: PictureView, start: PointerPlace, boxed: boolean): Dragging {
  const from = view.snap(start.seconds, start.secondsPerPixel)
  return {
    move({ seconds, hz, secondsPerPixel }) {
      const { axis } = view
      const band = boxed && axis && start.hz !== null && hz !== null ? bandBetween(start.hz, hz, axis) : null
      view.select(from, view.snap(seconds, secondsPerPixel), band)
    },
    end() {},
  }
}

function draggingEdge(view: PictureView, edge: TimeEdge | BandEdge): Dragging {
  const start = view.selection
  return {
    move({ seconds, hz, secondsPerPixel }) {
      if (!start) return
      if (edge === 'from' || edge === 'to') {
        const other = edge === 'from' ? start.to : start.from
        // Without the selection's own edges, which would hold the one that is dragged.
        view.selection = null
        const at = view.snap(seconds, secondsPerPixel)
        view.select(at, other, start.band)
        view.selection ??= start
      } else if (view.axis && hz !== null) view.selection = withBandEdge(start, edge, hz, view.axis)
    },
    end() {},
  }
}

/** The edge of the selection that a press would take. */
export function edgeAt(
  view: PictureView,
  { seconds, secondsPerPixel, hz, height, y }: PointerPlace,
): TimeEdge | BandEdge | null {
  const { selection } = view
  if (!selection) return null
  const within = EDGE_PIXELS * secondsPerPixel
  const inBand = !selection.band || hz === null || near(view, selection.band, height, y)
  if (inBand && Math.abs(seconds - selection.to) <= within) return 'to'
  if (inBand && Math.abs(seconds - selection.from) <= within) return 'from'
  if (!selection.band || height === null || height === 0) return null
  if (seconds < selection.from || seconds > selection.to) return null
  const pixels = y / height
  if (Math.abs(view.bottom(selection.band.highHz) - height) * pixels <= EDGE_PIXELS) return 'highHz'
  if (Math.abs(view.bottom(selection.band.lowHz) - height) * pixels <= EDGE_PIXELS) return 'lowHz'
  return null
}

/** Whether a place is as high as the band, or nearly. */
function near(view: PictureView, band: { lowHz: number; highHz: number }, height: number | null, y: number) {
  if (height === null || height === 0) return true
  const margin = (EDGE_PIXELS * height) / y
  return height >= view.bottom(band.lowHz) - margin && height <= view.bottom(band.highHz) + margin
}
