/** Writes the catalogues of texts from the code: `node scripts/texts.ts`. With `--check` it only says whether that is needed. */
import { existsSync } from 'node:fs'
import { glob, readFile, writeFile } from 'node:fs/promises'
import { getConfig, Hub } from 'wuchale'
import { LANGUAGES, PSEUDO_LANGUAGE } from '../src-main/contract/language.ts'

async function catalogues() {
  const texts = new Map<string, string>()
  for await (const file of glob('locales/*/*.po')) texts.set(file, await readFile(file, 'utf8'))
  return texts
}

/** English without its texts: what a new language begins with. */
function untranslated(english: string, language: string): string {
  const [header = '', ...entries] = english.split('\n\n')
  const empty = entries.map((entry) => entry.replaceAll(/^(msgstr(?:\[\d\])?) .*(?:\n".*")*/gm, '$1 ""'))
  return [header.replace('"Language: en\\n"', `"Language: ${language}\\n"`), ...empty].join('\n\n')
}

const before = await catalogues()
for (const [file, english] of before)
  for (const language of file.endsWith('/en.po') ? LANGUAGES : []) {
    const own = file.replace(/en\.po$/, `${language}.po`)
    if (language !== PSEUDO_LANGUAGE && !existsSync(own))
      await writeFile(own, untranslated(english, language))
  }
const hub = await Hub.create('cli', () => getConfig(), process.cwd())
await hub.directVisit(true, false, false)
if (process.argv.includes('--check'))
  for (const [file, text] of await catalogues())
    if (text !== before.get(file)) {
      console.error(`${file} was not what the code says; it is now. Commit it with the code.`)
      process.exitCode = 1
    }
