import { z } from 'zod'

/** Settings that several networks have. */

export const dropoutRate = (byDefault: number, where: string) =>
  z.number().min(0).max(0.95).default(byDefault).describe(`Dropout ${where}`)

/** @param what - it multiplies, as "16, 32 and 64 channels" */
export const width = (what: string) =>
  z.number().positive().max(8).default(1).describe(`Width, as a multiple of ${what}`)

/** A layer's channels or values at this width. */
export const scaled = (count: number, width: number) => Math.max(1, Math.round(count * width))
