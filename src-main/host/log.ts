/** Where a shell writes what people don't need to see at once: an unexpected error whole, with what it was about. */
export type Log = (about: string, error: unknown) => void

export const logToStderr: Log = (about, error) => console.error(`${about}:`, error)
