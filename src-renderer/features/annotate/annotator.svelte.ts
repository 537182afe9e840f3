import { ticks } from 'd3-array'
import { untrack } from 'svelte'
import type { Annotation, AnnotationChange, AnnotationFields } from '../../../src-main/contract/annotation.ts'
import type { ClipDetail, Dataset } from '../../../src-main/contract/model.ts'
import type { PictureView } from '../../lib/components/spectrogram/picture-view.svelte.ts'
import { changes } from '../../lib/state/changes.svelte.ts'
import { Resource } from '../../lib/state/resource.svelte.ts'
import { session } from '../../lib/state/session.svelte.ts'
import { toasts } from '../../lib/state/toasts.svelte.ts'
import { extentOf, fieldsOf, merged, movedTo, reshaped, selectionOf, splitAt } from './edit.ts'

/** A drag or a held key is one change, once it has rested for so long. */
const REST_MS = 300
/** About as many as the time axis has. */
const TICKS = 12

/** Kept from clip to clip: what was copied, and the label given last. */
const kept = $state<{ copied: AnnotationFields | null; label: string | null }>({ copied: null, label: null })

type Items = AnnotationChange['items']

/**
 * The annotations of one clip and the one that is chosen. That one is what the pictures select: moving or resizing the
 * selection, by pointer or keys, moves or resizes it.
 */
export class Annotator {
  readonly clip: ClipDetail
  readonly dataset: Dataset
  readonly view: PictureView
  chosenId = $state<string | null>(null)
  readonly #loaded = new Resource<Annotation[]>()
  #resting: ReturnType<typeof setTimeout> | undefined
  /** Changes go to the core one after another, in the order in which they were made. */
  #last: Promise<unknown> = Promise.resolve()
  #pending = 0

  constructor(clip: ClipDetail, dataset: Dataset, view: PictureView) {
    this.clip = clip
    this.dataset = dataset
    this.view = view
  }

