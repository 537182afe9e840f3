import type { Architecture } from './architecture.ts'
import { compactS } from './compact-s.ts'

/** Every network that can be chosen, smallest first. */
export const ARCHITECTURES: readonly Architecture[] = [compactS]
