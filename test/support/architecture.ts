import type { Architecture } from '../../src-main/core/ml/architectures/architecture.ts'
import { ARCHITECTURES } from '../../src-main/core/ml/architectures/index.ts'

export function architecture(name: string): Architecture {
  const found = ARCHITECTURES.find(({ preset }) => preset.name === name)
  if (!found) throw new Error(`There is no network "${name}".`)
  return found
}
