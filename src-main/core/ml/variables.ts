import * as tf from '@tensorflow/tfjs'

/** Copies of the variables' values, in their order. */
export function valuesOf(variables: readonly tf.Variable[]): Float32Array[] {
  return variables.map((variable) => variable.dataSync<'float32'>().slice())
}

/** @param values - as `valuesOf` gave them. @throws Error when they are of other sizes */
export function assignValues(variables: readonly tf.Variable[], values: readonly Float32Array[]): void {
  if (values.length !== variables.length) throw new Error('values of other variables')
  tf.tidy(() => {
    variables.forEach((variable, index) => {
      variable.assign(tf.tensor(values[index] ?? [], variable.shape))
    })
  })
}
