declare module '*/core.proxy.js' {
  import type { Language } from '../src-main/contract/language.ts'
  import type { Catalogue } from '../src-main/contract/said.ts'

  /** Written by wuchale from the catalogues. */
  export function loadCatalog(name: 'core', language: Language): Promise<Catalogue>
}
