/** Points of a map, and what is asked of their places. Points are named by their index. */
export interface Points {
  readonly x: readonly number[]
  readonly y: readonly number[]
}

/** Of the plane to pixels: pixel = offset + scale · place. */
export interface View {
  scale: number
  x: number
  y: number
}
export interface Place {
  x: number
  y: number
}

const MARGIN = 24
const MOST_SCALE = 200

/** All points in the middle. @param size - in pixels */
export function wholeView({ x, y }: Points, { width, height }: { width: number; height: number }): View {
  const extent = (values: readonly number[]) =>
    values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)] as const, [
      Infinity,
      -Infinity,
    ] as const)
  const [left, right] = extent(x)
  const [top, bottom] = extent(y)
  if (!(right >= left)) return { scale: 1, x: 0, y: 0 }
  const room = (size: number, low: number, high: number) =>
    Math.max(1, size - 2 * MARGIN) / Math.max(1e-9, high - low)
  const scale = Math.min(room(width, left, right), room(height, top, bottom))
  return { scale, x: width / 2 - (scale * (left + right)) / 2, y: height / 2 - (scale * (top + bottom)) / 2 }
}

/** Closer or further, the place under a pixel stays there. @param whole - further than that shows nothing more */
export function zoomed(view: View, by: number, at: Place, whole: View): View {
  const scale = Math.min(whole.scale * MOST_SCALE, Math.max(whole.scale * 0.5, view.scale * by))
  const factor = scale / view.scale
  return { scale, x: at.x - factor * (at.x - view.x), y: at.y - factor * (at.y - view.y) }
}

/** The point nearest to a pixel, within so many; undefined without one. */
export function pointAt(
  { x, y }: Points,
  view: View,
  at: Place,
  within: number,
  isShown: (point: number) => boolean,
): number | undefined {
  let found: number | undefined
  let nearest = within * within
  for (let point = 0; point < x.length; point++) {
    const dx = view.x + view.scale * (x[point] ?? 0) - at.x
    const dy = view.y + view.scale * (y[point] ?? 0) - at.y
    const distance = dx * dx + dy * dy
    if (distance > nearest || !isShown(point)) continue
    nearest = distance
    found = point
  }
  return found
}

/** The nearest point that lies in a direction, within 45° of it; undefined where there is none. */
export function pointTowards(
  { x, y }: Points,
  from: number,
  direction: Place,
  isShown: (point: number) => boolean,
): number | undefined {
  let found: number | undefined
  let nearest = Number.POSITIVE_INFINITY
  for (let point = 0; point < x.length; point++) {
    const dx = (x[point] ?? 0) - (x[from] ?? 0)
    const dy = (y[point] ?? 0) - (y[from] ?? 0)
    const along = dx * direction.x + dy * direction.y
    const aside = Math.abs(dx * direction.y - dy * direction.x)
    const distance = dx * dx + dy * dy
    if (point === from || along <= 0 || aside > along || distance >= nearest || !isShown(point)) continue
    nearest = distance
    found = point
  }
  return found
}

/** The points within a closed line of pixels (even-odd rule). */
export function pointsWithin(
  { x, y }: Points,
  view: View,
  line: readonly Place[],
  isShown: (point: number) => boolean,
): number[] {
  const found: number[] = []
  for (let point = 0; point < x.length; point++) {
    if (!isShown(point)) continue
    const [px, py] = [view.x + view.scale * (x[point] ?? 0), view.y + view.scale * (y[point] ?? 0)]
    let inside = false
    let before = line.at(-1)
    for (const corner of line) {
      if (before && corner.y > py !== before.y > py) {
        const crossing = before.x + ((py - before.y) / (corner.y - before.y)) * (corner.x - before.x)
        if (px < crossing) inside = !inside
      }
      before = corner
    }
    if (inside) found.push(point)
  }
  return found
}
