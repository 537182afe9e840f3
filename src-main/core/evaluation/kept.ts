interface Entry<T> {
  readonly value: Promise<T>
  /** 0 while it is made. */
  bytes: number
}

/** What was made lately, up to so many bytes: the newest stays however large it is. Who asks while it is made gets the same. */
export class Kept<T> {
  readonly #mostBytes: number
  readonly #bytesOf: (value: T) => number
  /** The oldest first. */
  readonly #entries = new Map<string, Entry<T>>()
  /** How often each was forgotten, so that one that is made of what was there before is seen. */
  readonly #forgotten = new Map<string, number>()

  constructor(mostBytes: number, bytesOf: (value: T) => number) {
    this.#mostBytes = mostBytes
    this.#bytesOf = bytesOf
  }

  async get(key: string, make: () => Promise<T>): Promise<T> {
    const entry = this.#entries.get(key) ?? { value: this.#made(key, make), bytes: 0 }
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    try {
      const value = await entry.value
      entry.bytes = this.#bytesOf(value)
      this.#makeRoom()
      return value
    } catch (error) {
      if (this.#entries.get(key) === entry) this.#entries.delete(key)
      throw error
    }
  }

  /** Its next question makes it again, and so does one under way. */
  forget(key: string): void {
    this.#entries.delete(key)
    this.#forgotten.set(key, (this.#forgotten.get(key) ?? 0) + 1)
  }

  async #made(key: string, make: () => Promise<T>): Promise<T> {
    for (;;) {
      const before = this.#forgotten.get(key)
      const value = await make()
      if (this.#forgotten.get(key) === before) return value
    }
  }

  #makeRoom(): void {
    let total = 0
    for (const { bytes } of this.#entries.values()) total += bytes
    for (const [key, { bytes }] of this.#entries) {
      if (total <= this.#mostBytes || this.#entries.size === 1) return
      this.#entries.delete(key)
      total -= bytes
    }
  }
}
