/** `npm run build:wasm`: each module of src-wasm → its file in src-main/core, which is committed. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

const root = fileURLToPath(new URL('..', import.meta.url))

export const modules = [
  { source: 'src-wasm/kernels.ts', target: 'src-main/core/audio/kernels.wasm.ts', name: 'KERNELS' },
  {
    source: 'src-wasm/vorbis/packet.ts',
    target: 'src-main/core/audio/vorbis/vorbis.wasm.ts',
    name: 'VORBIS',
  },
  { source: 'src-wasm/text.ts', target: 'src-main/core/library/text.wasm.ts', name: 'TEXT' },
  {
    source: 'src-wasm/bootstrap.ts',
    target: 'src-main/core/evaluation/bootstrap.wasm.ts',
    name: 'BOOTSTRAP',
  },
]

/** @returns the text of the generated file */
export async function buildModule({ source, name }) {
  const folder = await mkdtemp(join(tmpdir(), 'soundfold-wasm-'))
  try {
    const out = join(folder, 'module.wasm')
    const options = ['-O3', '--converge', '--noAssert', '--runtime', 'stub', '--enable', 'simd']
    const memory = ['--importMemory', '--noExportMemory', '--enable', 'bulk-memory']
    const { error, stderr } = await asc.main([source, '--baseDir', root, '-o', out, ...options, ...memory])
    if (error) throw new Error(`${source} does not compile: ${stderr.toString()}`)
    return fileText(await readFile(out), source, name)
  } finally {
    await rm(folder, { recursive: true })
  }
}

function fileText(bytes, source, name) {
  const lines = bytes.toString('base64').match(/.{1,100}/g) ?? []
  return `/** Made by \`npm run build:wasm\` of ${source}; not to be edited. ${bytes.length} bytes of WebAssembly in base64. */
export const ${name} =
${lines.map((line) => `  '${line}'`).join(' +\n')}
`
}

if (import.meta.main)
  for (const module of modules) await writeFile(join(root, module.target), await buildModule(module))
