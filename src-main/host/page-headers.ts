/**
 * Headers of every answer that a page gets.
 * @param sources.connect - what it may fetch from or open a socket to, beside its own origin
 * @param sources.media - where its audio comes from, beside its own origin
 */
export function pageHeaders(sources: { connect?: string; media?: string } = {}): Record<string, string> {
  const { connect = '', media = '' } = sources
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    // Svelte writes style attributes and the waveform a style element; neither can run anything.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' blob: data:",
    "font-src 'self'",
    `media-src 'self' blob: ${media}`.trim(),
    `connect-src 'self' ${connect}`.trim(),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]
  return {
    'Content-Security-Policy': policy.join('; '),
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), usb=(), serial=()',
  }
}
