import { describe, expect, it } from 'vitest'
import { frequencyAxis } from '../../src-renderer/lib/components/spectrogram/frequency-axis.ts'
import { PictureView } from '../../src-renderer/lib/components/spectrogram/picture-view.svelte.ts'
import type { PointerDrag, PointerPlace } from '../../src-renderer/lib/components/spectrogram/pointer-tool.ts'
import { edgeAt, selectingTool } from '../../src-renderer/lib/components/spectrogram/selecting.ts'

/** Ten seconds over 0 to 8000 Hz, linear, at a thousand pixels by four hundred. */
function made(): PictureView {
  const view = new PictureView(10, { selectable: true })
  view.axis = frequencyAxis([500, 1500, 2500, 3500, 4500, 5500, 6500, 7500], 'linear')
  return view
}
const HEIGHT = 400
function place(view: PictureView, left: number, height: number | null): PointerPlace {
  return {
    seconds: view.secondsAt(left),
    height,
    hz: height === null ? null : view.hzAt(height),
    secondsPerPixel: (view.range.to - view.range.from) / 1000,
    x: 1000 * left,
    y: HEIGHT * (height ?? 0.5),
  }
}
const press = { shiftKey: false, ctrlKey: false, altKey: false, metaKey: false }
const shifted = { ...press, shiftKey: true }
const drag = (view: PictureView, from: PointerPlace, to: PointerPlace, event = press): PointerDrag | null => {
  const taken = selectingTool(view).press(from, event)
  taken?.move(to, event)
  taken?.end(to, event, true)
  return taken
}

describe('where times and frequencies lie', () => {
  it('maps both ways, in the part that is in view', () => {
    const view = made()
    view.zoomAt(2, 5)
    expect([view.range.from, view.range.to]).toEqual([2.5, 7.5])
    expect(view.left(5)).toBe(0.5)
    expect(view.secondsAt(view.left(3.2))).toBeCloseTo(3.2, 12)
    expect(view.left(1)).toBeLessThan(0)
    expect(view.bottom(4000)).toBeCloseTo(0.5, 3)
    expect(view.hzAt(view.bottom(6000))).toBeCloseTo(6000, 6)
    expect(view.bottom(1e6)).toBe(1)
    expect(new PictureView(1).bottom(1000)).toBeNaN()
    expect(new PictureView(1).hzAt(0.5)).toBeNull()
  })

  it('fits a stretch with a margin, at the ends of the clip too', () => {
    const view = made()
    view.fit({ from: 4, to: 6 })
    expect(view.range.from).toBeCloseTo(3.8, 9)
    expect(view.range.to).toBeCloseTo(6.2, 9)
    view.fit({ from: 9, to: 10 })
    expect(view.range.to).toBeCloseTo(10, 9)
    expect(view.range.to - view.range.from).toBeCloseTo(1.2, 9)
  })
})

describe('selecting by keys', () => {
  it('begins and ends at the playhead, in either order', () => {
    const view = made()
    view.setEdge('from', 2)
    expect(view.selection).toEqual({ from: 2, to: 10, band: null })
    view.setEdge('to', 4)
    expect(view.selection).toEqual({ from: 2, to: 4, band: null })
    view.setEdge('from', 6)
    expect(view.selection).toEqual({ from: 6, to: 10, band: null })
    view.setEdge('to', 3)
    expect(view.selection).toEqual({ from: 0, to: 3, band: null })
  })

  it('nudges each edge by a hundredth of what is in view, never over the other', () => {
    const view = made()
    view.nudgeEdge('to', 1)
    expect(view.selection).toBeNull()
    view.select(2, 2.15)
    view.nudgeEdge('to', -1)
    expect(view.selection?.to).toBeCloseTo(2.05, 9)
    view.nudgeEdge('to', -1)
    expect(view.selection?.to).toBeCloseTo(2.05, 9)
    for (let step = 0; step < 30; step++) view.nudgeEdge('from', -1)
    expect(view.selection?.from).toBe(0)
  })

  it('gives a selection its band, and takes it away', () => {
    const view = made()
    view.select(1, 2)
    view.nudgeBand('highHz', -1)
    const { lowHz, highHz } = view.selection?.band ?? { lowHz: 0, highHz: 0 }
    expect(lowHz).toBe(view.axis?.lowHz)
    expect(highHz).toBeCloseTo(8000 - 0.02 * 8000, -1)
    view.nudgeBand('lowHz', 1)
    expect(view.selection?.band?.lowHz).toBeGreaterThan(lowHz)
    view.clearBand()
    expect(view.selection).toEqual({ from: 1, to: 2, band: null })
  })
})

