import * as tf from '@tensorflow/tfjs'
import type { TrainingSettings } from '../../contract/training.ts'
import { crossEntropy } from './ops.ts'

/** What a step makes smaller, and what the network's outputs mean by it. */
export interface Loss {
  /**
   * The targets as the loss wants them: smoothed, weighted, and divided so that the losses of a batch's parts add up to the
   * batch's own.
   * @param targets - [examples, classes], each row a distribution
   */
  prepare(targets: Float32Array): Float32Array
  /**
   * @param logits - [part, classes]
   * @param prepared - the same rows of what `prepare` made
   * @param examples - in the whole batch
   */
  of(logits: tf.Tensor2D, prepared: tf.Tensor2D, examples: number): tf.Scalar
}

export type LossSettings = Pick<TrainingSettings, 'loss' | 'labelSmoothing'>

/**
 * Cross-entropy is `torch.nn.CrossEntropyLoss(weight, label_smoothing)`: smoothing moves a share of each target evenly to all
 * classes, the mean is over the weights of the targets. Focal loss multiplies each class' term by (1 − p)^gamma. Binary
 * cross-entropy is `torch.nn.BCEWithLogitsLoss(weight)` of the smoothed targets: the mean over examples and classes.
 * @param classWeights - one a class
 */
export function createLoss({ loss, labelSmoothing }: LossSettings, classWeights: readonly number[]): Loss {
  const classes = classWeights.length
  const smooth = (target: number) => target * (1 - labelSmoothing) + labelSmoothing / classes
  const weightOf = (index: number) => classWeights[index % classes] ?? 1

  if (loss.name === 'binary-cross-entropy')
    return {
      prepare(targets) {
        return targets.map((target, index) => (smooth(target) * weightOf(index)) / targets.length)
      },
      // −t log σ(z) − (1 − t) log(1 − σ(z)) = softplus(z) − t z
      of(logits, prepared, examples) {
        const weights = tf.tensor1d(classWeights.map((weight) => weight / (examples * classes)))
        return tf.sum(tf.sub(tf.mul(tf.softplus(logits), weights), tf.mul(logits, prepared))).asScalar()
      },
    }

  return {
    prepare(targets) {
      const whole = targets.reduce((sum, target, index) => sum + target * weightOf(index), 0)
      return targets.map((target, index) => (smooth(target) * weightOf(index)) / whole)
    },
    of(logits, prepared) {
      if (loss.name === 'cross-entropy' || loss.gamma === 0) return crossEntropy(logits, prepared)
      const logProbabilities = tf.logSoftmax(logits)
      const terms = tf.mul(logProbabilities, prepared)
      // Below 1 the gradient of the power has a pole at 0.
      const rest = tf.maximum(tf.sub(1, tf.exp(logProbabilities)), 1e-7)
      return tf.neg(tf.sum(tf.mul(tf.pow(rest, loss.gamma), terms))).asScalar()
    },
  }
}

/** [examples, classes], each row a distribution: softmax, or by binary cross-entropy the sigmoids divided by their sum. */
export function probabilitiesOf(logits: tf.Tensor2D, { name }: TrainingSettings['loss']): tf.Tensor2D {
  // log σ(z) = −softplus(−z); softmax divides its exponentials without underflow.
  return tf.softmax(name === 'binary-cross-entropy' ? tf.neg(tf.softplus(tf.neg(logits))) : logits)
}

/**
 * As scikit-learn's `compute_class_weight('balanced')`: clips / (classes · clips of the class) over the classes that occur; 1 for
 * one that does not.
 * @param labels - of the training clips
 */
export function balancedWeights(labels: ArrayLike<number>, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0)
  for (let index = 0; index < labels.length; index++) {
    const label = labels[index] ?? 0
    counts[label] = (counts[label] ?? 0) + 1
  }
  const present = counts.filter((count) => count > 0).length
  return counts.map((count) => (count === 0 ? 1 : labels.length / (present * count)))
}
