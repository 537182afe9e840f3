import { readdir, readFile } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import { SoundfoldError } from '../contract/errors.ts'

export interface PageFile {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly contentType: string
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
}

/**
 * Reads the built page into memory. The keys, such as `/assets/index-1a2b.js`, are all that can ever be asked for, so
 * no path of a request reaches the file system. `/` is the page itself.
 * @throws SoundfoldError not-found when the page was not built
 */
export async function readPageFiles(folder: string): Promise<ReadonlyMap<string, PageFile>> {
  const files = new Map<string, PageFile>()
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause) => {
    throw notBuilt(folder, cause)
  })
  for (const entry of entries) {
    const contentType = CONTENT_TYPES[extname(entry.name)]
    if (!entry.isFile() || !contentType) continue
    const path = join(entry.parentPath, entry.name)
    const file = { bytes: new Uint8Array(await readFile(path)), contentType }
    files.set(`/${relative(folder, path).split(sep).join('/')}`, file)
  }
  const page = files.get('/index.html')
  if (!page) throw notBuilt(folder)
  return files.set('/', page)
}

const notBuilt = (folder: string, cause?: unknown) =>
  new SoundfoldError('not-found', `The workbench’s page is not in ${folder}.`, {
    hint: 'Build it: npm run build',
    cause,
  })
