import type { Dataset } from '../../../src-main/contract/model.ts'
import type { ClipMap } from '../../../src-main/contract/space.ts'
import { colourMap } from '../../lib/components/colour/colour-map.ts'
import { className, salience } from '../../lib/format.ts'

export const COLOURINGS = ['class', 'predicted', 'error', 'fold', 'salience', 'confidence', 'learnt'] as const
export type Colouring = (typeof COLOURINGS)[number]
/** What only a run's clips have. */
export const OF_RUN: readonly Colouring[] = ['predicted', 'error', 'confidence', 'learnt']

export const SHAPES = ['circle', 'square', 'triangle', 'diamond', 'cross', 'down'] as const
export type Shape = (typeof SHAPES)[number]

export interface Category {
  key: string
  label: string
  colour: string
  shape: Shape
  count: number
}

/**
 * Okabe and Ito's colours (2008), apart for every kind of colour vision; their yellow darker and their black grey, to be seen on white and on
 * black. With the shapes 24 categories differ from each other.
 */
const COLOURS = ['#e69f00', '#56b4e9', '#009e73', '#c9b400', '#0072b2', '#d55e00', '#cc79a7', '#8a8f98']
const CONFIDENCE_STEPS = 5

/** Into which category each point falls, and what the categories are, in their order. */
export interface Categories {
  all: Category[]
  /** Place among them, of each point. */
  of: Uint16Array
}

const OTHERS: Readonly<Record<string, string>> = {
  right: /* @wc-include */ 'right',
  wrong: /* @wc-include */ 'wrong',
  learnt: /* @wc-include */ 'learnt',
  held: 'held out',
}

export function categoriesOf(map: ClipMap, by: Colouring, { classes }: Pick<Dataset, 'classes'>): Categories {
  const names = new Map(classes.map(({ id, name }) => [id, className(name)]))
  const keyOf = (point: number): string | number => {
    const guess = map.predictedClassIds[point]
    switch (by) {
      case 'class':
        return map.classIds[point] ?? 0
      case 'predicted':
        return guess ?? 'none'
      case 'error':
        return guess == null ? 'none' : guess === map.classIds[point] ? 'right' : 'wrong'
      case 'fold':
        return map.folds[point] ?? 0
      case 'salience':
        return map.saliences[point] ?? 'none'
      case 'confidence': {
        const value = map.confidences[point]
        return value == null ? 'none' : Math.min(CONFIDENCE_STEPS - 1, Math.floor(value * CONFIDENCE_STEPS))
      }
      case 'learnt':
        return map.learnt[point] ? 'learnt' : 'held'
    }
  }
  const labelOf = (key: string | number): string => {
    if (key === 'none') return by === 'salience' ? 'no salience' : 'not predicted'
    if (by === 'class' || by === 'predicted') return names.get(Number(key)) ?? String(key)
    if (by === 'fold') return `fold ${key}`
    if (by === 'salience') return salience(key === 2 ? 2 : 1)
    if (by === 'confidence')
      return `${(100 / CONFIDENCE_STEPS) * Number(key)} to ${(100 / CONFIDENCE_STEPS) * (Number(key) + 1)} %`
    return OTHERS[String(key)] ?? String(key)
  }
  const keys = map.clipIds.map((_, point) => keyOf(point))
  const counts = new Map<string | number, number>()
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
  const order = [...counts.keys()].sort((a, b) =>
    typeof a === 'number' && typeof b === 'number'
      ? a - b
      : typeof a === 'number'
        ? -1
        : typeof b === 'number'
          ? 1
          : a < b
            ? -1
            : 1,
  )
  const placeOf = new Map(order.map((key, place) => [key, place]))
  return {
    all: order.map((key, place) => ({
      key: String(key),
      label: labelOf(key),
      ...lookOf(by, key, place),
      count: counts.get(key) ?? 0,
    })),
    of: Uint16Array.from(keys, (key) => placeOf.get(key) ?? 0),
  }
}

function lookOf(by: Colouring, key: string | number, place: number): { colour: string; shape: Shape } {
  if (key === 'none') return { colour: '#8a8f98', shape: 'circle' }
  if (by === 'error')
    return key === 'wrong' ? { colour: '#d55e00', shape: 'cross' } : { colour: '#56b4e9', shape: 'circle' }
  if (by === 'learnt')
    return key === 'learnt'
      ? { colour: '#8a8f98', shape: 'circle' }
      : { colour: '#d55e00', shape: 'triangle' }
  if (by === 'confidence') {
    const map = colourMap('viridis')
    const [red, green, blue] = map[40 + Math.round((Number(key) / (CONFIDENCE_STEPS - 1)) * 190)] ?? [0, 0, 0]
    return { colour: `rgb(${red}, ${green}, ${blue})`, shape: 'circle' }
  }
  return { colour: COLOURS[place % COLOURS.length] ?? '', shape: SHAPES[place % SHAPES.length] ?? 'circle' }
}
