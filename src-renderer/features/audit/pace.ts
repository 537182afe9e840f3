/** Longer than that is a pause, not the time that a clip took. */
const LONGEST_SECONDS = 120
/** Clips that the pace is of. */
const CLIPS = 20

/**
 * @param timesMs - of the decisions, rising
 * @returns seconds from one decision to the next, as the last ones went; null before there are three
 */
export function secondsPerClip(timesMs: readonly number[]): number | null {
  const gaps = timesMs
    .slice(-CLIPS - 1)
    .map((time, place, all) => (time - (all[place - 1] ?? time)) / 1000)
    .slice(1)
    .filter((seconds) => seconds <= LONGEST_SECONDS)
  if (gaps.length < 2) return null
  return gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
}
