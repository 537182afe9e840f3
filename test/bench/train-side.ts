import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

/** Networks of the training benchmark, with the pictures they are given. */
export const SHAPES: Record<string, [bands: number, frames: number]> = {
  article: [128, 173],
  'article-recorded': [128, 64],
  'compact-m': [64, 87],
  'compact-s': [64, 44],
}
/** Until JavaScript is compiled and memory is laid out. */
const WARM_UP_SECONDS = 4
/** A measurement repeats the work until it takes about this long. */
const MEASURED_SECONDS = 1.5

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const python = process.env.SOUNDFOLD_PYTHON ?? 'python3'

const helloSchema = z.object({ version: z.string(), parameters: z.number() })
const timesSchema = z.object({ seconds: z.number(), cpuSeconds: z.number() })
const endSchema = z.object({ peakBytes: z.number() })
export type Kind = 'step' | 'forward'

/** A process that holds one network and works when it is told to. */
export class Side {
  readonly name: string
  readonly #child
  readonly #lines
  readonly rounds: Record<Kind, z.infer<typeof timesSchema>[]> = { step: [], forward: [] }
  #repetitions: Record<Kind, number> = { step: 1, forward: 1 }
  parameters = 0
  peakBytes = 0

  constructor(name: string, network: string, batch: number, threads: number) {
    this.name = name
    const [bands, frames] = SHAPES[network] ?? [0, 0]
    const sizes = [network, bands, frames, batch, threads].map(String)
    const [program, ...script] =
      name === 'torch' ? [python, here('train-torch.py')] : [process.execPath, here('train-engine.ts'), name]
    this.#child = spawn(program ?? '', [...script, ...sizes], { stdio: ['pipe', 'pipe', 'ignore'] })
    this.#child.on('error', () => undefined)
    this.#child.stdin.on('error', () => undefined)
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }

  async #line(): Promise<unknown> {
    const { value } = await this.#lines.next()
    if (typeof value !== 'string') throw new Error(`${this.name} ended`)
    return JSON.parse(value)
  }

  /** Starts, warms up, and finds how often the work is to be repeated. */
  async start() {
    this.parameters = helloSchema.parse(await this.#line()).parameters
    for (const kind of ['step', 'forward'] as const) {
      let { seconds: each } = await this.#work(kind, 1)
      for (let warm = each; warm < WARM_UP_SECONDS; warm += 4 * each) {
        each = (await this.#work(kind, 4)).seconds / 4
      }
      this.#repetitions[kind] = Math.max(1, Math.min(200, Math.round(MEASURED_SECONDS / each)))
    }
  }

  async #work(kind: Kind, repetitions: number) {
    this.#child.stdin.write(`${kind} ${repetitions}\n`)
    const { seconds, cpuSeconds } = timesSchema.parse(await this.#line())
    return { seconds, cpuSeconds }
  }

  async measure(kind: Kind) {
    const repetitions = this.#repetitions[kind]
    const { seconds, cpuSeconds } = await this.#work(kind, repetitions)
    this.rounds[kind].push({ seconds: seconds / repetitions, cpuSeconds: cpuSeconds / repetitions })
  }

  async end() {
    this.#child.stdin.end()
    this.peakBytes = endSchema.parse(await this.#line()).peakBytes
  }

  stop() {
    this.#child.kill()
  }
}

export const median = (values: number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
