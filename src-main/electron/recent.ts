/** Workspaces opened last, newest first. */
const MOST_RECENT = 10

/** With one more opened. */
export function withRecent(recent: readonly string[], folder: string): string[] {
  return [folder, ...recent.filter((other) => other !== folder)].slice(0, MOST_RECENT)
}

/** Those that can be opened instead of the present one: what was moved or removed is left out. */
export function openable(
  recent: readonly string[],
  current: string,
  exists: (folder: string) => boolean,
): string[] {
  return recent.filter((folder) => folder !== current && exists(folder))
}