  readonly list = $derived.by((): readonly Annotation[] => this.#loaded.value ?? [])
  readonly chosen = $derived.by(() => this.list.find(({ id }) => id === this.chosenId))

  get error() {
    return this.#loaded.error
  }
  get loaded(): boolean {
    return this.#loaded.value !== undefined
  }
  get canPaste(): boolean {
    return kept.copied !== null
  }

  /** For an `$effect` that reads the revision: asks for the annotations as they are now. */
  load(): () => void {
    const { clip } = this
    return this.#loaded.load(async (signal) => {
      const list = await session.call('annotations.ofClip', { clipId: clip.id }, signal)
      // What is on its way to the core is not in this answer; the next one will have it.
      if (this.#pending > 0) return [...this.list]
      // An undo may have moved the chosen one, or taken it away.
      if (!signal.aborted && !this.#resting) this.#reselect(list)
      return list
    })
  }

  /** For an `$effect`: follows the selection of the pictures. */
  follow(): void {
    const { selection } = this.view
    untrack(() => {
      if (!this.chosen) return
      if (!selection) this.release()
      else if (this.#moved()) {
        clearTimeout(this.#resting)
        this.#resting = setTimeout(() => this.flush(), REST_MS)
      }
    })
  }

  /** What edges are drawn to: those of the others than the chosen one, and the ticks of the time axis. */
  *edges(): Iterable<number> {
    const { from, to } = this.view.range
    yield* ticks(from, to, TICKS)
    for (const { id, startSeconds, endSeconds } of this.list)
      if (id !== this.chosenId) yield* [startSeconds, endSeconds]
  }

  choose(id: string): void {
    this.flush()
    const annotation = this.list.find((one) => one.id === id)
    if (!annotation) return
    this.chosenId = id
    this.view.selection = selectionOf(annotation, this.view.axis)
  }

  /** Brings it into view as well, for a choice in the list. */
  show(id: string): void {
    this.choose(id)
    const { chosen, view } = this
    if (chosen && view.zoomed) view.fit(selectionOf(chosen, view.axis))
  }

  /** Lets go of the chosen one; what is selected stays so. */
  release(): void {
    this.flush()
    this.chosenId = null
  }

  /** Neither is it chosen any longer, nor anything selected. */
  close(): void {
    this.release()
    this.view.selection = null
  }

  chooseNext(direction: 1 | -1): void {
    const { list } = this
    const place = list.findIndex(({ id }) => id === this.chosenId)
    const next = list[place < 0 ? (direction > 0 ? 0 : list.length - 1) : place + direction]
    if (next) this.show(next.id)
  }

  /** Saves what was moved and has not rested yet. */
  flush(): void {
    clearTimeout(this.#resting)
    this.#resting = undefined
    const moved = this.#moved()
    if (this.chosen && moved)
      void this.#save([{ id: this.chosen.id, after: { ...fieldsOf(this.chosen), ...moved } }])
  }

  /** What is selected becomes an annotation, which is then the chosen one. @param label - the last one where left out */
  add(label: string = kept.label ?? this.clip.className): void {
    const { selection } = this.view
    if (!selection || this.chosen) return
    const id = crypto.randomUUID()
    kept.label = label
    void this.#save([{ id, after: { ...this.#blank(), ...extentOf(selection), label } }])
    this.chosenId = id
  }

  /** Gives the chosen one a label, or annotates what is selected. */
  setLabel(label: string): void {
    if (this.chosen) {
      kept.label = label
      this.change({ label })
    } else this.add(label)
  }

  change(part: Partial<AnnotationFields>): void {
    this.flush()
    const { chosen } = this
    if (chosen) void this.#save([{ id: chosen.id, after: { ...fieldsOf(chosen), ...part } }])
  }

  remove(): void {
    const { chosen } = this
    if (!chosen) return
    clearTimeout(this.#resting)
    this.#resting = undefined
    const place = this.list.indexOf(chosen)
    const next = this.list[place + 1] ?? this.list[place - 1]
    void this.#save([{ id: chosen.id, after: null }], undefined, true)
    this.chosenId = null
    this.view.selection = null
    if (next) this.choose(next.id)
  }

  /** At a time within it, else in its middle. */
  split(seconds: number): void {
    this.flush()
    const { chosen } = this
    if (!chosen) return
    const fields = fieldsOf(chosen)
    const parts = splitAt(fields, seconds) ?? splitAt(fields, (fields.startSeconds + fields.endSeconds) / 2)
    if (!parts) {
      toasts.show({ tone: 'danger', title: 'A point in time can’t be split.' })
      return
    }
    const items = [
      { id: chosen.id, after: parts[0] },
      { id: crypto.randomUUID(), after: parts[1] },
    ]
    void this.#save(items, 'split', true)
  }

  /** With the next one in time. */
  mergeWithNext(): void {
    this.flush()
    const { chosen } = this
    const next = chosen && this.list[this.list.indexOf(chosen) + 1]
    if (!chosen || !next) {
      toasts.show({ tone: 'danger', title: 'There is no later annotation to merge with.' })
      return
    }
    const items = [
      { id: chosen.id, after: merged(fieldsOf(chosen), fieldsOf(next)) },
      { id: next.id, after: null },
    ]
    void this.#save(items, 'merge', true)
  }

  copy(): void {
    this.flush()
    if (!this.chosen) return
    kept.copied = fieldsOf(this.chosen)
    toasts.show({ tone: 'success', title: 'Copied the annotation' })
  }

  paste(atSeconds: number): void {
    this.flush()
    const { copied } = kept
    if (!copied) return
    const id = crypto.randomUUID()
    const after = movedTo($state.snapshot(copied), atSeconds, this.view.durationSeconds)
    void this.#save([{ id, after: { ...after, author: changes.author } }], 'paste')
    this.chosenId = id
  }

  #blank(): AnnotationFields {
    return {
      ...{ startSeconds: 0, endSeconds: 0, lowHz: null, highHz: null, label: '', salience: null },
      ...{ confidence: null, note: '', author: changes.author, extra: {} },
    }
  }

  #moved() {
    const { chosen, view } = this
    if (!chosen || !view.selection) return null
    return reshaped(chosen, view.selection, view.axis, view.durationSeconds)
  }

  #reselect(list: readonly Annotation[]): void {
    if (this.chosenId === null) return
    const chosen = list.find(({ id }) => id === this.chosenId)
    this.view.selection = chosen ? selectionOf(chosen, this.view.axis) : null
    if (!chosen) this.chosenId = null
  }

  /** Shows the change at once and sends it; what the core refuses is shown as it was. */
  #save(items: Items, act?: AnnotationChange['act'], tell = false): Promise<void> {
    const now = new Date().toISOString()
    const gone = new Set(items.map(({ id }) => id))
    const before = new Map(this.list.map((annotation) => [annotation.id, annotation]))
    const after = items.flatMap(({ id, after: fields }) =>
      fields
        ? [
            {
              id,
              clipId: this.clip.id,
              createdAt: before.get(id)?.createdAt ?? now,
              changedAt: now,
              ...fields,
            },
          ]
        : [],
    )
    this.#loaded.value = [...this.list.filter(({ id }) => !gone.has(id)), ...after].sort(
      (a, b) => a.startSeconds - b.startSeconds || a.endSeconds - b.endSeconds,
    )
    if (this.chosen) this.view.selection = selectionOf(this.chosen, this.view.axis)
    const input = { by: changes.by, clipId: this.clip.id, items, ...(act && { act }) }
    this.#pending++
    const saving = this.#last.then(async () => {
      try {
        const change = await session.call('annotations.change', input)
        if (change && tell) changes.tell(change)
      } catch (error) {
        toasts.fail('The annotation was not saved', error)
      } finally {
        this.#pending--
      }
      this.load()
    })
    this.#last = saving
    return saving
  }
}
