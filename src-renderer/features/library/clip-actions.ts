import type { CommandId } from '../../lib/state/commands.ts'

/** What can be done with chosen clips: commands of the window, so that the palette and the key map have them. */
export const CLIP_ACTIONS = [
  'tag',
  'compare',
  'predict',
  'clips.exclude',
  'clips.relabel',
  'clips.reveal',
  'clips.export',
  'clips.extract',
] as const satisfies CommandId[]
export type ClipAction = (typeof CLIP_ACTIONS)[number]
