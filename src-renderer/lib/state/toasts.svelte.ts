import { toErrorShape } from '../../../src-main/contract/errors.ts'
import type { Toast } from '../components/toast.ts'
import { notices } from './notices.svelte.ts'

const SUCCESS_STAYS_MS = 6000
const MOST_AT_ONCE = 4

class Toasts {
  list = $state.raw<readonly Toast[]>([])
  #lastId = 0

  show(toast: Omit<Toast, 'id'>): void {
    const id = ++this.#lastId
    const others = this.list.filter(({ topic }) => topic === undefined || topic !== toast.topic)
    this.list = [...others, { id, ...toast }].slice(-MOST_AT_ONCE)
    if (toast.tone === 'success') setTimeout(() => this.#remove(id), SUCCESS_STAYS_MS)
  }

  /** A failure of something the person did, which no screen has a place for. */
  fail(title: string, error: unknown): void {
    const { code, message, hint } = toErrorShape(error)
    if (code === 'cancelled') return
    const text = hint ? `${message} ${hint}` : message
    const failure = notices.fail(title, text)
    this.show({ tone: 'danger', title, text, onread: () => notices.readFailure(failure) })
  }

  /** By the person, who has read it then. */
  dismiss(id: number): void {
    this.list.find((toast) => toast.id === id)?.onread?.()
    this.#remove(id)
  }

  #remove(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id)
  }
}

export const toasts = new Toasts()
