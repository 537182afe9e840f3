/** For text and attribute values; characters that XML does not allow at all become U+FFFD. */
export function escapeXml(value: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  }
  return [...value]
    .map((character) => {
      const code = character.codePointAt(0) ?? 0
      const control = code < 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0d
      const invalid = control || (code >= 0xd800 && code <= 0xdfff) || code === 0xfffe || code === 0xffff
      return invalid ? '\ufffd' : (entities[character] ?? character)
    })
    .join('')
}
