import { z } from 'zod'
import { TILE_WINDOWS } from '../../../src-main/contract/recording.ts'
import { COLOUR_MAP_NAMES } from '../components/colour/colour-map.ts'
import { FREQUENCY_AXES, type FrequencyAxisName } from '../components/spectrogram/frequency-axis.ts'

const STORAGE_KEY = 'soundfold.settings'

/** How spectrograms are drawn until somebody wants it otherwise. */
export const PICTURE_DEFAULTS = {
  colourMap: 'magma',
  frequencyAxis: 'mel',
  rangeDb: 80,
  gainDb: 0,
  tileWindow: 1024,
} as const
/** dB */
export const PICTURE_LIMITS = { rangeDb: { min: 20, max: 100 }, gainDb: { min: -30, max: 40 } } as const

/** What of a clip's channels is heard: as they are, one on both ears, or their mean. */
export const CHANNEL_CHOICES = ['all', 'left', 'right', 'mix'] as const
export type ChannelChoice = (typeof CHANNEL_CHOICES)[number]
/** Of sound on a clip's page: gain in dB, speed as a factor. */
export const PLAY_LIMITS = { playGainDb: { min: -24, max: 36 }, speed: { min: 0.25, max: 2 } } as const

const limited = ({ min, max }: { min: number; max: number }) => z.number().min(min).max(max)
const whySchema = z.object({
  open: z.boolean().default(false),
  nearestOpen: z.boolean().default(false),
  method: z.enum(['grad-cam', 'occlusion']).default('grad-cam'),
  /** Of the class that the map is of. */
  shown: z.enum(['predicted', 'given']).default('predicted'),
  opacity: z.number().min(0).max(1).default(0.8),
  /** The map lies over the clip's own spectrogram, too. */
  overlay: z.boolean().default(false),
  /** Bands and frames that are hidden at once. */
  patch: z.enum(['8', '16', '32']).default('16'),
  fill: z.enum(['mean', 'minimum']).default('mean'),
})
const guideSchema = z.object({
  state: z.enum(['new', 'on', 'off']).default('new'),
  heard: z.boolean().default(false),
  looked: z.boolean().default(false),
})
const settingsSchema = z.object({
  theme: z.enum(['system', 'dark', 'light']).catch('system'),
  colourMap: z.enum(COLOUR_MAP_NAMES).catch(PICTURE_DEFAULTS.colourMap),
  frequencyAxis: z.enum(FREQUENCY_AXES).catch(PICTURE_DEFAULTS.frequencyAxis),
  rangeDb: limited(PICTURE_LIMITS.rangeDb).catch(PICTURE_DEFAULTS.rangeDb),
  gainDb: limited(PICTURE_LIMITS.gainDb).catch(PICTURE_DEFAULTS.gainDb),
  /** Samples of the window of a clip page's spectrogram. */
  tileWindow: z.union(TILE_WINDOWS.map((window) => z.literal(window))).catch(PICTURE_DEFAULTS.tileWindow),
  loop: z.boolean().catch(false),
  /** What a drag over a clip's pictures does. */
  dragTool: z.enum(['pan', 'time', 'box']).catch('box'),
  /** Edges of selections are drawn to near ones. */
  snapping: z.boolean().catch(true),
  speed: limited(PLAY_LIMITS.speed).catch(1),
  playGainDb: limited(PLAY_LIMITS.playGainDb).catch(0),
  channel: z.enum(CHANNEL_CHOICES).catch('all'),
  /** Only the selected band is heard. */
  bandOnly: z.boolean().catch(false),
  /** At a clip's end its page goes on to the next one. */
  playNext: z.boolean().catch(false),
  playOnSelect: z.boolean().catch(false),
  /** Clips of an audit play as they come. */
  auditAutoplay: z.boolean().catch(true),
  /** Stands by the person's changes; empty for the name that the system knows. */
  author: z.string().max(100).catch(''),
  /** How explanations of predictions are shown. */
  why: whySchema.catch(whySchema.parse({})),
  datasetId: z.int().nullable().catch(null),
  /** The first round: offered in a workspace that is empty, until it was skipped or done. */
  guide: guideSchema.catch(guideSchema.parse({})),
  /** Ids of jobs whose end was read, by the workspace's folder. */
  readJobs: z.record(z.string(), z.array(z.int()).max(1000)).catch({}),
  /** Pixels by panel, where somebody chose them. */
  panelWidths: z.record(z.string(), z.number().min(100).max(4000)).catch({}),
  /** Titles of the filters that are folded up. */
  foldedFilters: z.array(z.string().max(80)).max(100).catch([]),
  /** Keys of the library's columns in their order; null for as many as there is room for. */
  libraryColumns: z.array(z.string()).nullable().catch(null),
  /** Pixels by column, where somebody chose them. */
  columnWidths: z.record(z.string(), z.number().min(20).max(2000)).catch({}),
  /** Keys by command, where somebody chose them; a command may have none. */
  keys: z.record(z.string(), z.array(z.string().min(1).max(40)).max(4)).catch({}),
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

  /** Of every spectrogram of a clip. */
  get pictureScales(): { axisName: FrequencyAxisName; rangeDb: number; gainDb: number } {
    const { frequencyAxis, rangeDb, gainDb } = this.#stored
    return { axisName: frequencyAxis, rangeDb, gainDb }
  }

  changeWhy(changes: Partial<StoredSettings['why']>): void {
    this.change({ why: { ...this.#stored.why, ...changes } })
  }

  /** How wide a panel was made, and how it is made so: as `SidePanel` takes them. */
  panel(name: string): { width: number | undefined; onresize: (width: number | undefined) => void } {
    return {
      width: this.#stored.panelWidths[name],
      onresize: (width) => {
        const { [name]: _, ...others } = this.#stored.panelWidths
        this.change({ panelWidths: width === undefined ? others : { ...others, [name]: width } })
      },
    }
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
