import { hertz, percent, seconds } from '../../contract/words.ts'
import type { Finding } from '../db/audit-issues.ts'
import type { ClipRecord } from '../db/clips.ts'
import type { AudioMeasures } from './audio-measures.ts'

/** Nothing in the clip is louder. */
const SILENT_DBFS = -60
/** A clip of which so much is silent. */
const SILENT_SHARE = 0.75
const CLIPPED = { warning: 0.001, error: 0.01 }
/** Clipping is at a high level; flat tops of a quiet sound are steps of its coding. */
const CLIPPED_PEAK = 0.5
/** Channels that differ by less are the same. */
const SAME_CHANNELS_DB = -60
/** Of what the sample rate could hold. */
const BAND_SHARE = 0.7

type Found = Pick<Finding, 'kind' | 'severity' | 'score' | 'message'>

/** What a clip's sound itself shows. */
export function audioIssues(clip: Pick<ClipRecord, 'id' | 'classId'>, measures: AudioMeasures): Finding[] {
  return [silence(measures), clipping(measures), bandLimit(measures), monoInStereo(measures)].flatMap(
    (found) =>
      found
        ? [
            {
              ...found,
              clipId: clip.id,
              classId: clip.classId,
              suggestedClassId: null,
              label: null,
              related: [],
            },
          ]
        : [],
  )
}

function silence({ loudestDbfs, silentShare, seconds: length }: AudioMeasures): Found | undefined {
  const kind = 'silence'
  if (loudestDbfs < SILENT_DBFS)
    return { kind, severity: 'error', score: 0, message: `Nothing is louder than ${SILENT_DBFS} dBFS.` }
  if (silentShare < SILENT_SHARE) return undefined
  return {
    kind,
    severity: 'warning',
    score: 1 - silentShare,
    message: `${percent(silentShare)} of its ${seconds(length)} lie below ${SILENT_DBFS} dBFS.`,
  }
}

function clipping({ clippedShare, peak }: AudioMeasures): Found | undefined {
  if (clippedShare < CLIPPED.warning || peak < CLIPPED_PEAK) return undefined
  return {
    kind: 'clipping',
    severity: clippedShare >= CLIPPED.error ? 'error' : 'warning',
    score: 1 - clippedShare,
    message: `${percent(clippedShare, 2)} of its samples are cut off at ${percent(peak)} of full scale.`,
  }
}

function bandLimit({ cutOffHz, sampleRateHz }: AudioMeasures): Found | undefined {
  const nyquistHz = sampleRateHz / 2
  if (cutOffHz === null || cutOffHz > BAND_SHARE * nyquistHz) return undefined
  return {
    kind: 'band-limited',
    severity: 'warning',
    score: cutOffHz / nyquistHz,
    message: `Ends at about ${hertz(Math.round(cutOffHz / 100) * 100)}, though its rate of ${hertz(sampleRateHz)} holds sound up to ${hertz(nyquistHz)}.`,
  }
}

function monoInStereo({ sideDb, quietestChannelDb, channels }: AudioMeasures): Found | undefined {
  if (sideDb === null || quietestChannelDb === null) return undefined
  const kind = 'mono-in-stereo'
  const severity = 'warning'
  if (quietestChannelDb < SAME_CHANNELS_DB)
    return { kind, severity, score: 0, message: 'One of its channels is silent.' }
  if (sideDb > SAME_CHANNELS_DB) return undefined
  return { kind, severity, score: 0.5, message: `Its ${channels} channels are the same.` }
}
