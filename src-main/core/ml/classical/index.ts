import type { Classifier } from './classifier.ts'
import { logisticRegression } from './logistic-regression.ts'
import { nearestNeighbours } from './nearest-neighbours.ts'
import { randomForest } from './random-forest.ts'

/** Every classical baseline that can be chosen, simplest first. */
export const CLASSIFIERS: readonly Classifier[] = [nearestNeighbours, logisticRegression, randomForest]
