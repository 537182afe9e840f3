/**
 * `npm run bench:split [-- NETWORK …]`: what two cores train in a second, as one process with two threads and as two
 * processes with one each, in turns. Options: `--batch 32`, `--rounds 5`, `--engine tensorflow`.
 */
import { parseArgs } from 'node:util'
import { median, SHAPES, Side } from './train-side.ts'

const { values: given, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    batch: { type: 'string', default: '32' },
    rounds: { type: 'string', default: '5' },
    engine: { type: 'string', default: 'tensorflow' },
  },
})
const batch = Number(given.batch)

for (const network of positionals.length > 0 ? positionals : Object.keys(SHAPES)) {
  const start = async (threads: number) => {
    const side = new Side(given.engine, network, batch, threads)
    await side.start()
    return side
  }
  const whole = await start(2)
  const halves = [await start(1), await start(1)]
  for (let round = 0; round < Number(given.rounds); round++) {
    await whole.measure('step')
    await Promise.all(halves.map((side) => side.measure('step')))
  }
  const perSecond = (side: Side) => batch / median(side.rounds.step.map(({ seconds }) => seconds))
  const apart = halves.reduce((sum, side) => sum + perSecond(side), 0)
  const together = perSecond(whole)
  for (const side of [whole, ...halves]) await side.end()
  console.log(
    `${network}, batch ${batch}: 1 × 2 ${together.toPrecision(3)}, 2 × 1 ${apart.toPrecision(3)} samples/s ` +
      `(× ${(apart / together).toFixed(2)}); peak ${[whole, ...halves].map((side) => Math.round(side.peakBytes / 1e6)).join(', ')} MB`,
  )
}
