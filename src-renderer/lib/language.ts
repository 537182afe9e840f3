/** Languages that the window has texts in, English first. `en-XA` is English with accents, made of it: what stays without is not translatable. */
export const LANGUAGES = ['en', 'en-XA'] as const
export type Language = (typeof LANGUAGES)[number]

export const PSEUDO_LANGUAGE: Language = 'en-XA'
const STORAGE_KEY = 'soundfold.language'

/** The one that was chosen on this machine, else English. Read before all else: modules hold texts. */
export function storedLanguage(): Language {
  const stored = localStorage.getItem(STORAGE_KEY)
  return LANGUAGES.find((language) => language === stored) ?? 'en'
}
