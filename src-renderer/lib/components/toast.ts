/** A short message that leaves by itself, or stays until it is dismissed where something failed. */
export interface Toast {
  readonly id: number
  readonly tone: 'success' | 'danger'
  readonly title: string
  readonly text?: string | undefined
  readonly href?: string | undefined
  readonly hrefTitle?: string | undefined
}
