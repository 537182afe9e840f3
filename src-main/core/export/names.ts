import { basename, join } from 'node:path'
import type { NewPlace } from './new-folder.ts'

/** Bytes of UTF-8 of one part of a path, before a number and an ending: within what every file system takes. */
const PART_BYTES = 100
/** Windows opens a device by these, whatever the ending. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i

/**
 * One part of a path made from an untrusted text: nothing but letters, digits, dots, hyphens and underscores is kept, so it
 * names a file of this folder on every system.
 */
export function safePart(text: string, fallback: string): string {
  let part = text
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}._-]+/gu, '_')
    .replace(/^\.+/, '_')
  while (Buffer.byteLength(part) > PART_BYTES) part = Array.from(part).slice(0, -1).join('')
  part = part.replace(/\.+$/, '')
  return DEVICE.test(part) ? `_${part}` : part || fallback
}

/** Gives each path once, with `-2`, `-3` … before its ending where it was given before, as file systems compare names. */
class UniquePaths {
  readonly #taken = new Set<string>()
  readonly #next = new Map<string, number>()

  /** @param stem - the path without its ending */
  take(stem: string, ending = ''): string {
    const key = folded(stem + ending)
    for (let copy = this.#next.get(key) ?? 1; ; copy++) {
      const path = `${copy === 1 ? stem : `${stem}-${copy}`}${ending}`
      if (this.#taken.has(folded(path))) continue
      this.#taken.add(folded(path))
      this.#next.set(key, copy + 1)
      return path
    }
  }
}

/** Some file systems don't tell small letters from capitals. */
const folded = (path: string): string => path.toUpperCase()

export interface NamedClip {
  fileName: string
  fold: number
  classId: number
  className: string
}

/**
 * Where each clip's file goes within an export, in the clips' order: `fold1/NAME.npz`, or `fold1/CLASS/NAME.png` with
 * `byClass`. Different clips, and different classes, never share a path.
 */
export function clipPlaces(
  clips: readonly NamedClip[],
  ending: string,
  { byClass = false }: { byClass?: boolean } = {},
): string[] {
  const classPaths = new UniquePaths()
  const classFolders = new Map<number, string>()
  const paths = new UniquePaths()
  return clips.map(({ fileName, fold, classId, className }) => {
    const parts = [`fold${fold}`]
    if (byClass) {
      const folder = classFolders.get(classId) ?? classPaths.take(safePart(className, `class${classId}`))
      classFolders.set(classId, folder)
      parts.push(folder)
    }
    const stem = basename(fileName).replace(/\.[^.]*$/, '')
    return paths.take([...parts, safePart(stem, 'clip')].join('/'), ending)
  })
}

/** `urban-article-npz-20261123-194502`, the time being that of the computer's clock. */
export function exportName(parts: readonly string[], now: Date): string {
  const digits = (value: number) => String(value).padStart(2, '0')
  const day = `${now.getFullYear()}${digits(now.getMonth() + 1)}${digits(now.getDate())}`
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(digits).join('')
  return [...parts.map((part) => safePart(part, 'set')), day, time].join('-')
}

/**
 * Where an export goes: to what the shell's person named, else to a place of its own in the workspace's `exports`.
 * @param ending - of a file, with its dot
 */
export function exportPlace(
  { workspaceFolder, exportTo }: { readonly workspaceFolder: string; readonly exportTo?: string },
  parts: readonly string[],
  ending = '',
): NewPlace {
  return exportTo === undefined
    ? { path: join(workspaceFolder, 'exports', exportName(parts, new Date()) + ending), whenTaken: 'number' }
    : { path: exportTo, whenTaken: 'refuse' }
}
