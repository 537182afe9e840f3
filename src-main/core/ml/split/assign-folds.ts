import { createRandom, shuffled } from '../random.ts'

/**
 * Deals groups to folds so that each fold holds an equal share of every class, as well as whole groups allow: from the
 * group that is most of one class on, each goes to the fold where the shares then differ least, the smaller one of equals.
 * The greedy rule of scikit-learn's StratifiedGroupKFold.
 * @param groups - clips by class of each group, in the order in which equals take their turn
 * @param folds - at most as many as there are groups
 * @returns the fold of each group, 0 … folds − 1
 */
export function dealGroups(groups: readonly (readonly number[])[], folds: number): number[] {
  const classes = groups[0]?.length ?? 0
  const total = Array.from({ length: classes }, (_, c) => groups.reduce((sum, own) => sum + (own[c] ?? 0), 0))
  const counts = Array.from({ length: folds }, () => new Array<number>(classes).fill(0))
  const sizes = new Array<number>(folds).fill(0)
  const foldOf = new Array<number>(groups.length).fill(0)
  const spread = groups.map(deviation)
  const order = groups.map((_, group) => group).sort((a, b) => (spread[b] ?? 0) - (spread[a] ?? 0))
  for (const group of order) {
    const own = groups[group] ?? []
    let best = 0
    let lowest = Number.POSITIVE_INFINITY
    for (let fold = 0; fold < folds; fold++) {
      const unevenness = mean(
        total.map((all, c) =>
          deviation(counts.map((has, i) => ((has[c] ?? 0) + (i === fold ? (own[c] ?? 0) : 0)) / all)),
        ),
      )
      const smaller = (sizes[fold] ?? 0) < (sizes[best] ?? 0)
      const alike = lowest < Number.POSITIVE_INFINITY && Math.abs(unevenness - lowest) <= 1e-8 + 1e-5 * lowest
      if (alike ? smaller : unevenness < lowest) {
        best = fold
        lowest = unevenness
      }
    }
    foldOf[group] = best
    sizes[best] = (sizes[best] ?? 0) + own.reduce((sum, clips) => sum + clips, 0)
    counts[best] = (counts[best] ?? []).map((clips, c) => clips + (own[c] ?? 0))
  }
  return foldOf
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)

function deviation(values: readonly number[]): number {
  const centre = mean(values)
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)))
}

interface Labelled {
  readonly classId: number
  readonly recording: string | null
}

/**
 * @param clips - each with its recording
 * @param seed - by which recordings alike take their turn
 * @returns the fold of each clip, 1 … folds
 */
export function groupedFolds(clips: readonly Labelled[], folds: number, seed: number): number[] {
  const classes = [...new Set(clips.map(({ classId }) => classId))].sort((a, b) => a - b)
  const names = [...new Set(clips.map(({ recording }) => recording))].sort()
  const counts = new Map(names.map((name) => [name, new Array<number>(classes.length).fill(0)]))
  const placeOf = new Map(classes.map((classId, place) => [classId, place]))
  for (const { classId, recording } of clips) {
    const own = counts.get(recording)
    const place = placeOf.get(classId) ?? 0
    if (own) own[place] = (own[place] ?? 0) + 1
  }
  const order = [...shuffled(names.length, createRandom(seed))].map((place) => names[place] ?? null)
  const dealt = dealGroups(
    order.map((name) => counts.get(name) ?? []),
    folds,
  )
  const foldOf = new Map(order.map((name, place) => [name, (dealt[place] ?? 0) + 1]))
  return clips.map(({ recording }) => foldOf.get(recording) ?? 1)
}

/** Each class dealt in random order, the next class going on where the last one ended. @returns the fold of each clip, 1 … folds */
export function randomFolds(
  clips: readonly Pick<Labelled, 'classId'>[],
  folds: number,
  seed: number,
): number[] {
  const order = [...shuffled(clips.length, createRandom(seed))].sort(
    (a, b) => (clips[a]?.classId ?? 0) - (clips[b]?.classId ?? 0),
  )
  const foldOf = new Array<number>(clips.length).fill(1)
  order.forEach((place, turn) => {
    foldOf[place] = (turn % folds) + 1
  })
  return foldOf
}
