import { ARCHITECTURES } from '../../src-main/core/ml/architectures/index.ts'

export function architecture(name: string) {
  const found = ARCHITECTURES.find(({ preset }) => preset.name === name)
  if (!found) throw new Error(`There is no network ${name}`)
  return found
}
