import { untrack } from 'svelte'
import { type ScrollPlace, scrolled, settled, spaceOf, topShowing } from './long-scroll.ts'

/** Lines above and below those in view. */
const MARGIN = 8
const SETTLES_AFTER_MS = 150

/** A scroller over any number of lines of one height: which lines are in the page, and where each is drawn. */
export class LongScroller {
  /** Bound to the element that scrolls. */
  element = $state<HTMLElement>()
  /** Bound to its height. */
  view = $state(0)
  #place = $state.raw<ScrollPlace>({ scrollTop: 0, top: 0 })
  #settling: ReturnType<typeof setTimeout> | undefined
  readonly #lines: () => number
  readonly #height: () => number

  /** To be made while a component is: it follows what these read. @param height - of a line, pixels */
  constructor(lines: () => number, height: () => number) {
    this.#lines = lines
    this.#height = height
    // A shorter list may end above the view.
    $effect(() => {
      const end = Math.max(0, this.#extent.content - this.view)
      untrack(() => {
        if (this.element && this.#place.top > end) this.#show(end)
      })
    })
    $effect(() => () => clearTimeout(this.#settling))
  }

  readonly #extent = $derived.by(() => ({ content: this.#lines() * this.#height(), view: this.view }))
  readonly first = $derived.by(() =>
    Math.max(0, Math.min(this.#lines() - 1, Math.floor(this.#place.top / this.#height())) - MARGIN),
  )
  readonly last = $derived.by(() =>
    Math.min(this.#lines() - 1, Math.ceil((this.#place.top + this.view) / this.#height()) + MARGIN),
  )
  /** Numbers of the lines in the page. */
  readonly lines = $derived.by(() =>
    this.view > 0
      ? Array.from({ length: Math.max(0, this.last - this.first + 1) }, (_, at) => this.first + at)
      : [],
  )
  /** As many as are ever in the page: the element of a line that leaves at one end can serve at the other. */
  readonly slots = $derived.by(() => Math.ceil(this.view / this.#height()) + 2 * MARGIN + 2)
  /** Height of what is scrolled. */
  readonly space = $derived.by(() => spaceOf(this.#extent))
  /** Lines that the view has room for, at least one. */
  readonly page = $derived.by(() => Math.max(1, Math.floor(this.view / this.#height())))

  /** Where a line is drawn in the scrolled space. */
  offset(line: number): number {
    return line * this.#height() - this.#place.top + this.#place.scrollTop
  }

  readonly onscroll = (): void => {
    const { element } = this
    if (!element || Math.abs(element.scrollTop - this.#place.scrollTop) < 1) return
    this.#place = scrolled(this.#place, element.scrollTop, this.#extent)
    clearTimeout(this.#settling)
    const { scrollTop, top } = this.#place
    if (this.space === this.#extent.content) return
    // Else the scrollbar would reach its end before the lines do.
    const atEnd = scrollTop <= 0 || scrollTop >= this.space - this.view - 1
    if (atEnd && settled(top, this.#extent).scrollTop !== scrollTop) this.#show(top)
    else this.#settling = setTimeout(() => this.#show(top), SETTLES_AFTER_MS)
  }

  /** Scrolls as little as brings the line into view. */
  reveal(line: number): void {
    const height = this.#height()
    const top = topShowing({ start: line * height, height }, this.#place.top, this.view)
    if (top !== this.#place.top) this.#show(top)
  }

  #show(top: number): void {
    this.#place = settled(top, this.#extent)
    this.element?.scrollTo({ top: this.#place.scrollTop, behavior: 'instant' })
  }
}
