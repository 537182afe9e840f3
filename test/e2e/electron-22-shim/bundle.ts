import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'vite'

/**
 * Makes one CommonJS file for Node 16 of the built main process.
 * @param entry - `out/main/electron/main.js`; the bundle still finds preload, page and core beside it
 * @returns the bundle's path
 */
export async function bundleMain(entry: string, folder: string): Promise<string> {
  await build({
    configFile: false,
    logLevel: 'warn',
    define: { 'import.meta.url': JSON.stringify(pathToFileURL(entry).href) },
    ssr: { noExternal: true, external: ['electron'] },
    build: {
      ssr: entry,
      outDir: folder,
      emptyOutDir: false,
      target: 'node16',
      rolldownOptions: { output: { format: 'cjs', entryFileNames: 'main-bundle.cjs' } },
    },
  })
  return join(folder, 'main-bundle.cjs')
}
