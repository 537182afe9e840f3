import type { AnnotationFormat } from '../../../src-main/contract/annotation.ts'

export const FORMATS: readonly { value: AnnotationFormat; title: string; text: string }[] = [
  {
    value: 'csv',
    title: 'CSV',
    text: 'One table of all clips, with everything that is known of each annotation.',
  },
  { value: 'raven', title: 'Raven selection tables', text: 'A table a clip; everything is kept.' },
  { value: 'jams', title: 'JAMS', text: 'A file a clip; everything is kept.' },
  { value: 'audacity', title: 'Audacity labels', text: 'A file a clip: times, frequencies and labels.' },
  { value: 'textgrid', title: 'Praat TextGrids', text: 'A file a clip: times and labels.' },
]
