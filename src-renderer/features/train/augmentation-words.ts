import type { AugmentationDraw } from '../../../src-main/contract/run.ts'
import type { Augmentation } from '../../../src-main/contract/training.ts'
import { className } from '../../lib/format.ts'

const signed = (value: number, digits: number) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`

/** What was done to a clip, part by part; hidden parts can be seen. @param recipe - the run's own */
export function drawWords(draw: AugmentationDraw, recipe: string): string[] {
  const { noise, mix, shiftSeconds } = draw
  const words: string[] = []
  if (draw.recipe !== recipe) words.push(draw.recipe)
  if (noise) words.push(`${noise.fileName ?? 'white noise'} ${noise.snrDb.toFixed(0)} dB below`)
  if (draw.gainDb !== 0) words.push(`${signed(draw.gainDb, 1)} dB`)
  if (draw.flip) words.push(/* @wc-include */ 'mirrored')
  if (shiftSeconds !== 0)
    words.push(
      `${Math.abs(shiftSeconds).toFixed(2)} s ${shiftSeconds > 0 ? /* @wc-include */ 'later' : /* @wc-include */ 'earlier'}`,
    )
  if (mix) words.push(`${((1 - mix.share) * 100).toFixed(0)} % ${className(mix.className)}`)
  return words
}

/** False where each clip stays as it is. */
export function changesAnything(augmentation: Augmentation): boolean {
  const { flip, timeShift, gainDb, specAugment, mixup, noise, recipes } = augmentation
  const hides = specAugment && specAugment.timeMasks + specAugment.bandMasks > 0
  return flip + timeShift + gainDb + mixup > 0 || Boolean(hides) || noise !== null || recipes.length > 0
}
