/** An empty field is no number, where `Number('')` would be 0. */
export function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text)
}
