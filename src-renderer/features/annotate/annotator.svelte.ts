import { ticks } from 'd3-array'
import { untrack } from 'svelte'
import type { Annotation, AnnotationChange, AnnotationFields } from '../../../src-main/contract/annotation.ts'
import type { ClipDetail, Dataset } from '../../../src-main/contract/model.ts'
import type { PictureView } from '../../lib/components/spectrogram/picture-view.svelte.ts'
import type { SelectMode } from '../../lib/components/table/columns.ts'
import { plural } from '../../lib/format.ts'
import { changes } from '../../lib/state/changes.svelte.ts'
import { Resource } from '../../lib/state/resource.svelte.ts'
import { session } from '../../lib/state/session.svelte.ts'
import { toasts } from '../../lib/state/toasts.svelte.ts'
import {
  extentOf,
  fieldsOf,
  merged,
  reshaped,
  selectionOf,
  shiftBy,
  shifted,
  splitAt,
  touches,
} from './edit.ts'

/** A drag or a held key is one change, once it has rested for so long. */
const REST_MS = 300
/** What a key moves by, of the time in view. */
const NUDGE_SHARE = 0.01
/** About as many as the time axis has. */
const TICKS = 12

/** Kept from clip to clip: what was copied, and the label given last. */
const kept = $state<{ copied: readonly AnnotationFields[]; label: string | null }>({
  copied: [],
  label: null,
})

type Items = AnnotationChange['items']

/**
 * The annotations of one clip and those that are chosen. One of them is what the pictures select: moving or resizing the
 * selection, by pointer or keys, moves or resizes it. The others move with it, and whatever is done is done to all, as one change.
 */
export class Annotator {
  readonly clip: ClipDetail
  readonly dataset: Dataset
  readonly view: PictureView
  chosenId = $state<string | null>(null)
  /** Chosen besides that one. */
  others = $state.raw<ReadonlySet<string>>(new Set())
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

  readonly allChosen = $derived.by(() => {
    const { chosen, others } = this
    return chosen ? this.list.filter(({ id }) => id === chosen.id || others.has(id)) : []
  })
  /** By how much the others are being moved with the one that is selected, not saved yet. */
  readonly shiftSeconds = $derived.by(() => {
    const { chosen, others, view } = this
    return chosen && others.size > 0 && view.selection ? (shiftBy(chosen, view.selection) ?? 0) : 0
  })

