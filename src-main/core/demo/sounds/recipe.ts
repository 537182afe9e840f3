import type { Signal } from '../dsp.ts'
import type { Rng } from '../rng.ts'

/** Plays one slice: `length` samples at `rate` Hz, mono, at any level. `slice` decides the events, not the timbre. */
export type Voice = (length: number, rate: number, slice: Rng) => Signal

/** Draws what one recording keeps throughout (machine, room, player …) and returns its voice. */
export type Recipe = (recording: Rng) => Voice