describe('selecting by the pointer', () => {
  it('selects a box, a time range, or leaves the drag to the pictures, by its tool', () => {
    const view = made()
    view.tool = 'box'
    drag(view, place(view, 0.6, 0.75), place(view, 0.2, 0.25))
    expect(view.selection?.from).toBeCloseTo(2, 6)
    expect(view.selection?.to).toBeCloseTo(6, 6)
    expect(view.selection?.band?.lowHz).toBeCloseTo(2000, -1)
    expect(view.selection?.band?.highHz).toBeCloseTo(6000, -1)
    view.tool = 'time'
    drag(view, place(view, 0.7, 0.75), place(view, 0.8, 0.25))
    expect(view.selection?.band).toBeNull()
    view.tool = 'pan'
    expect(drag(view, place(view, 0.1, 0.5), place(view, 0.2, 0.5))).toBeNull()
    drag(view, place(view, 0.1, 0.5), place(view, 0.3, 0.9), shifted)
    expect(view.selection?.band).not.toBeNull()
    view.tool = 'box'
    view.select(0, 0)
    drag(view, place(view, 0.1, null), place(view, 0.3, null))
    expect(view.selection).toEqual({ from: 1, to: 3, band: null })
  })

  it('drags an edge that the press is on, and gives back what was there on cancel', () => {
    const view = made()
    view.tool = 'pan'
    view.select(2, 6, { lowHz: 2000, highHz: 6000 })
    expect(edgeAt(view, place(view, 0.2, 0.5))).toBe('from')
    expect(edgeAt(view, place(view, 0.2, 0.9))).toBeNull()
    expect(edgeAt(view, place(view, 0.4, view.bottom(6000)))).toBe('highHz')
    drag(view, place(view, 0.2, 0.5), place(view, 0.3, 0.5))
    expect(view.selection?.from).toBeCloseTo(3, 6)
    drag(view, place(view, 0.4, view.bottom(6000)), place(view, 0.4, view.bottom(7000)))
    expect(view.selection?.band?.highHz).toBeCloseTo(7000, 0)
    // Over the other edge, the two change places.
    drag(view, place(view, 0.3, 0.5), place(view, 0.9, 0.5))
    expect(view.selection?.from).toBeCloseTo(6, 6)
    expect(view.selection?.to).toBeCloseTo(9, 6)
    const before = view.selection
    const taken = selectingTool(view).press(place(view, 0.9, 0.5), press)
    taken?.move(place(view, 0.95, 0.5), press)
    taken?.cancel()
    expect(view.selection).toEqual(before)
  })

  it('snaps to what is near, unless that is switched off', () => {
    const view = made()
    view.tool = 'time'
    const stop = view.addSnapPoints(() => [3, 7.02])
    drag(view, place(view, 0.303, null), place(view, 0.7, null))
    expect(view.selection).toEqual({ from: 3, to: 7.02, band: null })
    view.snapping = false
    drag(view, place(view, 0.4, null), place(view, 0.7, null))
    expect(view.selection?.to).toBeCloseTo(7, 9)
    view.select(0, 0)
    view.snapping = true
    stop()
    expect(view.snap(3.03, 0.01)).toBe(3.03)
    expect(view.snap(9.97, 0.01)).toBe(10)
  })

  it('selects nothing where that is not wanted', () => {
    const view = new PictureView(10)
    expect(selectingTool(view).press(place(view, 0.1, null), shifted)).toBeNull()
  })

  it('asks tools that were added last first, until they go', () => {
    const view = made()
    const asked: string[] = []
    const tool = (name: string) => ({
      press() {
        asked.push(name)
        return null
      },
    })
    view.addTool(tool('first'))
    const stop = view.addTool(tool('second'))
    for (const { press: ask } of view.tools) ask(place(view, 0, 0), press)
    stop()
    for (const { press: ask } of view.tools) ask(place(view, 0, 0), press)
    expect(asked).toEqual(['second', 'first', 'first'])
  })
})
