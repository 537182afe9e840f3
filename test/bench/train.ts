/**
 * `npm run bench:train [-- NETWORK …]`: a training step and a forward pass of the same networks in PyTorch on the CPU and in each
 * of our engines, in turns in the same run. Options: `--batches 16,64`, `--threads 1,2`, `--rounds 5`, `--engines
 * torch,tensorflow,wasm`. PyTorch is measured where SOUNDFOLD_PYTHON (or python3) can import it.
 *
 * Wall time is the median of the rounds. CPU time, the least of the rounds, is what counts on a busy machine, at one thread
 * at least: with more, threads that wait for work are counted too.
 */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { z } from 'zod'

const SHAPES: Record<string, [bands: number, frames: number]> = {
  article: [128, 173],
  'article-recorded': [128, 64],
  'compact-m': [64, 44],
  'compact-s': [64, 44],
}
/** Until JavaScript is compiled and memory is laid out. */
const WARM_UP_SECONDS = 4
/** A measurement repeats the work until it takes about this long. */
const MEASURED_SECONDS = 1.5

const { values: given, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    batches: { type: 'string', default: '16,64' },
    threads: { type: 'string', default: '1,2' },
    rounds: { type: 'string', default: '5' },
    engines: { type: 'string', default: 'torch,tensorflow,wasm' },
  },
})
const numbers = (list: string) => list.split(',').map(Number)
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const python = process.env.SOUNDFOLD_PYTHON ?? 'python3'

const helloSchema = z.object({ version: z.string(), parameters: z.number() })
const timesSchema = z.object({ seconds: z.number(), cpuSeconds: z.number() })
const endSchema = z.object({ peakBytes: z.number() })
type Kind = 'step' | 'forward'

/** A process that holds one network and works when it is told to. */
class Side {
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
      for (let warm = 0; warm < WARM_UP_SECONDS; warm += 4 * each) {
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

const median = (values: number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
const milliseconds = (seconds: number, batch: number) => ((1000 * seconds) / batch).toPrecision(3)

function report(side: Side, torch: Side | undefined, batch: number): string {
  const cells = (['step', 'forward'] as const).flatMap((kind) => {
    const wall = (of: Side) => median(of.rounds[kind].map(({ seconds }) => seconds))
    const cpu = (of: Side) => Math.min(...of.rounds[kind].map(({ cpuSeconds }) => cpuSeconds))
    const ratio = (of: (side: Side) => number) =>
      torch && torch !== side ? (of(torch) / of(side)).toFixed(2) : ''
    return [milliseconds(wall(side), batch), ratio(wall), milliseconds(cpu(side), batch), ratio(cpu)]
  })
  return `| ${[side.name, ...cells, Math.round(side.peakBytes / 1e6)].join(' | ')} |`
}

async function compare(network: string, batch: number, threads: number) {
  const sides: Side[] = []
  for (const name of given.engines.split(',')) {
    if (name === 'wasm' && threads > 1) continue
    const side = new Side(name, network, batch, threads)
    try {
      await side.start()
      sides.push(side)
    } catch (error) {
      console.log(`${name}: ${error instanceof Error ? error.message : error}`)
      side.stop()
    }
  }
  const counts = new Set(sides.map(({ parameters }) => parameters))
  if (counts.size > 1) throw new Error(`The networks differ: ${[...counts].join(', ')} parameters.`)
  for (let round = 0; round < Number(given.rounds); round++)
    for (const kind of ['step', 'forward'] as const) for (const side of sides) await side.measure(kind)
  for (const side of sides) await side.end()
  const torch = sides.find(({ name }) => name === 'torch')
  const [bands, frames] = SHAPES[network] ?? []
  console.log(
    `\n${network} ${bands}×${frames}, ${[...counts][0]} parameters, batch ${batch}, ${threads} threads`,
  )
  console.log('| ms a sample | step | × PyTorch | step CPU | × | forward | × | forward CPU | × | peak MB |')
  for (const side of sides) console.log(report(side, torch, batch))
}

for (const network of positionals.length > 0 ? positionals : Object.keys(SHAPES))
  for (const batch of numbers(given.batches))
    for (const threads of numbers(given.threads)) await compare(network, batch, threads)
