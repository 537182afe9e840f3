import { fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Rank, Tensor } from '@tensorflow/tfjs'
import { type EngineName, type EngineReport, engineReportSchema } from '../../../contract/model.ts'
import { type LoadedEngine, loadEngine } from './load.ts'

const ENGINES: readonly EngineName[] = ['tensorflow', 'wasm']
const TIME_LIMIT_MS = 90_000

/** The convolution that is measured: [batch, height, width, channels] by 3×3 to as many channels, stride 1, same. */
const BENCHMARK = { batch: 16, height: 64, width: 64, channels: 32, seconds: 1 }

/**
 * Tries each engine in a process of its own; one that can't load or dies is reported as not available, with the reason.
 * @param entry - `workers/engine-probe`
 */
export async function probeEngines(
  entry: URL,
  options: { benchmark: boolean; threads?: number },
  signal?: AbortSignal,
): Promise<EngineReport[]> {
  const reports: EngineReport[] = []
  // One after another: they would spoil each other's figures.
  for (const name of ENGINES) reports.push(await probeOne(entry, name, options, signal))
  return reports
}

function probeOne(
  entry: URL,
  name: EngineName,
  options: { benchmark: boolean; threads?: number },
  signal?: AbortSignal,
): Promise<EngineReport> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const threads = options.threads ?? availableParallelism()
    const child = fork(
      fileURLToPath(entry),
      [name, String(threads), options.benchmark ? 'benchmark' : 'load'],
      {
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
        timeout: TIME_LIMIT_MS,
        killSignal: 'SIGKILL',
        ...(signal ? { signal } : {}),
      },
    )
    let errors = ''
    let report: EngineReport | undefined
    child.stderr?.on('data', (chunk) => {
      errors = (errors + chunk).slice(-4000)
    })
    child.on('message', (message) => {
      report = engineReportSchema.parse(message)
    })
    child.on('error', reject)
    child.on('close', (code, killed) => {
      if (signal?.aborted) return reject(signal.reason)
      resolve(report ?? unavailable(name, lastLine(errors) || `its process ended with ${killed ?? code}`))
    })
  })
}

const lastLine = (text: string) => text.trim().split('\n').at(-1)?.trim() ?? ''

function unavailable(name: EngineName, reason: string): EngineReport {
  return {
    name,
    available: false,
    version: null,
    libraryVersion: null,
    threads: null,
    reason,
    forwardGflops: null,
    backwardGflops: null,
  }
}

/** Loads one engine in this process and measures it: what `workers/engine-probe` does. Never rejects. */
export async function reportEngine(
  name: EngineName,
  threads: number,
  benchmark: boolean,
): Promise<EngineReport> {
  try {
    const engine = await loadEngine(name, { threads })
    const speed = benchmark ? measure(engine.tf) : { forwardGflops: null, backwardGflops: null }
    const { version, libraryVersion } = engine
    return { name, available: true, version, libraryVersion, threads: engine.threads, reason: null, ...speed }
  } catch (error) {
    return unavailable(name, error instanceof Error ? error.message : String(error))
  }
}

/** The best of a few runs, in 10⁹ floating-point operations a second; backward is the gradient by input and filter. */
function measure(tf: LoadedEngine['tf']) {
  const { batch, height, width, channels, seconds } = BENCHMARK
  const operations = 2 * batch * height * width * channels * channels * 9
  const x = tf.randomNormal<Rank.R4>([batch, height, width, channels], 0, 1, 'float32', 1)
  const filter = tf.randomNormal<Rank.R4>([3, 3, channels, channels], 0, 1, 'float32', 2)
  const byInput = tf.grad((input) => tf.conv2d(input.as4D(batch, height, width, channels), filter, 1, 'same'))
  const byFilter = tf.grad((weights) => tf.conv2d(x, weights.as4D(3, 3, channels, channels), 1, 'same'))
  const best = (work: () => Tensor) => {
    let shortestMs = Number.POSITIVE_INFINITY
    const endMs = performance.now() + seconds * 1000
    while (performance.now() < endMs) {
      const startMs = performance.now()
      const result = tf.tidy(work)
      result.dataSync()
      shortestMs = Math.min(shortestMs, performance.now() - startMs)
      result.dispose()
    }
    return shortestMs
  }
  const forward = best(() => tf.conv2d(x, filter, 1, 'same'))
  // Each gradient runs the forward pass as well.
  const backward = best(() => byInput(x)) + best(() => byFilter(filter)) - 2 * forward
  tf.dispose([x, filter])
  return { forwardGflops: operations / forward / 1e6, backwardGflops: (2 * operations) / backward / 1e6 }
}
