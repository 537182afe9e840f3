/** `npm run build:wasm`: src-wasm/kernels.ts → src-main/core/audio/kernels.wasm.ts, which is committed. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

const SOURCE = 'src-wasm/kernels.ts'
const root = fileURLToPath(new URL('..', import.meta.url))
const target = join(root, 'src-main/core/audio/kernels.wasm.ts')

/** @returns the text of the generated file */
export async function buildKernels() {
  const folder = await mkdtemp(join(tmpdir(), 'soundfold-wasm-'))
  try {
    const out = join(folder, 'kernels.wasm')
    const options = ['-O3', '--converge', '--noAssert', '--runtime', 'stub', '--enable', 'simd']
    const memory = ['--importMemory', '--noExportMemory', '--enable', 'bulk-memory']
    const { error, stderr } = await asc.main([SOURCE, '--baseDir', root, '-o', out, ...options, ...memory])
    if (error) throw new Error(`${SOURCE} does not compile: ${stderr.toString()}`)
    return fileText(await readFile(out))
  } finally {
    await rm(folder, { recursive: true })
  }
}

function fileText(bytes) {
  const lines = bytes.toString('base64').match(/.{1,100}/g) ?? []
  return `/** Made by \`npm run build:wasm\` of ${SOURCE}; not to be edited. ${bytes.length} bytes of WebAssembly in base64. */
export const KERNELS =
${lines.map((line) => `  '${line}'`).join(' +\n')}
`
}

if (import.meta.main) await writeFile(target, await buildKernels())
