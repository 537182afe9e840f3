import { activeRms, addAtLevel, addInto, filter, normalise, peak, rms, type Signal, scale } from './dsp.ts'
import { type DemoClip, FOREGROUND } from './plan.ts'
import { createRng, type Rng } from './rng.ts'
import { bed } from './sounds/beds.ts'
import { SOUND_CLASSES } from './sounds/index.ts'
import type { Voice } from './sounds/recipe.ts'

/** Ratio of the sound, while it sounds, to the bed behind it, in dB: low and high end of the range. */
const FOREGROUND_RATIO = [22, 40] as const
const BACKGROUND_RATIO = [2, 10] as const
/** How often another class is heard in the bed, and its level in the bed in dB. */
const INTRUDER_CHANCE = { foreground: 0.03, background: 0.3 } as const
const INTRUDER_LEVEL = [-12, -4] as const

export interface ClipParts {
  /** The labelled sound alone, scaled as it is in the mix. */
  readonly sound: Signal
  /** All the rest, of RMS about 1. */
  readonly bed: Signal
}

/** The sound of a clip and the bed behind it, each mono and as long as the clip. */
export function renderParts(seed: number, clip: DemoClip): ClipParts {
  const { recording, frames } = clip
  const { rate } = recording
  const traits = createRng(seed, 'recording', recording.index)
  const slice = createRng(seed, 'slice', recording.index, clip.occurrenceID, clip.sliceID)
  const near = recording.salience === FOREGROUND

  const voice = voiceOf(recording.soundClass, traits)
  const place = bed(traits)
  const [low, high] = near ? FOREGROUND_RATIO : BACKGROUND_RATIO
  const ratio = traits.range(low, high)
  const intruds = traits.chance(near ? INTRUDER_CHANCE.foreground : INTRUDER_CHANCE.background)
  const intruder = voiceOf((recording.soundClass + traits.int(1, 9)) % SOUND_CLASSES.length, traits)
  const intruderLevel = traits.range(...INTRUDER_LEVEL)
  const microphone = { low: traits.log(20, 120), high: traits.log(3500, 16000) }

  const sound = voice(frames, rate, slice)
  const behind = place(frames, rate, slice)
  if (intruds) addAtLevel(behind, intruder(frames, rate, slice), decibels(intruderLevel) * rms(behind))
  for (const part of [sound, behind]) {
    filter(part, 'highpass', microphone.low, rate)
    if (microphone.high < 0.4 * rate) filter(part, 'lowpass', microphone.high, rate)
  }
  normalise(behind)
  const level = activeRms(sound, rate)
  return { sound: scale(sound, level > 0 ? decibels(ratio) / level : 0), bed: behind }
}

/**
 * The samples of a clip, one array per channel, within ±1. In stereo the sound stands a little to one side and the
 * bed of the right channel is that of the left some milliseconds later.
 */
export function renderClip(seed: number, clip: DemoClip): Signal[] {
  const { sound, bed: behind } = renderParts(seed, clip)
  const { rate, index, channels } = clip.recording
  const traits = createRng(seed, 'mix', index)
  const side = traits.range(0.6, 1)
  const delay = Math.round(traits.range(0.007, 0.023) * rate)
  // A few recordings are driven into clipping, as field recordings are.
  const top = traits.chance(0.05) ? 1.5 : traits.log(0.15, 0.98)

  const out = Array.from({ length: channels }, (_, channel) => {
    const mix = new Float32Array(clip.frames)
    addInto(mix, sound, channel === 0 ? 1 : side)
    addInto(mix, behind, 1, channel * delay)
    if (channel > 0) addInto(mix, behind, 1, delay - clip.frames)
    return mix
  })
  const loudest = Math.max(...out.map(peak))
  for (const mix of out) {
    scale(mix, loudest > 0 ? top / loudest : 0)
    for (let i = 0; i < mix.length; i++) mix[i] = Math.min(1, Math.max(-1, mix[i] ?? 0))
  }
  return out
}

function voiceOf(soundClass: number, traits: Rng): Voice {
  const sound = SOUND_CLASSES[soundClass]
  if (sound === undefined) throw new RangeError(`There is no sound class ${soundClass}.`)
  return sound.recipe(traits)
}

function decibels(value: number): number {
  return 10 ** (value / 20)
}
