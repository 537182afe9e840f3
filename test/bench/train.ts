/**
 * `npm run bench:train [-- NETWORK …]`: a training step and a forward pass of the same networks in PyTorch on the CPU and in each
 * of our engines, in turns in the same run. Options: `--batches 16,64`, `--threads 1,2`, `--rounds 5`, `--engines
 * torch,tensorflow,wasm`. PyTorch is measured where SOUNDFOLD_PYTHON (or python3) can import it.
 *
 * Wall time is the median of the rounds. CPU time, the least of the rounds, is what counts on a busy machine, at one thread
 * at least: with more, threads that wait for work are counted too.
 */
import { parseArgs } from 'node:util'
import { median, SHAPES, Side } from './train-side.ts'

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
