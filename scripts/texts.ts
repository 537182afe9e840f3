/** Writes the catalogues of texts from the code: `node scripts/texts.ts`. With `--check` it only says whether that is needed. */
import { glob, readFile } from 'node:fs/promises'
import { getConfig, Hub } from 'wuchale'

const catalogues = async () => {
  const texts = new Map<string, string>()
  for await (const file of glob('locales/*/*.po')) texts.set(file, await readFile(file, 'utf8'))
  return texts
}

const before = await catalogues()
const hub = await Hub.create('cli', () => getConfig(), process.cwd())
await hub.directVisit(true, false, false)
if (process.argv.includes('--check'))
  for (const [file, text] of await catalogues())
    if (text !== before.get(file)) {
      console.error(`${file} was not what the code says; it is now. Commit it with the code.`)
      process.exitCode = 1
    }
