/** Where a window stands on the screens, in their pixels. */
export interface Bounds {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export const DEFAULT_SIZE = { width: 1280, height: 800 }
export const MINIMUM_SIZE = { width: 1024, height: 700 }
/** As much of the title bar has to be on a screen that a hand finds it. */
const LEAST_IN_SIGHT = 80

/**
 * Where to open a window that was last at a place: there, if its title bar is still on a screen, and no larger than that screen;
 * else wherever the system puts one.
 * @param areas - of the screens, without their bars
 */
export function windowPlace(last: Bounds | undefined, areas: readonly Bounds[]): Partial<Bounds> {
  const area = last && areas.find((each) => isInSight(last, each))
  if (!last || !area) return DEFAULT_SIZE
  const width = Math.max(MINIMUM_SIZE.width, Math.min(last.width, area.width))
  const height = Math.max(MINIMUM_SIZE.height, Math.min(last.height, area.height))
  return { x: last.x, y: last.y, width, height }
}

function isInSight({ x, y, width }: Bounds, area: Bounds): boolean {
  const inWidth = x < area.x + area.width - LEAST_IN_SIGHT && x + width > area.x + LEAST_IN_SIGHT
  return inWidth && y >= area.y - 10 && y < area.y + area.height - LEAST_IN_SIGHT
}

/** Of text and pictures; Chromium's own steps. */
const ZOOM_STEPS = [0.5, 0.67, 0.75, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2, 2.5, 3]

export function zoomed(factor: number, change: 'in' | 'out' | 'reset'): number {
  if (change === 'reset') return 1
  const next =
    change === 'in'
      ? ZOOM_STEPS.find((step) => step > factor + 0.01)
      : ZOOM_STEPS.findLast((step) => step < factor - 0.01)
  return next ?? factor
}
