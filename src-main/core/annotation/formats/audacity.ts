import { linesOf } from './decode-text.ts'
import {
  type AnnotationFileFormat,
  blank,
  brokenLines,
  checked,
  decimal,
  inTime,
  losses,
  malformed,
  oneLine,
  type ReadAnnotation,
} from './format.ts'

const NAME = 'An Audacity label file'
/** Begins a line of further fields of the label above. */
const CONTINUATION = '\\'
/** How Audacity writes that a frequency is not set. */
const UNDEFINED_HZ = -1

/**
 * Labels of Audacity (LabelTrack, `START<tab>END<tab>TEXT`; a label without an end is a point; `\<tab>LOW<tab>HIGH` below
 * a label has its frequencies in hertz, each negative where it is not set). Fields that are empty count as not there, as
 * Audacity's own reader has it.
 */
export const audacity: AnnotationFileFormat = {
  ending: '.txt',

  read(text, name) {
    const annotations: ReadAnnotation[] = []
    const notes: string[] = []
    let hasFrequencies = false
    for (const [index, content] of linesOf(text).entries()) {
      const line = index + 1
      const fields = content.split('\t').filter((field) => field !== '')
      if (content.trim() === '') continue
      if (content.startsWith(CONTINUATION)) {
        const last = annotations.at(-1)
        if (!last) throw malformed(name, line, 'it has frequencies and no label above it')
        if (hasFrequencies) {
          notes.push(`Line ${line} of ${name} has fields of a newer format; they are left out.`)
          continue
        }
        const [low, high] = [fields[1], fields[2]].map((field) => audacityNumber(field ?? ''))
        if (fields[0] !== CONTINUATION || low === undefined || high === undefined)
          throw malformed(name, line, 'it must be a backslash and two frequencies, parted by tabs')
        last.lowHz = low < 0 ? null : low
        last.highHz = high < 0 ? null : high
        checked({ ...last, line }, name)
        hasFrequencies = true
        continue
      }
      const startSeconds = audacityNumber(fields[0] ?? '')
      if (startSeconds === undefined)
        throw malformed(name, line, `"${shortened(fields[0] ?? '')}" is not a time in seconds`)
      const end = audacityNumber(fields[1] ?? '')
      const label = fields.slice(end === undefined ? 1 : 2).join('\t')
      annotations.push(
        checked({ ...blank, startSeconds, endSeconds: end ?? startSeconds, label, line }, name),
      )
      hasFrequencies = false
    }
    return { annotations, notes }
  },

  write(annotations) {
    const text = inTime(annotations).map(({ startSeconds, endSeconds, lowHz, highHz, label }) => {
      const frequencies =
        lowHz === null && highHz === null
          ? ''
          : `${CONTINUATION}\t${lowHz ?? UNDEFINED_HZ}\t${highHz ?? UNDEFINED_HZ}\n`
      return `${startSeconds}\t${endSeconds}\t${oneLine(label)}\n${frequencies}`
    })
    return {
      text: text.join(''),
      notes: [
        ...losses(annotations, ['salience', 'confidence', 'note', 'author', 'further fields'], NAME),
        ...brokenLines(
          annotations.map(({ label }) => label),
          'Audacity',
        ),
      ],
    }
  },
}

/** Audacity also reads decimal commas. */
const audacityNumber = (text: string) => decimal(text.replace(',', '.'))

const shortened = (text: string) => (text.length > 40 ? `${text.slice(0, 40)}…` : text)
