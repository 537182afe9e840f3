/** A short message that leaves by itself, or stays until it is dismissed where something failed. */
export interface Toast {
  readonly id: number
  readonly tone: 'success' | 'danger'
  /** When the person has seen to it: dismissed it, or followed its link. */
  readonly onread?: (() => void) | undefined
  readonly title: string
  /** Takes the place of the message of the same topic. */
  readonly topic?: string | undefined
  readonly text?: string | undefined
  readonly href?: string | undefined
  readonly hrefTitle?: string | undefined
  /** What can be done about it. */
  readonly action?: { readonly title: string; readonly run: () => void } | undefined
}
