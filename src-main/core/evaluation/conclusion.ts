import type { RunPair } from '../../contract/evaluation.ts'
import type { Names, PairedPredictions } from './compare.ts'

/** Below it, a p-value is called a difference. */
const LEVEL = 0.05
/** Folds that a test over folds needs to find any but large differences. */
const ENOUGH_FOLDS = 5
/** A probability from which the Bayesian test's answer is told. */
const NEAR_CERTAIN = 0.95

const points = (share: number) =>
  (100 * share)
    .toFixed(1)
    .replace(/^-0\.0$/, '0.0')
    .replace('-', '−')
const probability = (p: number) => (p < 0.001 ? 'p < 0.001' : `p = ${p.toFixed(3)}`)
const clips = (count: number) => `${count} ${count === 1 ? 'clip' : 'clips'}`

/** In plain words: what the figures of a pair allow to say, and what stands against saying more. */
export function conclude(
  pair: Pick<RunPair, 'accuracy' | 'folds' | 'tTest' | 'bayesian' | 'clips' | 'bootstrap'>,
  paired: Pick<PairedPredictions, 'unshared' | 'relabelled' | 'inOtherFolds'>,
  names: Names,
  foldCount: number,
): { conclusion: string; caveats: string[] } {
  return {
    conclusion: `${figures(pair, names)} ${verdict(pair, names)}`,
    caveats: [
      ...(paired.unshared > 0
        ? [
            `Only one of the runs predicted ${clips(paired.unshared)}; figures are of the ${clips(pair.clips)} that both did, and differ from those of each run’s own page.`,
          ]
        : []),
      ...(paired.relabelled > 0
        ? [`${clips(paired.relabelled)} had another label in one run than in the other and are left out.`]
        : []),
      ...(paired.inOtherFolds > 0
        ? [
            `${clips(paired.inOtherFolds)} lay in other folds in one run than in the other: there is no comparison by fold, and a model may have been trained on what the other was tested on.`,
          ]
        : []),
      ...(paired.inOtherFolds === 0 && pair.folds.length < Math.min(ENOUGH_FOLDS, foldCount)
        ? [
            `Only ${pair.folds.length} of the ${foldCount} folds ${pair.folds.length === 1 ? 'is' : 'are'} shared: too few to tell how other training clips would change the difference.`,
          ]
        : []),
      'Each run is one training with one seed; another seed moves accuracies too, and no test here knows by how much.',
    ],
  }
}

function figures(
  { accuracy, clips: count, bootstrap }: Pick<RunPair, 'accuracy' | 'clips' | 'bootstrap'>,
  names: Names,
) {
  const { difference, interval } = accuracy
  const between = interval ? ` (95 % interval ${points(interval.low)} to ${points(interval.high)})` : ''
  const where = `of ${clips(count)} from ${bootstrap.recordings} recordings`
  if (difference === 0) return `${names.first} and ${names.second} are right on as many ${where}${between}.`
  const [better, worse] = difference > 0 ? [names.second, names.first] : [names.first, names.second]
  const sign =
    difference > 0 || !interval
      ? between
      : ` (95 % interval ${points(-interval.high)} to ${points(-interval.low)})`
  return `${better} is right on ${points(Math.abs(difference))} percentage points more ${where} than ${worse}${sign}.`
}

function verdict(
  { accuracy, tTest, bayesian }: Pick<RunPair, 'accuracy' | 'tTest' | 'bayesian'>,
  names: Names,
): string {
  const { interval, difference } = accuracy
  const onTheseClips = interval !== null && (interval.low > 0 || interval.high < 0)
  const acrossFolds = tTest !== null && tTest.p < LEVEL
  const byFolds = tTest ? ` (corrected t-test over folds, ${probability(tTest.p)})` : ''
  const better = difference > 0 ? names.second : names.first
  if (onTheseClips && acrossFolds)
    return `That is more than chance among recordings and training folds explains${byFolds}: on data like this, ${better} can be taken for the better one.`
  if (onTheseClips && tTest)
    return `These two models differ on such recordings, but folds vary too much to say the same of models trained on other clips${byFolds}.`
  if (onTheseClips)
    return 'These two models differ on such recordings; nothing can be said of models trained on other clips.'
  if (bayesian && bayesian.equivalent >= NEAR_CERTAIN)
    return `They can be taken for practically equal: the difference is below ${points(bayesian.rope)} points with probability ${bayesian.equivalent.toFixed(2)}.`
  if (acrossFolds)
    return `Folds agree on it${byFolds}, but it rests on few recordings: other recordings could turn it round, so neither run can be called better.`
  return `Neither can be called better${byFolds}; that does not show that they are equal.`
}
