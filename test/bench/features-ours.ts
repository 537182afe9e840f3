/** Our side of bench:features: file to dB mel in one thread, with the time of each stage. Arguments: passes, files. */
import { readFileSync } from 'node:fs'
import { decodeMono } from '../../src-main/core/audio/decode-mono.ts'
import { resample } from '../../src-main/core/audio/resample.ts'
import { melPower, powerToDb } from '../../src-main/core/features/log-mel.ts'

const RATE_HZ = 22_050
const MEL = { sampleRateHz: RATE_HZ, nFft: 2048, hopLength: 512, nMels: 128, fMinHz: 20, fMaxHz: 11_025 }

const [passes = '1', ...files] = process.argv.slice(2)

async function stages(path: string): Promise<[number, number, number]> {
  const start = performance.now()
  const audio = await decodeMono(readFileSync(path), path)
  const decoded = performance.now()
  const samples = resample(audio.samples, audio.sampleRateHz, RATE_HZ)
  const resampled = performance.now()
  powerToDb(melPower(samples, MEL))
  return [decoded - start, resampled - decoded, performance.now() - resampled]
}

const best = files.map((): [number, number, number] => [Infinity, Infinity, Infinity])
// The first passes are the compiler's.
for (let pass = -2; pass < Number(passes); pass++)
  for (const [index, path] of files.entries()) {
    const times = await stages(path)
    const place = best[index]
    if (pass >= 0 && place)
      times.forEach((time, stage) => {
        place[stage] = Math.min(place[stage] ?? Infinity, time)
      })
  }
const mean = (stage: number) => best.reduce((sum, times) => sum + (times[stage] ?? 0), 0) / best.length
const milliseconds = { decode: mean(0), resample: mean(1), mel: mean(2) }
console.log(JSON.stringify({ version: `Node ${process.version}`, milliseconds }))
