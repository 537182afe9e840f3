import './lib/backend/zod-without-eval.ts'
import { loadLocale } from 'wuchale/load-utils'
import './app.css'
import { storedLanguage } from './lib/language.ts'
import './locales/main.loader.svelte.js'
import './locales/script.loader.js'

const target = document.getElementById('app')
if (!target) throw new Error('index.html has no #app.')
const language = storedLanguage()
document.documentElement.lang = language
// Modules hold texts, which they read when they are loaded: the language comes before them.
await loadLocale(language)
const { mountApp } = await import('./mount.ts')
mountApp(target)
