/**
 * Scrolling through more pixels than a browser lays out: Firefox ends at some 17 million of the screen's, Chromium at 33, and
 * a zoom of 500 % divides that by five; a million rows are 30 million. So the scrolled space ends at `MOST_SCROLLED`, small
 * steps move the rows by as many pixels, and long ones (the scrollbar) by their share of the whole.
 */
export const MOST_SCROLLED = 3_000_000

/** Pixels. */
export interface ScrollExtent {
  /** Of all rows together. */
  readonly content: number
  /** Of the part in view. */
  readonly view: number
}
export interface ScrollPlace {
  /** As the browser says it. */
  readonly scrollTop: number
  /** The pixel of the content at the top of the view. */
  readonly top: number
}

export const spaceOf = ({ content }: ScrollExtent) => Math.min(content, MOST_SCROLLED)

/** Where the content is after the browser has scrolled. */
export function scrolled(from: ScrollPlace, scrollTop: number, extent: ScrollExtent): ScrollPlace {
  const { most, mostTop } = ends(extent)
  if (mostTop === most) return { scrollTop, top: scrollTop }
  const step = scrollTop - from.scrollTop
  const top = Math.abs(step) < 2 * extent.view ? from.top + step : (scrollTop / most) * mostTop
  return { scrollTop, top: Math.min(mostTop, Math.max(0, top)) }
}

/** The place of the scrollbar that stands for a pixel of the content. */
export function settled(top: number, extent: ScrollExtent): ScrollPlace {
  const { most, mostTop } = ends(extent)
  const inside = Math.min(mostTop, Math.max(0, top))
  return { scrollTop: mostTop === most ? inside : Math.round((inside / mostTop) * most), top: inside }
}

/** The least move that shows a row whole. */
export function topShowing(row: { start: number; height: number }, top: number, view: number): number {
  if (row.start < top) return row.start
  return Math.max(top, row.start + row.height - view)
}

function ends(extent: ScrollExtent) {
  return {
    most: Math.max(0, spaceOf(extent) - extent.view),
    mostTop: Math.max(0, extent.content - extent.view),
  }
}
