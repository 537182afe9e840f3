import type { JobStatus } from './job.ts'

/** Values as people read them. Missing values are an en dash everywhere. */

export const MISSING = '–'

/** Seconds with two decimals, as an editor shows them: `3.52 s`. */
export function seconds(value: number | null): string {
  return value === null ? MISSING : `${value.toFixed(2)} s`
}

/** Clips from a duration up to another: `0.5 to 1 s`, `4 s and longer`, `below 0.5 s`. */
export function durationRange(from: number, below: number | null): string {
  if (below === null) return `${from} s and longer`
  return from === 0 ? `below ${below} s` : `${from} to ${below} s`
}

/** A difference of shares in percentage points, with its sign: `+3.2`. */
export function points(difference: number): string {
  const rounded = (Math.abs(difference) * 100).toFixed(1)
  return rounded === '0.0' ? rounded : `${difference > 0 ? '+' : '−'}${rounded}`
}

/** The ends of an interval of shares as percent, `71.2 to 79.8 %`; no share is below 0 or above 1, wherever a formula ends. */
export function interval(ends: { low: number; high: number } | null): string {
  if (ends === null) return MISSING
  return `${(Math.max(0, ends.low) * 100).toFixed(1)} to ${(Math.min(1, ends.high) * 100).toFixed(1)} %`
}

/** The ends of an interval of differences: `−1.2 to +3.4`. */
export function pointsInterval(ends: { low: number; high: number } | null): string {
  return ends === null ? MISSING : `${points(ends.low)} to ${points(ends.high)}`
}

/** A p-value: `0.034`, `< 0.001`. */
export function pValue(p: number): string {
  return p < 0.001 ? '< 0.001' : p.toFixed(3)
}

/** A number with two decimals and a minus that is as wide as a plus: `−9.95`. */
export function signed(value: number): string {
  return value.toFixed(2).replace('-', '−')
}

/** A duration in words' order of size: `45 s`, `3 min 05 s`, `2 h 14 min`. */
export function longDuration(value: number): string {
  const whole = Math.max(0, Math.round(value))
  if (whole < 60) return `${whole} s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, '0')} s`
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`
}

/** Hz as audio people write it: `44.1 kHz`, `800 Hz`. */
export function hertz(value: number | null): string {
  if (value === null) return MISSING
  return value < 1000 ? `${Math.round(value)} Hz` : `${trim(value / 1000, 3)} kHz`
}

/** A share of one as percent: 0.8733 → `87.3 %`. */
export function percent(share: number | null, digits = 1): string {
  return share === null ? MISSING : `${(share * 100).toFixed(digits)} %`
}

/** Kept: `toLocaleString` makes one at each call, which a matrix of a thousand cells has to wait for. */
const WHOLE = new Intl.NumberFormat('en-GB')

export function count(value: number): string {
  return WHOLE.format(value)
}

/**
 * `1 clip`, `1,204 clips`.
 *
 * @param forms - of the noun, in the order that `formOf` counts: in English for one, and for all other numbers
 */
export function plural(
  value: number,
  forms: readonly string[],
  formOf: (value: number) => number = (n) => Number(n !== 1),
): string {
  return `${count(value)} ${forms[formOf(value)] ?? ''}`
}

/** Some folds, in rising order: `fold 3`, `folds 1, 2`, `folds 1, 3 to 10`. */
export function foldWords(folds: readonly number[]): string {
  const spans: number[][] = []
  for (const fold of folds) {
    const last = spans.at(-1)
    if (last?.at(-1) === fold - 1) last.push(fold)
    else spans.push([fold])
  }
  const words = spans.map((span) => (span.length < 3 ? span.join(', ') : `${span[0]} to ${span.at(-1)}`))
  return `${folds.length === 1 ? /* @wc-include */ 'fold' : /* @wc-include */ 'folds'} ${words.join(', ')}`
}

export function bytes(value: number | null): string {
  if (value === null) return MISSING
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let scaled = value
  let unit = 0
  while (scaled >= 1000 && unit < units.length - 1) {
    scaled /= 1000
    unit++
  }
  return `${unit === 0 ? scaled : scaled.toFixed(1)} ${units[unit] ?? ''}`
}

export function channels(value: number | null): string {
  if (value === null) return MISSING
  return value === 1
    ? /* @wc-include */ 'mono'
    : value === 2
      ? /* @wc-include */ 'stereo'
      : `${value} channels`
}

export function salience(value: 1 | 2 | null): string {
  return value === 1 ? /* @wc-include */ 'foreground' : value === 2 ? /* @wc-include */ 'background' : MISSING
}

/** Local date and time to the minute, `2020-06-30 14:05`: it sorts as it reads. */
export function dateTime(iso: string | null): string {
  const date = new Date(iso ?? Number.NaN)
  if (Number.isNaN(date.getTime())) return MISSING
  const two = (value: number) => String(value).padStart(2, '0')
  return (
    `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ` +
    `${two(date.getHours())}:${two(date.getMinutes())}`
  )
}

export const STATUS_WORDS = {
  queued: /* @wc-include */ 'queued',
  running: /* @wc-include */ 'running',
  succeeded: /* @wc-include */ 'succeeded',
  failed: /* @wc-include */ 'failed',
  cancelled: /* @wc-include */ 'cancelled',
  paused: /* @wc-include */ 'paused',
  interrupted: /* @wc-include */ 'interrupted',
} as const satisfies Record<JobStatus, string>

/** The part of a run's id that tells it from others: the end; it begins with the day. */
export function shortRunId(id: string): string {
  return id.slice(-8)
}

/** Class names are identifiers in most datasets; underscores read as spaces. */
export function className(name: string): string {
  return name.replaceAll('_', ' ')
}

/** The last part of a path, of either system: what people call the folder. */
/** Which labels something was trained on. */
export function labelWords(
  verdicts: { name: string; relabelled: number; excluded: number } | undefined,
): string {
  if (!verdicts) return 'as imported'
  const { name, relabelled, excluded } = verdicts
  return `verdict set “${name}”: ${plural(relabelled, ['clip', 'clips'])} relabelled, ${excluded} excluded`
}

export function folderName(path: string): string {
  return path.split(/[\\/]/).findLast((part) => part !== '') ?? path
}

function trim(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)))
}

/** What an import and a dataset's report say of clips that are gone with people's work on them; null for none. */
export function keptAsideText(clips: number): string | null {
  if (clips === 0) return null
  const [one, are] = clips === 1 ? ['1 clip', 'is'] : [`${count(clips)} clips`, 'are']
  return `${one} with tags, annotations or verdicts ${are} no longer in the dataset. These are kept, and come back with the clip.`
}

/** What an import says of clips that are gone with what runs predicted of them; null for none. */
export function unpredictedText(clips: number): string | null {
  if (clips === 0) return null
  const gone =
    clips === 1 ? '1 clip that runs had predicted is' : `${count(clips)} clips that runs had predicted are`
  return `${gone} no longer in the dataset: figures of those runs are now of the other clips.`
}
