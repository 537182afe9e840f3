import { createRequire } from 'node:module'
import { dirname, join, sep } from 'node:path'
import * as tf from '@tensorflow/tfjs'
import { SoundfoldError } from '../../../contract/errors.ts'
import type { EngineChoice, EngineName } from '../../../contract/run.ts'
import { registerTensorflowKernels } from './tensorflow-kernels.ts'
import { registerWasmKernels } from './wasm-kernels.ts'

// Not named `require`: the build gives each module that calls one its own.
const requireModule = createRequire(import.meta.url)

export interface LoadedEngine {
  tf: typeof tf
  name: EngineName
  /** Of the TF.js package of the backend. */
  version: string
  /** Of the library below it. */
  libraryVersion: string
  threads: number
  /** `TensorFlow 2.21.0, 1 thread`: what a run records, with the reason where `auto` could not take TensorFlow. */
  description: string
}

/**
 * Makes an engine the current TF.js backend of this process. To be called once, in a process of its own: a broken native
 * library can end it, and the thread count is fixed at the first load.
 * @param choice - `auto` takes the native engine where it loads, else WebAssembly
 * @throws SoundfoldError engine-unavailable when the engine asked for does not load
 */
export async function loadEngine(choice: EngineChoice, options: { threads: number }): Promise<LoadedEngine> {
  if (choice === 'wasm') return loadWasm(null)
  try {
    return await loadTensorflow(options.threads)
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''
    if (choice === 'auto') return loadWasm(reason)
    throw new SoundfoldError('engine-unavailable', `The TensorFlow engine does not load: ${reason}`, {
      hint: 'Set it up with npm run engine:setup, or use the engine wasm.',
      cause: error,
    })
  }
}

async function loadTensorflow(threads: number): Promise<LoadedEngine> {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '3'
  process.env.TF_NUM_INTRAOP_THREADS = String(threads)
  process.env.TF_NUM_INTEROP_THREADS = '1'
  // On some CPUs the library leaves these kernels off by default, and with them the allocator that keeps large blocks.
  process.env.TF_ENABLE_ONEDNN_OPTS ??= '1'
  // Node 23 and later lack two functions that tfjs-node 4.22 calls (tensorflow/tfjs#8609).
  const util: Record<string, unknown> = requireModule('node:util')
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined
  util.isArray ??= Array.isArray
  const native: unknown = requireModule('@tensorflow/tfjs-node')
  registerTensorflowKernels()
  await tf.setBackend('tensorflow')
  await tf.ready()
  const version = hasVersion(native) ? native.version['tfjs-node'] : 'unknown'
  const backend: unknown = tf.backend()
  const libraryVersion = hasBinding(backend) ? backend.binding.TF_Version : 'unknown'
  return describe({ name: 'tensorflow', version, libraryVersion, threads }, 'TensorFlow')
}

async function loadWasm(fallbackReason: string | null): Promise<LoadedEngine> {
  const entry = requireModule.resolve('@tensorflow/tfjs-backend-wasm')
  const wasm: typeof import('@tensorflow/tfjs-backend-wasm') = requireModule('@tensorflow/tfjs-backend-wasm')
  wasm.setWasmPaths(join(dirname(entry), sep))
  registerWasmKernels()
  if (!(await tf.setBackend('wasm')))
    throw new SoundfoldError('engine-unavailable', 'The WebAssembly engine does not start on this machine.')
  await tf.ready()
  const simd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')
  const libraryVersion = simd ? 'XNNPACK, SIMD' : 'XNNPACK'
  // TF.js' threaded build needs a browser's workers: under Node there is one thread.
  return describe(
    { name: 'wasm', version: wasm.version_wasm, libraryVersion, threads: 1 },
    'WebAssembly',
    fallbackReason && ` (TensorFlow does not load: ${fallbackReason})`,
  )
}

function describe(
  engine: Omit<LoadedEngine, 'tf' | 'description'>,
  title: string,
  note: string | null = null,
): LoadedEngine {
  const version = engine.name === 'tensorflow' ? engine.libraryVersion : engine.version
  const threads = `${engine.threads} thread${engine.threads === 1 ? '' : 's'}`
  return { tf, ...engine, description: `${title} ${version}, ${threads}${note ?? ''}` }
}

function hasVersion(value: unknown): value is { version: { 'tfjs-node': string } } {
  return typeof value === 'object' && value !== null && 'version' in value
}
function hasBinding(value: unknown): value is { binding: { TF_Version: string } } {
  return typeof value === 'object' && value !== null && 'binding' in value
}
