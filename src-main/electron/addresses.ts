import { fileURLToPath } from 'node:url'

/** The built page's own scheme, and the one that clips come by. */
export const APP_SCHEME = 'app'
export const APP_HOST = 'soundfold'
export const MEDIA_SCHEME = 'media'
export const MEDIA_HOST = 'workspace'
export const MEDIA_BASE = `${MEDIA_SCHEME}://${MEDIA_HOST}/`

/** While developing, the page comes from Vite, which alone sets this variable. */
const developmentUrl = process.env.ELECTRON_RENDERER_URL
export const PAGE_ORIGIN = developmentUrl ? new URL(developmentUrl).origin : `${APP_SCHEME}://${APP_HOST}`
export const PAGE_URL = developmentUrl ?? `${PAGE_ORIGIN}/`

export const PRELOAD_PATH = fileURLToPath(new URL('../../preload/preload.cjs', import.meta.url))
export const CORE_ENTRY_PATH = fileURLToPath(new URL('../host/utility-entry.js', import.meta.url))

/** `URL.origin` is "null" for schemes that Node does not know, so the parts are compared. */
export function isPageUrl(url: string): boolean {
  const { protocol, host } = new URL(url)
  return `${protocol}//${host}` === PAGE_ORIGIN
}