  get error() {
    return this.#loaded.error
  }
  get loaded(): boolean {
    return this.#loaded.value !== undefined
  }
  get canPaste(): boolean {
    return kept.copied.length > 0
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
      else if (this.#moved().length > 0) {
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
      if (id !== this.chosenId && !this.others.has(id)) yield* [startSeconds, endSeconds]
  }

  /** @param mode - in place of what is chosen, as one more or less, or all up to this one */
  choose(id: string, mode: SelectMode = 'one'): void {
    this.flush()
    const { list, chosen } = this
    const annotation = list.find((one) => one.id === id)
    if (!annotation) return
    if (mode === 'range' && chosen) {
      const [from, to] = [list.indexOf(chosen), list.indexOf(annotation)].sort((a, b) => a - b)
      this.#chooseAll(chosen, list.slice(from, (to ?? 0) + 1))
    } else if (mode === 'toggle' && chosen) {
      const without = this.allChosen.filter((one) => one !== annotation)
      const rest = without.length < this.allChosen.length ? without : [annotation, ...without]
      const first = rest.includes(chosen) ? chosen : rest[0]
      if (first) this.#chooseAll(first, rest)
      else this.close()
    } else this.#chooseAll(annotation, [])
  }

  chooseAll(): void {
    this.flush()
    const first = this.chosen ?? this.list[0]
    if (first) this.#chooseAll(first, this.list)
  }

  /** All that have a part of what is selected. */
  chooseWithin(): void {
    const { selection } = this.view
    if (!selection || this.chosen) return
    const within = this.list.filter((annotation) => touches(annotation, selection))
    if (within[0]) this.#chooseAll(within[0], within)
    else toasts.show({ tone: 'danger', title: 'No annotation lies there.' })
  }

  #chooseAll(first: Annotation, all: readonly Annotation[]): void {
    this.chosenId = first.id
    this.others = new Set(all.map(({ id }) => id).filter((id) => id !== first.id))
    this.view.selection = selectionOf(first, this.view.axis)
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
    this.others = new Set()
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

  /** The first after those that are chosen, besides them. */
  chooseMore(): void {
    const last = this.allChosen.at(-1)
    const next = last ? this.list[this.list.indexOf(last) + 1] : this.list[0]
    if (next) this.choose(next.id, 'toggle')
  }

  /** All that are chosen, a little earlier or later. */
  nudge(direction: 1 | -1): void {
    const { chosen, view } = this
    if (!chosen || !view.selection) return
    const { from, to } = view.range
    const { from: start, to: end, band } = view.selection
    const extent = { ...chosen, startSeconds: start, endSeconds: end }
    const [moved] = shifted([extent], direction * NUDGE_SHARE * (to - from), view.durationSeconds)
    if (moved) view.selection = { from: moved.startSeconds, to: moved.endSeconds, band }
  }

  /** Saves what was moved and has not rested yet. */
  flush(): void {
    clearTimeout(this.#resting)
    this.#resting = undefined
    const moved = this.#moved()
    if (moved.length > 0) void this.#save(moved.map((one) => ({ id: one.id, after: fieldsOf(one) })))
  }

  /** What is selected becomes an annotation, which is then the chosen one. @param label - the last one where left out */
  add(label: string = kept.label ?? this.clip.className): void {
    const { selection } = this.view
    if (!selection || this.chosen) return
    const id = crypto.randomUUID()
    kept.label = label
    void this.#save([{ id, after: { ...this.#blank(), ...extentOf(selection), label } }])
    this.chosenId = id
    this.others = new Set()
  }

  /** Gives those that are chosen a label, or annotates what is selected. */
  setLabel(label: string): void {
    if (this.chosen) {
      kept.label = label
      this.change({ label })
    } else this.add(label)
  }

  change(part: Partial<AnnotationFields>): void {
    this.flush()
    const items = this.allChosen.map((one) => ({ id: one.id, after: { ...fieldsOf(one), ...part } }))
    if (items.length > 0) void this.#save(items, undefined, items.length > 1)
  }

  remove(): void {
    const { allChosen, list } = this
    const [first] = allChosen
    if (!first) return
    clearTimeout(this.#resting)
    this.#resting = undefined
    const place = list.indexOf(first)
    const next = list.slice(place).find((one) => !allChosen.includes(one)) ?? list.slice(0, place).at(-1)
    void this.#save(
      allChosen.map(({ id }) => ({ id, after: null })),
      undefined,
      true,
    )
    this.chosenId = null
    this.others = new Set()
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

  /** All that are chosen; one alone with the next one in time. */
  merge(): void {
    this.flush()
    const { allChosen, list } = this
    const [first, ...chosen] = allChosen
    const next = first && list[list.indexOf(first) + 1]
    const rest = chosen.length > 0 || !next ? chosen : [next]
    if (!first || rest.length === 0) {
      toasts.show({ tone: 'danger', title: 'There is no later annotation to merge with.' })
      return
    }
    const items = [
      { id: first.id, after: rest.reduce((whole, one) => merged(whole, fieldsOf(one)), fieldsOf(first)) },
      ...rest.map(({ id }) => ({ id, after: null })),
    ]
    this.chosenId = first.id
    this.others = new Set()
    void this.#save(items, 'merge', true)
  }

  copy(): void {
    this.flush()
    const { allChosen } = this
    if (allChosen.length === 0) return
    kept.copied = allChosen.map(fieldsOf)
    const what =
      allChosen.length === 1 ? 'the annotation' : plural(allChosen.length, ['annotation', 'annotations'])
    toasts.show({ tone: 'success', title: `Copied ${what}` })
  }

  paste(atSeconds: number): void {
    this.flush()
    const copied = $state.snapshot(kept.copied)
    const [first] = copied
    if (!first) return
    const { author } = changes
    const items = shifted(copied, atSeconds - first.startSeconds, this.view.durationSeconds).map((after) => ({
      id: crypto.randomUUID(),
      after: { ...after, author },
    }))
    void this.#save(items, 'paste')
    this.chosenId = items[0]?.id ?? null
    this.others = new Set(items.slice(1).map(({ id }) => id))
  }

  #blank(): AnnotationFields {
    return {
      ...{ startSeconds: 0, endSeconds: 0, lowHz: null, highHz: null, label: '', salience: null },
      ...{ confidence: null, note: '', author: changes.author, extra: {} },
    }
  }

  /** Those whose place is another than the saved one. Several are moved in time; one that is resized is so alone. */
  #moved(): Annotation[] {
    const { chosen, others, view } = this
    if (!chosen || !view.selection) return []
    const after = reshaped(chosen, view.selection, view.axis, view.durationSeconds)
    if (!after) return []
    const by = others.size > 0 ? shiftBy(chosen, view.selection) : null
    return by === null ? [{ ...chosen, ...after }] : shifted(this.allChosen, by, view.durationSeconds)
  }

  #reselect(list: readonly Annotation[]): void {
    if (this.chosenId === null) return
    const chosen = list.find(({ id }) => id === this.chosenId)
    this.view.selection = chosen ? selectionOf(chosen, this.view.axis) : null
    if (!chosen) this.chosenId = null
    this.others = new Set(list.map(({ id }) => id).filter((id) => chosen && this.others.has(id)))
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
