import type { Categories, Shape } from './map-categories.ts'
import type { Place, Points, View } from './plane.ts'

interface Drawing {
  map: Points
  categories: Categories
  isShown: (point: number) => boolean
  view: View
  chosen: ReadonlySet<number>
  current: number | undefined
  pointed: number | undefined
  /** Around what is being chosen, in pixels. */
  line: readonly Place[]
  /** Of rings and lines. */
  text: string
}

const RADIUS = 3.5
const RING = 8

/** Fills a canvas with points, a path for each category; nothing while it has no size. @param size - in CSS pixels */
export function drawPoints(
  canvas: HTMLCanvasElement,
  { width, height }: { width: number; height: number },
  { map, categories, isShown, view, chosen, current, pointed, line, text }: Drawing,
): void {
  const context = canvas.getContext('2d')
  if (!context || width === 0 || height === 0) return
  canvas.width = Math.round(width * devicePixelRatio)
  canvas.height = Math.round(height * devicePixelRatio)
  context.scale(devicePixelRatio, devicePixelRatio)
  const at = (point: number) => ({
    x: view.x + view.scale * (map.x[point] ?? 0),
    y: view.y + view.scale * (map.y[point] ?? 0),
  })
  const paths = categories.all.map(() => new Path2D())
  const faint = categories.all.map(() => new Path2D())
  for (let point = 0; point < map.x.length; point++) {
    if (!isShown(point)) continue
    const { x, y } = at(point)
    if (x < -RING || y < -RING || x > width + RING || y > height + RING) continue
    const place = categories.of[point] ?? 0
    const path = (chosen.size > 0 && !chosen.has(point) ? faint : paths)[place]
    if (path) addShape(path, categories.all[place]?.shape ?? 'circle', x, y)
  }
  for (const [opacity, group] of [
    [0.2, faint],
    [0.85, paths],
  ] as const) {
    context.globalAlpha = opacity
    group.forEach((path, place) => {
      const category = categories.all[place]
      if (!category) return
      context.fillStyle = context.strokeStyle = category.colour
      context.lineWidth = 2
      if (category.shape === 'cross') context.stroke(path)
      else context.fill(path)
    })
  }
  context.globalAlpha = 1
  context.strokeStyle = text
  context.lineWidth = 1.5
  for (const point of [current, pointed]) {
    if (point === undefined) continue
    const { x, y } = at(point)
    context.beginPath()
    context.arc(x, y, RING, 0, 2 * Math.PI)
    context.stroke()
  }
  if (line.length > 1) {
    context.setLineDash([4, 4])
    context.beginPath()
    for (const { x, y } of line) context.lineTo(x, y)
    context.closePath()
    context.stroke()
    context.setLineDash([])
  }
}

function addShape(path: Path2D, shape: Shape, x: number, y: number): void {
  const r = RADIUS
  const polygon = (...corners: [number, number][]) => {
    corners.forEach(([dx, dy], index) => {
      if (index === 0) path.moveTo(x + dx * r, y + dy * r)
      else path.lineTo(x + dx * r, y + dy * r)
    })
    path.closePath()
  }
  switch (shape) {
    case 'circle':
      path.moveTo(x + r, y)
      path.arc(x, y, r, 0, 2 * Math.PI)
      break
    case 'square':
      path.rect(x - 0.9 * r, y - 0.9 * r, 1.8 * r, 1.8 * r)
      break
    case 'triangle':
      polygon([0, -1.2], [1.1, 0.8], [-1.1, 0.8])
      break
    case 'down':
      polygon([0, 1.2], [1.1, -0.8], [-1.1, -0.8])
      break
    case 'diamond':
      polygon([0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0])
      break
    case 'cross':
      path.moveTo(x - r, y - r)
      path.lineTo(x + r, y + r)
      path.moveTo(x + r, y - r)
      path.lineTo(x - r, y + r)
  }
}

/** One of them alone, for a legend. @param pixels - of a square canvas */
export function drawMark(canvas: HTMLCanvasElement, shape: Shape, colour: string, pixels: number): void {
  const context = canvas.getContext('2d')
  if (!context) return
  canvas.width = canvas.height = pixels * devicePixelRatio
  context.scale(devicePixelRatio, devicePixelRatio)
  const path = new Path2D()
  addShape(path, shape, pixels / 2, pixels / 2)
  context.fillStyle = context.strokeStyle = colour
  context.lineWidth = 2
  if (shape === 'cross') context.stroke(path)
  else context.fill(path)
}
