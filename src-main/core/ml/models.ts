import { SoundfoldError } from '../../contract/errors.ts'
import type { Architecture } from './architectures/architecture.ts'
import { ARCHITECTURES } from './architectures/index.ts'
import type { Classifier } from './classical/classifier.ts'
import { CLASSIFIERS } from './classical/index.ts'

/** Everything that can be trained: networks, then classical baselines. */
export const MODELS: readonly (Architecture | Classifier)[] = [...ARCHITECTURES, ...CLASSIFIERS]

/** @throws SoundfoldError invalid-input naming the choices */
export function modelNamed(name: string): Architecture | Classifier {
  const found = MODELS.find(({ preset }) => preset.name === name)
  if (found) return found
  throw new SoundfoldError('invalid-input', `There is no preset "${name}".`, {
    hint: `There is: ${MODELS.map(({ preset }) => preset.name).join(', ')}.`,
  })
}
