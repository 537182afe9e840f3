import { z } from 'zod'

const STORAGE_KEY = 'soundfold.settings'

const settingsSchema = z.object({
  theme: z.enum(['system', 'dark', 'light']).catch('system'),
  colourMap: z.enum(['ember', 'lagoon', 'grey']).catch('ember'),
  loop: z.boolean().catch(false),
  playOnSelect: z.boolean().catch(false),
  datasetId: z.int().nullable().catch(null),
})
type StoredSettings = z.infer<typeof settingsSchema>

/** What the person prefers on this machine. Unknown or damaged entries fall back one by one. */
class Settings {
  #stored = $state.raw<StoredSettings>(settingsSchema.parse(readStored()))
  readonly #systemDark = matchMedia('(prefers-color-scheme: dark)')
  #systemIsDark = $state(this.#systemDark.matches)

  constructor() {
    this.#systemDark.addEventListener('change', (event) => {
      this.#systemIsDark = event.matches
    })
  }

  get values(): Readonly<StoredSettings> {
    return this.#stored
  }

  get dark(): boolean {
    return this.#stored.theme === 'system' ? this.#systemIsDark : this.#stored.theme === 'dark'
  }

  change(changes: Partial<StoredSettings>): void {
    this.#stored = { ...this.#stored, ...changes }
    try {
      localStorage.setItem(STORAGE_KEY, JSON.stringify(this.#stored))
    } catch {
      // Private windows may refuse to store; the choice then lasts until the window closes.
    }
  }
}

function readStored(): unknown {
  try {
    return JSON.parse(localStorage.getItem(STORAGE_KEY) ?? '{}')
  } catch {
    return {}
  }
}

export const settings = new Settings()
