/** Languages that the window has texts in, English first. `en-XA` is English with accents, made of it: what stays without is not translatable. */
export const LANGUAGES = ['en', 'en-XA'] as const
export type Language = (typeof LANGUAGES)[number]

export const PSEUDO_LANGUAGE: Language = 'en-XA'

/** The language of that code, where the window has it. */
export const languageOf = (code: unknown): Language | undefined =>
  LANGUAGES.find((language) => language === code)
