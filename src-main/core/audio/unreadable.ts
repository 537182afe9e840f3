import { SoundfoldError } from '../../contract/errors.ts'

/** The error of a file that is damaged, or no audio at all. @param what - a clause: "its header is cut short" */
export function unreadableAudio(name: string, what: string): SoundfoldError {
  return new SoundfoldError('unreadable-audio', `${name} can't be read: ${what}.`, {
    hint: 'Replace the file with a whole copy, or take its row out of the metadata.',
  })
}
