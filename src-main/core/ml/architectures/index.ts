import { SoundfoldError } from '../../../contract/errors.ts'
import type { Architecture } from './architecture.ts'
import { compactS } from './compact-s.ts'

/** Every network that can be chosen, smallest first. */
export const ARCHITECTURES: readonly Architecture[] = [compactS]

/** @throws SoundfoldError invalid-input naming the choices */
export function architecture(name: string): Architecture {
  const found = ARCHITECTURES.find(({ preset }) => preset.name === name)
  if (found) return found
  throw new SoundfoldError('invalid-input', `There is no preset "${name}".`, {
    hint: `There is: ${ARCHITECTURES.map(({ preset }) => preset.name).join(', ')}.`,
  })
}
