import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ImportContext } from '../../../src-main/core/dataset/import.ts'

export const context: ImportContext = { signal: new AbortController().signal, progress: () => {} }

/** A 16-bit mono WAV file as the format's description has it; `seed` makes its samples its own. */
export function wav(seconds: number, seed: number, sampleRateHz = 8000): Buffer {
  const frames = Math.round(seconds * sampleRateHz)
  const bytes = Buffer.alloc(44 + frames * 2)
  bytes.write('RIFF', 0)
  bytes.writeUInt32LE(36 + frames * 2, 4)
  bytes.write('WAVEfmt ', 8)
  bytes.writeUInt32LE(16, 16)
  bytes.writeUInt16LE(1, 20) // PCM
  bytes.writeUInt16LE(1, 22) // channels
  bytes.writeUInt32LE(sampleRateHz, 24)
  bytes.writeUInt32LE(sampleRateHz * 2, 28)
  bytes.writeUInt16LE(2, 32)
  bytes.writeUInt16LE(16, 34)
  bytes.write('data', 36)
  bytes.writeUInt32LE(frames * 2, 40)
  for (let frame = 0; frame < frames; frame += 1)
    bytes.writeInt16LE(((frame + 1) * (seed + 7)) % 30_000, 44 + frame * 2)
  return bytes
}

export function write(folder: string, files: Record<string, string | Buffer>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
}

export const US8K_HEADER = 'slice_file_name,fsID,start,end,salience,fold,classID,class'
const US8K_CLASSES = ['air_conditioner', 'car_horn', 'children_playing', 'dog_bark']

/** A row of UrbanSound8K.csv for a clip of half a second. */
export const us8kRow = (
  name: string,
  fold: number | string,
  classId: number,
  recording = name.split('-')[0],
) => `${name},${recording},0.0,0.5,1,${fold},${classId},${US8K_CLASSES[classId] ?? 'unknown'}`

/** Four good clips in two folds and two classes, in the official layout. */
export function writeUs8k(folder: string, moreRows: readonly string[] = []): void {
  const clips = [
    ['10-0-0-0.wav', 1, 0],
    ['11-3-0-0.wav', 1, 3],
    ['12-0-0-0.wav', 2, 0],
    ['13-3-0-0.wav', 2, 3],
  ] as const
  const rows = clips.map(([name, fold, classId]) => us8kRow(name, fold, classId))
  write(folder, {
    'metadata/UrbanSound8K.csv': [US8K_HEADER, ...rows, ...moreRows, ''].join('\n'),
    ...Object.fromEntries(clips.map(([name, fold], index) => [`audio/fold${fold}/${name}`, wav(0.5, index)])),
  })
}
