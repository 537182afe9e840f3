/** Mel scales as librosa has them, for features and for the axes of pictures. */

/** `slaney` is librosa's default, `htk` its `htk=True`. */
export type MelScale = 'slaney' | 'htk'

/** 2595 · log10(1 + f / 700), O'Shaughnessy 1987, as HTK has it. */
const HTK_MEL_PER_DECADE = 2595
const HTK_CORNER_HZ = 700

/** Linear below the break, logarithmic above (Slaney, Auditory Toolbox, 1998). */
const LINEAR_HZ_PER_MEL = 200 / 3
const BREAK_HZ = 1000
const BREAK_MEL = BREAK_HZ / LINEAR_HZ_PER_MEL
const LOG_STEP = Math.log(6.4) / 27

/** As `librosa.hz_to_mel`. */
export function hzToMel(hz: number, scale: MelScale = 'slaney'): number {
  if (scale === 'htk') return HTK_MEL_PER_DECADE * Math.log10(1 + hz / HTK_CORNER_HZ)
  return hz < BREAK_HZ ? hz / LINEAR_HZ_PER_MEL : BREAK_MEL + Math.log(hz / BREAK_HZ) / LOG_STEP
}

/** As `librosa.mel_to_hz`. */
export function melToHz(mel: number, scale: MelScale = 'slaney'): number {
  if (scale === 'htk') return HTK_CORNER_HZ * (10 ** (mel / HTK_MEL_PER_DECADE) - 1)
  return mel < BREAK_MEL ? mel * LINEAR_HZ_PER_MEL : BREAK_HZ * Math.exp(LOG_STEP * (mel - BREAK_MEL))
}
