import { safePart } from '../export/names.ts'

interface NamedClip {
  id: number
  fileName: string
  relativePath: string
}

/** What programs put between the name of a sound and the ending of its annotations. */
const ADDED = /(\.Table\.\d+)?(\.selections)?$|\.BirdNET(\.results|\.selection\.table)?$/i

const withoutEnding = (name: string) => name.replace(/\.[^.]*$/, '')
const lastPart = (path: string) => path.split(/[/\\]/).at(-1) ?? ''

/** Finds the clip that a file of annotations, or a line of one, is about. */
export class ClipFinder {
  /** A name → the clips that bear it; the more telling names first. */
  readonly #byPath = new Map<string, number>()
  readonly #byName = new Map<string, number[]>()

  constructor(clips: readonly NamedClip[]) {
    for (const { id, fileName, relativePath } of clips) {
      this.#byPath.set(relativePath, id)
      const stem = withoutEnding(fileName)
      for (const name of new Set([fileName, stem, safePart(stem, '')])) {
        const ids = this.#byName.get(name)
        if (ids) ids.push(id)
        else this.#byName.set(name, [id])
      }
    }
  }

  /**
   * @param file - as a line names it: a path within the dataset, or a file name, with or without its ending
   * @returns its id, or why there is none
   */
  ofName(file: string): number | string {
    const path = file.replaceAll('\\', '/').replace(/^(\.\/)+/, '')
    const exact = this.#byPath.get(path)
    if (exact !== undefined) return exact
    const name = lastPart(path)
    return this.#single(name) ?? this.#single(withoutEnding(name)) ?? `the dataset has no clip called ${name}`
  }

  /** @param path - of a file of annotations: `NAME.txt`, `NAME.wav.txt`, `NAME.Table.1.selections.txt` */
  ofAnnotationFile(path: string): number | string {
    const name = withoutEnding(lastPart(path))
    const plain = name.replace(ADDED, '')
    return (
      this.#single(name) ??
      this.#single(plain) ??
      this.#single(withoutEnding(plain)) ??
      `the dataset has no clip called ${plain}`
    )
  }

  #single(name: string): number | string | undefined {
    const ids = this.#byName.get(name)
    if (!ids) return undefined
    const [id, ...others] = ids
    return others.length > 0 ? `${ids.length} clips are called ${name}` : id
  }
}
