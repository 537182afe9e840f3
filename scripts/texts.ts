/** Writes the catalogue of the window's texts from the code: `node scripts/texts.ts`. With `--check` it only says whether that is needed. */
import { readFile } from 'node:fs/promises'
import { getConfig, Hub } from 'wuchale'

const CATALOGUE = 'src-renderer/locales/en.po'

const before = await readFile(CATALOGUE, 'utf8').catch(() => '')
const hub = await Hub.create('cli', () => getConfig(), process.cwd())
await hub.directVisit(true, false, false)
const changed = (await readFile(CATALOGUE, 'utf8')) !== before
if (changed && process.argv.includes('--check')) {
  console.error(`${CATALOGUE} was not what the code says; it is now. Commit it with the code.`)
  process.exitCode = 1
}
