import { type Language, languageOf } from '../../src-main/contract/language.ts'

const STORAGE_KEY = 'soundfold.language'

/** The one that was chosen on this machine, else English. Read before all else: modules hold texts. */
export const storedLanguage = (): Language => languageOf(localStorage.getItem(STORAGE_KEY)) ?? 'en'
