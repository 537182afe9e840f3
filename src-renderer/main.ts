import './lib/backend/zod-without-eval.ts'
import { loadLocale } from 'wuchale/load-utils'
import { loadCatalog } from '../locales/.wuchale/core.proxy.js'
import '../locales/core.loader.js'
import '../locales/main.loader.svelte.js'
import '../locales/script.loader.js'
import { hearIn } from '../src-main/contract/said.ts'
import './app.css'
import { windowLanguage } from './lib/language.ts'

const target = document.getElementById('app')
if (!target) throw new Error('index.html has no #app.')
const language = windowLanguage()
document.documentElement.lang = language
// Modules hold texts, which they read when they are loaded: the language comes before them.
await Promise.all([loadLocale(language), hearIn(language, loadCatalog)])
const { mountApp } = await import('./mount.ts')
mountApp(target)
