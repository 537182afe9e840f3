import { fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { NamedTensorMap, Rank, Tensor } from '@tensorflow/tfjs'
import { type EngineName, type EngineReport, engineReportSchema } from '../../../contract/run.ts'
import { type LoadedEngine, loadEngine } from './load.ts'

const ENGINES: readonly EngineName[] = ['tensorflow', 'wasm']
const TIME_LIMIT_SECONDS = 90

/** The convolution that is measured: [batch, height, width, channels] by 3×3 to as many channels, stride 1, same. */
const BENCHMARK = { batch: 16, height: 64, width: 64, channels: 32, seconds: 1 }

export interface ProbeOptions {
  benchmark: boolean
  /** As many as the machine has, unless given. */
  threads?: number
  /** For each engine; one that takes longer is not available. */
  timeLimitSeconds?: number
}

/**
 * Tries each engine in a process of its own; one that can't load or dies is reported as not available, with the reason.
 * @param entry - `workers/engine-probe`
 * @throws the signal's reason when it is aborted
 */
export async function probeEngines(
  entry: URL,
  options: ProbeOptions,
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
  options: ProbeOptions,
  signal?: AbortSignal,
): Promise<EngineReport> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const threads = options.threads ?? availableParallelism()
    const timeLimitMs = (options.timeLimitSeconds ?? TIME_LIMIT_SECONDS) * 1000
    const child = fork(
      fileURLToPath(entry),
      [name, String(threads), options.benchmark ? 'benchmark' : 'load'],
      {
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
        timeout: timeLimitMs,
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
      const parsed = engineReportSchema.safeParse(message)
      if (parsed.success) report = parsed.data
    })
    const settle = (reason: string) => {
      if (signal?.aborted) reject(signal.reason)
      else resolve(report ?? unavailable(name, reason))
    }
    child.on('error', (error) => settle(error.message))
    child.on('close', (code, killed) => {
      // A report that came before the end is worth more than how its process ended.
      if (child.killed) settle(`it did not answer in ${timeLimitMs / 1000} s`)
      else settle(tellingLine(errors) || `its process ended with ${killed ?? code}`)
    })
  })
}

/** The line that names the error, else the last one; Node's own last words say nothing. */
function tellingLine(text: string): string {
  const lines = text.split('\n').map((line) => line.trim())
  const telling = lines.filter((line) => line && !/^(at |Node\.js v|[{}]|\^)/.test(line))
  return telling.findLast((line) => /^\w*Error\b/.test(line)) ?? telling.at(-1) ?? ''
}

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

/**
 * The best of a few runs, in 10⁹ floating-point operations a second. Backward is both gradients together: by the input and
 * by the filter.
 */
function measure(tf: LoadedEngine['tf']) {
  const { batch, height, width, channels, seconds } = BENCHMARK
  const operations = 2 * batch * height * width * channels * channels * 9
  const x = tf.randomNormal<Rank.R4>([batch, height, width, channels], 0, 1, 'float32', 1)
  const filter = tf.randomNormal<Rank.R4>([3, 3, channels, channels], 0, 1, 'float32', 2)
  const dy = tf.randomNormal<Rank.R4>(x.shape, 0, 1, 'float32', 3)
  const attrs = { strides: [1, 1], pad: 'same', dataFormat: 'NHWC' }
  const gradient = (kernel: string, inputs: NamedTensorMap, shape: object): Tensor =>
    tf.engine().runKernel(kernel, inputs, { ...attrs, ...shape })
  const best = (work: () => Tensor) => {
    let shortestMs = Number.POSITIVE_INFINITY
    const endMs = performance.now() + seconds * 1000
    while (performance.now() < endMs) {
      const startMs = performance.now()
      const result = work()
      result.dataSync()
      shortestMs = Math.min(shortestMs, performance.now() - startMs)
      result.dispose()
    }
    return shortestMs
  }
  const forward = best(() => tf.conv2d(x, filter, 1, 'same'))
  const backward =
    best(() => gradient(tf.Conv2DBackpropInput, { dy, filter }, { inputShape: x.shape })) +
    best(() => gradient(tf.Conv2DBackpropFilter, { x, dy }, { filterShape: filter.shape }))
  tf.dispose([x, filter, dy])
  return { forwardGflops: operations / forward / 1e6, backwardGflops: (2 * operations) / backward / 1e6 }
}
