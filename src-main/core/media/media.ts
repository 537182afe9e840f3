import { stat } from 'node:fs/promises'
import { notThere, SoundfoldError } from '../../contract/errors.ts'
import { explanationMapRequestSchema } from '../../contract/explanation.ts'
import { parseInput } from '../../contract/parse.ts'
import { TILE_WINDOWS } from '../../contract/recording.ts'
import { augmentationRequestSchema } from '../../contract/run.ts'
import type { MediaResource } from '../create-core.ts'
import type { AudioClip, FeatureStore } from '../features/feature-store.ts'
import type { FeatureMatrix } from '../features/log-mel.ts'
import { featureRecipeSchema } from '../features/recipe.ts'
import type { RecipeBook } from '../features/recipe-book.ts'
import type { AugmentationPreview } from '../ml/augmentation-preview.ts'
import type { ExplanationService } from '../ml/explanation-service.ts'
import type { Recordings } from '../recording/recordings.ts'

/** What media needs to know of a clip; undefined for an unknown id. */
export interface MediaClip {
  fileName: string
  /** Null when the file was missing or unreadable at import. */
  audio: AudioClip | null
  container: string | null
  codec: string | null
}

const PATH =
  /^clips\/(\d{1,15})\/(audio|peaks|thumbnail|sketch|(spectrogram|preview|augmented|explanation)\/([\w-]{1,2000})|(tile|samples|wave)\/([\d/]{1,60}))$/

/** What Chromium plays as it is; everything else is sent as 16-bit WAV. */
function browserContentType(clip: MediaClip): string | null {
  switch (clip.container) {
    case 'wav':
      return /^(pcm|float32)/i.test(clip.codec ?? '') ? 'audio/wav' : null
    case 'ogg':
      return 'audio/ogg'
    case 'flac':
      return 'audio/flac'
    case 'mp3':
      return 'audio/mpeg'
    default:
      return null
  }
}

/** Serves clips by id and nothing else: no path of a request ever reaches the file system. */
export class Media {
  readonly #find: (clipId: number) => MediaClip | undefined
  readonly #features: FeatureStore
  readonly #recipes: RecipeBook
  readonly #augmented: AugmentationPreview
  readonly #explanations: ExplanationService
  readonly #recordings: Recordings

  constructor(
    find: (clipId: number) => MediaClip | undefined,
    features: FeatureStore,
    recipes: RecipeBook,
    augmented: AugmentationPreview,
    explanations: ExplanationService,
    recordings: Recordings,
  ) {
    this.#find = find
    this.#features = features
    this.#recipes = recipes
    this.#augmented = augmented
    this.#explanations = explanations
    this.#recordings = recordings
  }

  /** See `Core.media.open`. */
  async open(path: string, signal: AbortSignal = new AbortController().signal): Promise<MediaResource> {
    const [, id, kind, picture, recipe = '', part, numbers = ''] = PATH.exec(path) ?? []
    if (id === undefined || kind === undefined)
      throw new SoundfoldError('not-found', `There is no media at "${path}".`)
    const clip = this.#find(Number(id))
    if (!clip) throw notThere('clip', id)
    if (!clip.audio)
      throw new SoundfoldError('missing-file', `The audio of ${clip.fileName} could not be read at import.`, {
        hint: 'The validation report says why.',
      })
    if (kind === 'audio') return this.#audio(clip, clip.audio, signal)
    if (kind === 'peaks')
      return file(await this.#features.peaksPath(clip.audio, signal), 'application/octet-stream')
    if (kind === 'thumbnail')
      return file(await this.#features.thumbnailPath(clip.audio, signal), 'application/octet-stream')
    if (kind === 'sketch') return octets(await this.#recordings.sketch(clip.audio, signal))
    if (part) return this.#part(part, numbers, clip.audio, signal)
    if (picture === 'preview')
      return matrixBytes(
        await this.#features.preview(
          clip.audio,
          parseInput(featureRecipeSchema, decoded(recipe), 'recipe'),
          signal,
        ),
      )
    if (picture === 'augmented') {
      const request = parseInput(pictureRequestSchema, decoded(recipe), 'request')
      return matrixBytes(await this.#augmented.picture({ ...request, clipId: Number(id) }, signal))
    }
    if (picture === 'explanation') {
      const request = parseInput(explanationMapRequestSchema, decoded(recipe), 'request')
      return matrixBytes(await this.#explanations.map(request, Number(id), signal))
    }
    return matrixBytes(await this.#features.read(clip.audio, this.#recipes.named(recipe), signal))
  }

  /** @param part - `tile/WINDOW/LEVEL/INDEX`, `samples/FROM/COUNT` or `wave/BYTE/BYTES` */
  async #part(part: string, numbers: string, audio: AudioClip, signal: AbortSignal): Promise<MediaResource> {
    const [first = 0, second = 0, third = 0] = numbers.split('/').map(Number)
    if (part === 'samples') return octets(await this.#recordings.samples(audio, first, second, signal))
    if (part === 'wave') return octets(await this.#recordings.wave(audio, first, second, signal))
    const window = TILE_WINDOWS.find((known) => known === first)
    if (window === undefined) throw new SoundfoldError('not-found', 'There is no such tile.')
    return octets(await this.#recordings.tile(audio, { window, level: second, index: third }, signal))
  }

  async #audio(clip: MediaClip, audio: AudioClip, signal: AbortSignal): Promise<MediaResource> {
    const contentType = browserContentType(clip)
    if (contentType) return file(audio.path, contentType)
    // In memory, a long one would be encoded anew for each part that is asked for.
    if (await this.#recordings.isLong(audio))
      return file(await this.#recordings.readablePath(audio, signal), 'audio/wav')
    return { kind: 'bytes', bytes: await this.#features.playable(audio, signal), contentType: 'audio/wav' }
  }
}

const pictureRequestSchema = augmentationRequestSchema.omit({ clipId: true })

/** @throws SoundfoldError invalid-input when it is not base64url JSON */
function decoded(encoded: string): unknown {
  try {
    return JSON.parse(Buffer.from(encoded, 'base64url').toString())
  } catch (cause) {
    throw new SoundfoldError('invalid-input', 'The settings of the picture can’t be read.', { cause })
  }
}

function octets(bytes: Uint8Array): MediaResource {
  return { kind: 'bytes', bytes, contentType: 'application/octet-stream' }
}

function matrixBytes({ data, rows, frames }: FeatureMatrix): MediaResource {
  const bytes = new Uint8Array(8 + data.byteLength)
  const header = new DataView(bytes.buffer)
  header.setUint32(0, rows, true)
  header.setUint32(4, frames, true)
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 8)
  return octets(bytes)
}

async function file(path: string, contentType: string): Promise<MediaResource> {
  try {
    return { kind: 'file', path, contentType, sizeBytes: (await stat(path)).size }
  } catch (error) {
    throw new SoundfoldError('missing-file', `${path} is no longer there.`, {
      hint: 'If the folder was moved, relink the dataset.',
      cause: error,
    })
  }
}
