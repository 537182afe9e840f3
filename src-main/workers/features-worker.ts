import { measureFile } from '../core/audit/audio-measures.ts'
import {
  extractFeatureFile,
  makePeaksFile,
  makePlayable,
  makeThumbnailFile,
  previewFeature,
  summarise,
} from '../core/features/clip-tasks.ts'
import { outcomeOf } from '../core/features/outcome.ts'
import {
  makeTile,
  measureRecording,
  outlineRecording,
  readSamples,
  sketchWave,
} from '../core/recording/recording-tasks.ts'

/** What a feature thread can do; the pool calls these by name. The work itself is in the core. */
export const extract = outcomeOf(extractFeatureFile)
export const preview = outcomeOf(previewFeature)
export const summary = outcomeOf(summarise)
export const measures = outcomeOf(({ audioPath }: { audioPath: string }) => measureFile(audioPath))
export const peaks = outcomeOf(makePeaksFile)
export const thumbnail = outcomeOf(makeThumbnailFile)
export const playable = outcomeOf(makePlayable)
export const outline = outcomeOf(outlineRecording)
export const tile = outcomeOf(makeTile)
export const samples = outcomeOf(readSamples)
export const sketch = outcomeOf(sketchWave)
export const measure = outcomeOf(measureRecording)
