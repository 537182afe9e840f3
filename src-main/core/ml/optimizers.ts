import * as tf from '@tensorflow/tfjs'
import type { OptimizerSettings } from '../../contract/training.ts'

/** Steps from gradients, equal to those of `torch.optim` 2.x of the same names with the same settings. */
export interface Optimizer {
  /** Steps taken so far; with `state`, all that a later step depends on besides parameters and gradients. */
  steps: number
  /** Running means and momenta. */
  readonly state: readonly tf.Variable[]
  /**
   * Changes every parameter by one step.
   * @param gradients - in the order of the parameters
   */
  apply(gradients: readonly tf.Tensor[], learningRate: number): void
  dispose(): void
}

/** The formula of one optimiser for one parameter. */
interface Rule {
  /** Tensors that a parameter needs, zero at first. */
  readonly slots: number
  /** @returns the parameter's next value, then each slot's */
  next(
    parameter: tf.Tensor,
    gradient: tf.Tensor,
    slots: readonly tf.Tensor[],
    at: { learningRate: number; step: number },
  ): readonly [tf.Tensor, ...tf.Tensor[]]
}

export interface OptimizerOptions {
  /** Share of each parameter, biases and normalisation included: added to the gradient, except by AdamW. */
  weightDecay: number
  /** Largest Euclidean norm of all gradients together, before weight decay; null for no limit. */
  clipNorm: number | null
}

export function createOptimizer(
  settings: OptimizerSettings,
  { weightDecay, clipNorm }: OptimizerOptions,
  parameters: readonly tf.Variable[],
): Optimizer {
  const rule = ruleOf(settings, weightDecay)
  const decayed = settings.name === 'adamw' ? 0 : weightDecay
  const groups = groupsOf(parameters).map((members) => ({
    members,
    slots: Array.from({ length: rule.slots }, () =>
      tf.tidy(() => tf.variable(tf.zerosLike(packed(members, parameters)), false)),
    ),
  }))
  const state = groups.flatMap(({ slots }) => slots)
  return {
    steps: 0,
    state,
    apply(gradients, learningRate) {
      this.steps += 1
      const at = { learningRate, step: this.steps }
      tf.tidy(() => {
        const given = groups.map(({ members }) => packed(members, gradients))
        const factor = clipNorm === null ? null : clipFactor(given, clipNorm)
        const change = ({ members, slots }: (typeof groups)[number], index: number) => {
          const parameter = packed(members, parameters)
          let gradient = given[index] ?? tf.zerosLike(parameter)
          if (factor) gradient = tf.mul(gradient, factor)
          if (decayed > 0) gradient = tf.add(gradient, tf.mul(parameter, decayed))
          const [value, ...kept] = rule.next(parameter, gradient, slots, at)
          assignPacked(members, parameters, value)
          slots.forEach((slot, place) => {
            const next = kept[place]
            if (next) slot.assign(next)
          })
        }
        // What one group needs in between is gone before the next.
        groups.forEach((group, index) => {
          tf.tidy(() => change(group, index))
        })
      })
    },
    dispose: () => tf.dispose(state),
  }
}

/** Values up to which a parameter is put together with others. */
const PACKED_VALUES = 2 ** 16

/**
 * Places of the parameters that are changed at once. All small ones are one vector: what they cost is the number of operations,
 * which would be a fifth of a small network's step. A large one stays by itself and is not copied.
 */
function groupsOf(parameters: readonly tf.Variable[]): number[][] {
  const places = parameters.map((_, place) => place)
  const isSmall = (place: number) => (parameters[place]?.size ?? 0) <= PACKED_VALUES
  const small = places.filter(isSmall)
  const large = places.filter((place) => !isSmall(place)).map((place) => [place])
  return small.length > 0 ? [small, ...large] : large
}

function packed(members: readonly number[], tensors: readonly tf.Tensor[]): tf.Tensor {
  const chosen = members.map((place) => {
    const tensor = tensors[place]
    if (!tensor) throw new Error('a gradient for each parameter')
    return tensor
  })
  const [first] = chosen
  return first && chosen.length === 1
    ? first
    : tf.concat(chosen.map((tensor) => (tensor.rank === 1 ? tensor : tensor.flatten())))
}

