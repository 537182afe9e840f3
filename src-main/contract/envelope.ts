import { z } from 'zod'
import { errorShapeSchema } from './job.ts'

/**
 * The five kinds of message between the page and the core, the same over a MessagePort and a WebSocket (there as JSON).
 * `id` is chosen by the caller and names one open request on one connection.
 */
const id = z.int().min(0)
export const clientMessageSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('call'), id, method: z.string().max(100), params: z.unknown() }),
  z.strictObject({ type: z.literal('cancel'), id }),
])
export const hostMessageSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('reply'), id, result: z.unknown() }),
  z.strictObject({ type: z.literal('error'), id, error: errorShapeSchema }),
  z.strictObject({ type: z.literal('event'), name: z.string(), payload: z.unknown() }),
])
export type ClientMessage = z.infer<typeof clientMessageSchema>
export type HostMessage = z.infer<typeof hostMessageSchema>
