import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { SoundfoldError } from '../../contract/errors.ts'
import { parseFlac, parseMp3, parseOgg } from './compressed-headers.ts'
import type { AudioHeader } from './types.ts'
import { isWav, parseWav } from './wav-format.ts'

/** Enough for the chunks before the samples in any file seen. */
const HEAD_BYTES = 1 << 20
/** Ogg's last page, which tells the length, is at most this long. */
const TAIL_BYTES = 1 << 16

/** The container that the first bytes show, whatever the file is named. */
export function sniffContainer(bytes: Uint8Array): AudioHeader['container'] | undefined {
  const magic = String.fromCharCode(...bytes.subarray(0, 4))
  if (isWav(bytes)) return 'wav'
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
      : 'it is not WAV, OGG Vorbis, FLAC or MP3, whatever its name says'
  return new SoundfoldError('unreadable-audio', `${name} can't be read: ${what}.`, {
    hint: 'Replace the file with a whole copy, or take its row out of the metadata.',
  })
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
    const head = await readPart(file, 0, Math.min(size, HEAD_BYTES))
    switch (sniffContainer(head)) {
      case 'wav': {
        const format = parseWav(head, size, name)
        if (format.frames === 0)
          throw new SoundfoldError('unreadable-audio', `${name} can't be read: it holds no samples.`)
        return {
          container: 'wav',
          codec: format.codec,
          sampleRateHz: format.sampleRateHz,
          channels: format.channels,
          bitsPerSample: format.bitsPerSample,
          frames: format.frames,
          durationSeconds: format.frames / format.sampleRateHz,
          truncated: format.truncated,
        }
      }
      case 'ogg':
        return parseOgg(
          head,
          await readPart(file, Math.max(0, size - TAIL_BYTES), Math.min(size, TAIL_BYTES)),
          name,
        )
      case 'flac':
        return parseFlac(head, name)
      case 'mp3':
        return parseMp3(head, size, name)
      default:
        throw notAudio(head, name)
    }
  } finally {
    await file.close()
  }
}

async function readPart(
  file: Awaited<ReturnType<typeof open>>,
  offset: number,
  length: number,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length)
  const { bytesRead } = await file.read(bytes, 0, length, offset)
  return bytes.subarray(0, bytesRead)
}