function assignPacked(
  members: readonly number[],
  parameters: readonly tf.Variable[],
  value: tf.Tensor,
): void {
  const chosen = members.flatMap((place) => parameters[place] ?? [])
  const parts =
    chosen.length === 1
      ? [value]
      : tf.split(
          value,
          chosen.map(({ size }) => size),
        )
  chosen.forEach((parameter, index) => {
    const part = parts[index] ?? value
    parameter.assign(part.rank === parameter.rank ? part : part.reshape(parameter.shape))
  })
}

/** By what all gradients are multiplied, as `torch.nn.utils.clip_grad_norm_`; never more than 1. */
function clipFactor(gradients: readonly tf.Tensor[], maximum: number): tf.Tensor {
  const squares = gradients.map((gradient) => tf.sum(tf.square(gradient)))
  return tf.minimum(tf.div(maximum, tf.add(tf.sqrt(tf.addN(squares)), 1e-6)), 1)
}

function ruleOf(settings: OptimizerSettings, weightDecay: number): Rule {
  switch (settings.name) {
    case 'sgd':
      return sgd(settings)
    case 'adam':
      return adam(settings, 0)
    case 'adamw':
      return adam(settings, weightDecay)
    case 'rmsprop':
      return rmsprop(settings)
  }
}

type SettingsOf<N> = Extract<OptimizerSettings, { name: N }>

/** share · old + (1 − share) · now. */
const mix = (old: tf.Tensor, now: tf.Tensor, share: number) =>
  tf.add(tf.mul(old, share), tf.mul(now, 1 - share))

/** Sutskever et al. 2013, without dampening: the velocity holds whole gradients. */
function sgd({ momentum, nesterov }: SettingsOf<'sgd'>): Rule {
  return {
    slots: momentum > 0 ? 1 : 0,
    next(parameter, gradient, [velocity], { learningRate }) {
      if (!velocity) return [tf.sub(parameter, tf.mul(gradient, learningRate))]
      const next = tf.add(tf.mul(velocity, momentum), gradient)
      const step = nesterov ? tf.add(gradient, tf.mul(next, momentum)) : next
      return [tf.sub(parameter, tf.mul(step, learningRate)), next]
    },
  }
}

/**
 * Kingma & Ba 2015; epsilon is added to the corrected root. With decay it is AdamW (Loshchilov & Hutter 2019), which
 * shrinks the parameter by learning rate · decay first.
 */
function adam({ beta1, beta2, epsilon }: SettingsOf<'adam' | 'adamw'>, weightDecay: number): Rule {
  return {
    slots: 2,
    next(parameter, gradient, [mean, square], { learningRate, step }) {
      if (!mean || !square) throw new Error('Adam keeps two means')
      const nextMean = mix(mean, gradient, beta1)
      const nextSquare = mix(square, tf.square(gradient), beta2)
      const rate = learningRate / (1 - beta1 ** step)
      const deviation = tf.add(tf.div(tf.sqrt(nextSquare), Math.sqrt(1 - beta2 ** step)), epsilon)
      const shrunk = weightDecay > 0 ? tf.mul(parameter, 1 - learningRate * weightDecay) : parameter
      return [tf.sub(shrunk, tf.mul(tf.div(nextMean, deviation), rate)), nextMean, nextSquare]
    },
  }
}

/** Tieleman & Hinton 2012; epsilon is added to the root, not below it as elsewhere. */
function rmsprop({ smoothing, momentum, epsilon }: SettingsOf<'rmsprop'>): Rule {
  return {
    slots: momentum > 0 ? 2 : 1,
    next(parameter, gradient, [square, velocity], { learningRate }) {
      if (!square) throw new Error('RMSprop keeps a mean')
      const nextSquare = mix(square, tf.square(gradient), smoothing)
      const scaled = tf.div(gradient, tf.add(tf.sqrt(nextSquare), epsilon))
      if (!velocity) return [tf.sub(parameter, tf.mul(scaled, learningRate)), nextSquare]
      const next = tf.add(tf.mul(velocity, momentum), scaled)
      return [tf.sub(parameter, tf.mul(next, learningRate)), nextSquare, next]
    },
  }
}
