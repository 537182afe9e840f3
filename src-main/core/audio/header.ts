import { type FileHandle, open } from 'node:fs/promises'
import { basename } from 'node:path'
import { SoundfoldError } from '../../contract/errors.ts'
import { type AiffFormat, findAiffFormat, isAiff } from './aiff.ts'
import { parseFlac } from './flac-header.ts'
import { id3Bytes, parseMp3 } from './mp3-header.ts'
import { parseOgg } from './ogg-header.ts'
import type { AudioHeader } from './types.ts'
import { unreadableAudio } from './unreadable.ts'
import { type FilePart, findWavFormat, isWav, type WavFormat } from './wav-format.ts'

/** Ogg's first page, FLAC's first block and MP3's first frame lie within it, unless a tag comes before them. */
const HEAD_BYTES = 1 << 16
/** Two of Ogg's pages: the last tells the length, or the one before it where the last is cut. FLAC's frames are shorter. */
const TAIL_BYTES = 1 << 17

/** The container that the first bytes show, whatever the file is named. */
export function sniffContainer(bytes: Uint8Array): AudioHeader['container'] | undefined {
  const magic = String.fromCharCode(...bytes.subarray(0, 4))
  if (isWav(bytes)) return 'wav'
  if (isAiff(bytes)) return 'aiff'
  if (magic === 'OggS') return 'ogg'
  if (magic === 'fLaC') return 'flac'
  const [first = 0, second = 0] = bytes
  if (magic.startsWith('ID3') || (first === 0xff && (second & 0xe6) === 0xe2)) return 'mp3'
  return undefined
}

/** The error of a file that is no audio at all. */
export function notAudio(bytes: Uint8Array, name: string): SoundfoldError {
  const what =
    bytes.length === 0
      ? 'it is empty (0 bytes)'
      : 'it is not WAV, AIFF, Ogg Vorbis or Opus, FLAC or MP3, whatever its name says'
  return unreadableAudio(name, what)
}

/**
 * Reads a file's header, and its end where the format keeps the length there; decodes nothing.
 * @throws SoundfoldError missing-file | unreadable-audio | unsupported-audio, naming the file
 */
export async function readAudioHeader(path: string): Promise<AudioHeader> {
  const name = basename(path)
  const file = await open(path, 'r').catch((error: unknown) => {
    throw new SoundfoldError('missing-file', `${name} is not there or can't be opened.`, { cause: error })
  })
  try {
    const { size } = await file.stat()
    const head = await readPart(file, 0, HEAD_BYTES)
    switch (sniffContainer(head)) {
      case 'wav':
        return pcmHeader('wav', await readFormat(file, findWavFormat(size, name)), name)
      case 'aiff':
        return pcmHeader('aiff', await readFormat(file, findAiffFormat(size, name)), name)
      case 'ogg':
        return parseOgg(head, await readPart(file, Math.max(0, size - TAIL_BYTES), TAIL_BYTES), name)
      case 'flac':
        return parseFlac(head, name, await readPart(file, Math.max(0, size - TAIL_BYTES), TAIL_BYTES))
      case 'mp3': {
        const tagBytes = id3Bytes(head)
        return parseMp3(await readPart(file, tagBytes, HEAD_BYTES), size - tagBytes, name)
      }
      default:
        throw notAudio(head, name)
    }
  } finally {
    await file.close()
  }
}

/** Runs a search for a format over a file. */
export async function readFormat<F>(
  file: FileHandle,
  search: Generator<FilePart, F, Uint8Array>,
): Promise<F> {
  let answer = search.next()
  while (!answer.done) answer = search.next(await readPart(file, answer.value.offset, answer.value.length))
  return answer.value
}

function pcmHeader(container: 'wav' | 'aiff', format: WavFormat | AiffFormat, name: string): AudioHeader {
  const { codec, sampleRateHz, channels, bitsPerSample, frames, truncated } = format
  if (frames === 0) throw unreadableAudio(name, 'it holds no samples')
  const durationSeconds = frames / sampleRateHz
  return { container, codec, sampleRateHz, channels, bitsPerSample, frames, durationSeconds, truncated }
}

/** @returns fewer bytes where the file ends */
export async function readPart(file: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length)
  const { bytesRead } = await file.read(bytes, 0, length, offset)
  return bytes.subarray(0, bytesRead)
}
