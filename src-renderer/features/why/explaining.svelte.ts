import type { Explanation, ExplanationRequest } from '../../../src-main/contract/explanation.ts'
import type { ClipDetail, SpectralRecipeInfo } from '../../../src-main/contract/model.ts'
import { overlayTable } from '../../lib/components/colour/overlay-table.ts'
import { readSpectrogram, type SpectrogramData } from '../../lib/components/spectrogram/spectrogram-data.ts'
import { bindCommands } from '../../lib/state/commands.ts'
import { Resource } from '../../lib/state/resource.svelte.ts'
import { session } from '../../lib/state/session.svelte.ts'
import { settings } from '../../lib/state/settings.svelte.ts'
import { base64Url, previewPath } from '../recipes/preview-path.ts'

interface Found {
  explanation: Explanation
  info: SpectralRecipeInfo
  picture: SpectrogramData
}

const OPACITY_STEP = 0.1

/** Which map of a clip is looked at, and that map: beside the clip in words and numbers, and over its spectrogram. Made while a component is. */
export class Explaining {
  /** Of several runs, the one that somebody chose. */
  chosenRunId = $state<string>()
  /** A class of its own, which the next clip does not keep. */
  ownClassId = $state<number>()
  /** Of a network with two pictures. */
  second = $state(false)
  readonly found = new Resource<Found>()
  readonly map = new Resource<SpectrogramData>()
  readonly #clip: () => ClipDetail | undefined
  readonly #runId: () => string | undefined

  /** The run in view, else the newest that can be explained. */
  readonly prediction = $derived.by(() => {
    const { predictions } = this.#clip() ?? { predictions: [] }
    return (
      predictions.find(({ runId }) => runId === (this.chosenRunId ?? this.#runId())) ??
      predictions.find(({ presetName }) => !session.isClassical(presetName)) ??
      predictions[0]
    )
  })
  readonly isTwofold = $derived(
    session.presets.find(({ name }) => name === this.prediction?.presetName)?.secondRecipe !== undefined,
  )
  readonly classId = $derived.by(
    () =>
      this.ownClassId ??
      (settings.values.why.shown === 'given' ? this.#clip()?.classId : this.prediction?.predictedClassId),
  )
  /** By its text, so that what does not change it asks for nothing; undefined while nobody looks. */
  readonly #question = $derived.by(() => {
    const { open, overlay, method, patch, fill } = settings.values.why
    const { prediction } = this
    if (!prediction || !(open || overlay)) return undefined
    const [side, stride] = [Number(patch), Number(patch) / 2]
    return JSON.stringify({
      runId: prediction.runId,
      method,
      picture: this.isTwofold && this.second ? 1 : 0,
      ...(method === 'occlusion' && {
        occlusion: { patchBands: side, patchFrames: side, strideBands: stride, strideFrames: stride, fill },
      }),
    } satisfies Omit<ExplanationRequest, 'clipId' | 'occlusion'> & {
      occlusion?: ExplanationRequest['occlusion']
    })
  })

  readonly explanation = $derived(this.found.value?.explanation)
  readonly shown = $derived(this.explanation?.classes.find(({ classId }) => classId === this.classId))
  readonly most = $derived(this.shown ? Math.max(this.shown.largest, -this.shown.smallest) : 0)
  /** The map in colours that let a picture through; undefined while there is none, or nothing in it. */
  readonly layer = $derived.by(() => {
    const { most } = this
    if (!this.map.value || most <= 0) return undefined
    const signed = this.explanation?.method === 'occlusion'
    return {
      data: this.map.value,
      levels: { low: signed ? -most : 0, high: most },
      table: overlayTable(settings.values.why.opacity, signed),
    }
  })

  /** Of the spectrogram: grey below a map, whose colours could not be told from others. */
  readonly pictureMap = $derived.by(() =>
    this.prediction && settings.values.why.overlay ? 'grey' : settings.values.colourMap,
  )

  constructor(clip: () => ClipDetail | undefined, runId: () => string | undefined) {
    this.#clip = clip
    this.#runId = runId
    $effect(() => {
      const [of, asked] = [clip()?.id, this.#question]
      this.found.clear()
      this.ownClassId = undefined
      if (of === undefined || asked === undefined) return
      return this.found.load(async (signal) => {
        const request = { clipId: of, ...JSON.parse(asked) }
        const explanation = await session.call('runs.explanation', request, signal)
        const { recipe } = explanation
        const [info, bytes] = await Promise.all([
          session.call('features.describe', { settings: recipe }, signal),
          session.media(previewPath(of, recipe), signal),
        ])
        return { explanation, info, picture: readSpectrogram(bytes) }
      })
    })
    $effect(() => {
      const [of, asked, classId] = [clip()?.id, this.#question, this.classId]
      if (!this.found.value || asked === undefined) return this.map.clear()
      return this.map.load(async (signal) => {
        const request = base64Url(JSON.stringify({ ...JSON.parse(asked), classId }))
        return readSpectrogram(await session.media(`clips/${of}/explanation/${request}`, signal))
      })
    })
    $effect(() => {
      if (!this.prediction) return
      return bindCommands({
        'why.overlay': toggleOverlay,
        'why.fainter': () => changeOpacity(-1),
        'why.stronger': () => changeOpacity(1),
      })
    })
  }
}

export function toggleOverlay(): void {
  settings.changeWhy({ overlay: !settings.values.why.overlay })
}

function changeOpacity(direction: 1 | -1): void {
  const opacity = settings.values.why.opacity + direction * OPACITY_STEP
  settings.changeWhy({ opacity: Math.min(1, Math.max(0, Math.round(opacity * 100) / 100)) })
}
