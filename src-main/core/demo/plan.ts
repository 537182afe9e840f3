import { createRng, type Rng } from './rng.ts'
import { SOUND_CLASSES } from './sounds/index.ts'

export const FOLDS = 10
export const FOREGROUND = 1
export const BACKGROUND = 2

/** Share of clips that get a wrong label. */
const PLANTED_SHARE = 0.02
const SLICES_PER_RECORDING = 2

export interface DemoFormat {
  /** Hz. */
  readonly rate: number
  /** Bits a sample: 8 (unsigned), 16 or 24 (signed). */
  readonly bits: 8 | 16 | 24
  readonly channels: 1 | 2
}

/** One source recording: everything that its slices share. */
export interface DemoRecording extends DemoFormat {
  /** Names the recording's random streams; counts from 0. */
  readonly index: number
  readonly fsID: number
  /** 1 to 10. */
  readonly fold: number
  /** What is really heard: an index into `SOUND_CLASSES`. */
  readonly soundClass: number
  /** 1 foreground, 2 background. */
  readonly salience: number
}

export interface DemoClip {
  readonly recording: DemoRecording
  readonly occurrenceID: number
  readonly sliceID: number
  /** Seconds from the recording's beginning. */
  readonly start: number
  /** Length in samples per channel. */
  readonly frames: number
  /** The class that the label states; differs from the recording's in a planted error. */
  readonly classID: number
}

/** `[fsID]-[classID]-[occurrenceID]-[sliceID].wav`, with the class of the label. */
export function clipFileName(clip: DemoClip): string {
  return `${clip.recording.fsID}-${clip.classID}-${clip.occurrenceID}-${clip.sliceID}.wav`
}

export function isPlanted(clip: DemoClip): boolean {
  return clip.classID !== clip.recording.soundClass
}

/** Every clip of the data set, ordered by recording and slice. Nothing is synthesised yet. */
export function planDemo(seed: number, clipsPerClassAndFold: number): DemoClip[] {
  const rng = createRng(seed, 'plan')
  const clips = planRecordings(rng, Math.ceil(clipsPerClassAndFold / SLICES_PER_RECORDING))
    .toSorted((a, b) => a.fsID - b.fsID)
    .flatMap((recording) => {
      // An odd number of clips leaves every last recording of a class and fold with one slice.
      const odd = clipsPerClassAndFold % SLICES_PER_RECORDING !== 0
      const last = recording.index % Math.ceil(clipsPerClassAndFold / SLICES_PER_RECORDING) === 0
      return planSlices(
        createRng(seed, 'slices', recording.index),
        recording,
        odd && last ? 1 : SLICES_PER_RECORDING,
      )
    })
  return plantErrors(rng, clips)
}

function planRecordings(rng: Rng, perClassAndFold: number): DemoRecording[] {
  const total = SOUND_CLASSES.length * FOLDS * perClassAndFold
  const ids = rng.shuffle(Array.from({ length: total }, (_, i) => 900_001 + 7 * i))
  const recordings: DemoRecording[] = []
  SOUND_CLASSES.forEach((sound, soundClass) => {
    const count = FOLDS * perClassAndFold
    const hidden = Math.min(count - 1, Math.max(1, Math.round(sound.background * count)))
    const saliences = rng.shuffle(
      Array.from({ length: count }, (_, i) => (i < hidden ? BACKGROUND : FOREGROUND)),
    )
    saliences.forEach((salience, i) => {
      const index = recordings.length
      const fold = 1 + Math.floor(i / perClassAndFold)
      recordings.push({ index, fsID: ids[index] ?? index, fold, soundClass, salience, ...drawFormat(rng) })
    })
  })
  return recordings
}

/** The formats of field recordings, weighted towards small files. */
function drawFormat(rng: Rng): DemoFormat {
  return {
    rate: rng.pick([
      44100, 44100, 48000, 32000, 24000, 22050, 22050, 22050, 22050, 22050, 16000, 16000, 11025,
    ]),
    bits: rng.pick([16, 16, 16, 16, 16, 16, 16, 24, 24, 8]),
    channels: rng.pick([1, 1, 2]),
  }
}

function planSlices(rng: Rng, recording: DemoRecording, count: number): DemoClip[] {
  const sound = SOUND_CLASSES[recording.soundClass] ?? SOUND_CLASSES[0]
  if (sound === undefined) return []
  // Steady sounds are one occurrence cut into slices two seconds apart in name; events are an occurrence each.
  const steady = sound.fullLength > 0.6
  let start = rng.int(0, 40) / 2
  return Array.from({ length: count }, (_, i) => {
    const seconds = rng.chance(sound.fullLength) ? 4 : rng.log(sound.shortest, sound.longest + 0.001)
    const clip: DemoClip = {
      recording,
      occurrenceID: steady ? 0 : i,
      sliceID: steady ? 2 * i : 0,
      start,
      frames: Math.round(seconds * recording.rate),
      classID: recording.soundClass,
    }
    start += steady ? 4 : 4 + rng.int(0, 8_000_000) / 1e6
    return clip
  })
}

/** Pairs that people do mix up when they label; half of the planted errors are of this kind. */
const MIX_UPS: readonly (readonly [number, ...number[]])[] = [
  [5], // air_conditioner: engine_idling
  [8], // car_horn: siren
  [9, 3], // children_playing: street_music, dog_bark
  [2, 6], // dog_bark: children_playing, gun_shot
  [7], // drilling: jackhammer
  [0, 7], // engine_idling: air_conditioner, jackhammer
  [3, 7], // gun_shot: dog_bark, jackhammer
  [4, 5], // jackhammer: drilling, engine_idling
  [1], // siren: car_horn
  [2, 8], // street_music: children_playing, siren
]

/** Gives one clip in fifty, never two of a recording, a wrong class; at least one. */
function plantErrors(rng: Rng, clips: readonly DemoClip[]): DemoClip[] {
  const count = Math.max(1, Math.round(clips.length * PLANTED_SHARE))
  const wrong = new Map<DemoClip, number>()
  const touched = new Set<number>()
  for (const clip of rng.shuffle(clips)) {
    if (wrong.size === count) break
    if (touched.has(clip.recording.index)) continue
    const truth = clip.recording.soundClass
    const mixUps = MIX_UPS[truth]
    const label = mixUps !== undefined && rng.chance(0.5) ? rng.pick(mixUps) : (truth + rng.int(1, 9)) % 10
    touched.add(clip.recording.index)
    wrong.set(clip, label)
  }
  return clips.map((clip) => ({ ...clip, classID: wrong.get(clip) ?? clip.classID }))
}
