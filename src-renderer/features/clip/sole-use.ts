/**
 * Makes everything but this element and what lies around it unreachable, by pointer, keyboard and screen reader, as behind
 * a modal dialog. @returns the way back
 */
export function takeSoleUse(element: HTMLElement): () => void {
  const quieted: HTMLElement[] = []
  for (let inner: HTMLElement = element; inner.parentElement; inner = inner.parentElement) {
    if (inner === document.body) break
    for (const sibling of inner.parentElement.children) {
      // Messages stay in reach: they lie above everything.
      const announces = sibling.matches('[role="status"], [role="alert"], [aria-live]')
      if (sibling === inner || !(sibling instanceof HTMLElement) || sibling.inert || announces) continue
      sibling.inert = true
      quieted.push(sibling)
    }
  }
  return () => {
    for (const sibling of quieted) sibling.inert = false
  }
}
