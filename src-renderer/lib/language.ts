import { LANGUAGES, type Language, languageOf, PSEUDO_LANGUAGE } from '../../src-main/contract/language.ts'

const STORAGE_KEY = 'soundfold.language'

/** The one that was chosen on this machine, else the system's where there are texts in it, else English. Read before all else: modules hold texts. */
export function windowLanguage(): Language {
  const ofSystem = navigator.languages.flatMap((tag) => [tag, tag.split('-')[0]])
  return (
    [localStorage.getItem(STORAGE_KEY), ...ofSystem]
      .map(languageOf)
      .find((language) => language !== undefined) ?? 'en'
  )
}

/** What can be chosen, each by its own name; the pseudo-language, for whoever writes texts, only to leave it. */
export function languageChoices(): { value: Language; title: string }[] {
  return LANGUAGES.filter((code) => code !== PSEUDO_LANGUAGE || windowLanguage() === code).map((value) => ({
    value,
    title: new Intl.DisplayNames([value], { type: 'language' }).of(value) ?? value,
  }))
}

/** From the next load of the window on. */
export const keepLanguage = (language: Language): void => localStorage.setItem(STORAGE_KEY, language)
