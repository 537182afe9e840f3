import { describe, expect, it } from 'vitest'
import { ANNOTATION_FORMATS, type AnnotationFormat } from '../../../src-main/contract/annotation.ts'
import type { FileAnnotation, LosableField } from '../../../src-main/core/annotation/formats/format.ts'
import { readAnnotations, writeAnnotations } from '../../../src-main/core/annotation/formats/index.ts'
import { createRandom } from '../../../src-main/core/ml/random.ts'

const media = { fileName: 'a.wav', durationSeconds: 60, sampleRateHz: 48_000 }
const LABELS = [
  'siren',
  'dog bark',
  'дрель',
  '犬',
  '"quoted"',
  '=SUM(A1)',
  "'=not",
  '-1',
  '5',
  '',
  'a,b;c',
  '<exists>',
  '! no',
]

/** What each format keeps; all keep times and labels. */
const KEEPS: Record<AnnotationFormat, readonly LosableField[]> = {
  audacity: ['frequencies'],
  raven: ['frequencies', 'salience', 'confidence', 'note', 'author', 'further fields'],
  jams: ['frequencies', 'salience', 'confidence', 'note', 'author', 'further fields'],
  csv: ['frequencies', 'salience', 'confidence', 'note', 'author', 'further fields'],
  textgrid: [],
}

function drawn(seed: number, count: number): FileAnnotation[] {
  const random = createRandom(seed).uniform
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)] as T
  return Array.from({ length: count }, () => {
    const startSeconds = Math.round(random() * 50e6) / 1e6
    const lowHz = random() < 0.5 ? Math.round(random() * 8000) : null
    return {
      startSeconds,
      endSeconds: random() < 0.1 ? startSeconds : startSeconds + 0.001 + Math.round(random() * 5e6) / 1e6,
      lowHz,
      highHz: lowHz === null ? null : lowHz + Math.round(random() * 8000) + 0.25,
      label: pick(LABELS),
      salience: pick([1, 2, null]),
      confidence: pick([0, 1, 0.1 + 0.2, null]),
      note: pick(['', 'two words', 'a "note", with a comma', "'=x"]),
      author: pick(['', 'Ann', 'Ben Öz']),
      extra: random() < 0.3 ? { Behaviour: pick(['song', 'call']) } : {},
      createdAt: null,
      changedAt: null,
    }
  })
}

/** In one order, with what the format has no place for taken away. */
function comparable(annotations: readonly FileAnnotation[], format: AnnotationFormat) {
  const keeps = KEEPS[format]
  return annotations
    .map(({ startSeconds, endSeconds, lowHz, highHz, label, salience, confidence, note, author, extra }) =>
      JSON.stringify([
        startSeconds.toFixed(9),
        endSeconds.toFixed(9),
        label,
        keeps.includes('frequencies') ? [lowHz, highHz] : [],
        keeps.includes('salience') ? salience : null,
        keeps.includes('confidence') ? confidence : null,
        keeps.includes('note') ? note : '',
        keeps.includes('author') ? author : '',
        keeps.includes('further fields') ? extra : {},
      ]),
    )
    .sort()
}

describe.each(ANNOTATION_FORMATS)('%s', (format) => {
  it.each([1, 2, 3])('keeps all that it can say and tells the rest (seed %i)', (seed) => {
    const all = drawn(seed, 200)
    const given =
      format === 'textgrid'
        ? all.filter(({ label, startSeconds, endSeconds }) => label || startSeconds === endSeconds)
        : all
    const { files, notes } = writeAnnotations([{ media, stem: 'a', annotations: all }], format)
    const [file] = files
    const read = readAnnotations(Buffer.from(file?.text ?? ''), file?.name ?? '', 'auto')
    expect(comparable(read.annotations, format)).toEqual(comparable(given, format))
    const lost = (
      ['frequencies', 'salience', 'confidence', 'note', 'author', 'further fields'] as const
    ).filter((field) => notes.some((note) => note.includes(`the ${field} of`)))
    expect([...lost, ...KEEPS[format]].sort()).toEqual([...KEEPS.csv].sort())
  })

  it('takes none as none', () => {
    const { files } = writeAnnotations([{ media, stem: 'a', annotations: [] }], format)
    const [file] = files
    expect(readAnnotations(Buffer.from(file?.text ?? ''), file?.name ?? '', format).annotations).toEqual([])
  })

  it('is read with every kind of line end and a byte order mark', () => {
    const given = drawn(4, 20).filter(({ label }) => label)
    const [file] = writeAnnotations([{ media, stem: 'a', annotations: given }], format).files
    const plain = (file?.text ?? '').replaceAll('\r\n', '\n')
    for (const text of [
      plain,
      `\ufeff${plain}`,
      plain.replaceAll('\n', '\r\n'),
      `\ufeff${plain.replaceAll('\n', '\r')}`,
    ])
      expect(
        comparable(readAnnotations(Buffer.from(text), file?.name ?? '', 'auto').annotations, format),
      ).toEqual(comparable(given, format))
  })
})

const RAVEN =
  'Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tHigh Freq (Hz)\tAnnotation\n'
const GRID =
  'File type = "ooTextFile"\nObject class = "TextGrid"\n\n0\n5\n<exists>\n1\n"IntervalTier"\n"words"\n0\n5\n1\n'
const jamsOf = (data: string) =>
  `{"annotations":[{"namespace":"tag_open","annotation_metadata":{},\n"data":${data}}]}`

describe('malformed files', () => {
  it.each([
    ['a.txt', '0\t1\tdog\nnan\t2\tx\n', /a\.txt, line 2: "nan" is not a time/],
    ['a.txt', '0\t1\tdog\n3\t2\tx\n', /line 2: it ends at 2 s, before its start at 3 s/],
    ['a.txt', '-1\t1\tdog\n', /line 1: it starts at -1 s, before the sound/],
    ['a.txt', '\\\t1\t2\n', /line 1: it has frequencies and no label above it/],
    ['a.txt', '0\t1\tdog\n\\\t1\tx\n', /line 2: it must be a backslash and two frequencies/],
    ['a.txt', '0\t1\tdog\n\\\t800\t400\n', /line 2: its highest frequency, 400 Hz, is below its lowest/],
    ['a.txt', `0\t1\t${'x'.repeat(501)}\n`, /line 1: its label or author is longer than 500/],
    [
      'a.txt',
      `${RAVEN}1\tSpectrogram 1\t1\tInf\t2\t3\t4\tdog\n`,
      /line 2: its Begin Time \(s\) "Inf" is not a number/,
    ],
    [
      'a.txt',
      `${RAVEN}1\tSpectrogram 1\t1\t1\t2\t3\t4\tdog\tmore\n`,
      /line 2: it has 9 fields where the first line names 8/,
    ],
    ['a.jams', '{"annotations": [\n\n oops ]}', /a\.jams, line 3: it is not JSON/],
    ['a.jams', '{"x": 1}', /a\.jams is not a JAMS file: annotations/],
    ['a.jams', jamsOf('[{"time":NaN,"duration":1,"value":"x","confidence":1}]'), /line 2: it is not JSON/],
    ['a.jams', jamsOf('[{"time":-1,"duration":1,"value":"x","confidence":1}]'), /line 1: it starts at -1 s/],
    ['a.jams', jamsOf('{"time":[1],"duration":[],"value":[],"confidence":[]}'), /not equally long/],
    ['a.csv', 'file,start_seconds\na,1\n', /line 1: it names no column "end_seconds"/],
    [
      'a.csv',
      'file,start_seconds,end_seconds\na,1,2\na,x,2\n',
      /line 3: its start_seconds "x" is not a number/,
    ],
    ['a.csv', 'file,start_seconds,end_seconds,salience\na,1,2,3\n', /line 2: its salience 3 is not/],
    [
      'a.csv',
      'file,start_seconds,end_seconds,confidence\na,1,2,80\n',
      /line 2: its confidence 80 is not between/,
    ],
    ['a.csv', 'file,start_seconds,end_seconds,created\na,1,2,yesterday\n', /line 2: "yesterday" is no date/],
    ['a.csv', 'file,start_seconds\n"a,1\n', /a\.csv is not a CSV file/],
    [
      'a.TextGrid',
      'File type = "ooTextFile"\nObject class = "PitchTier"',
      /line 2: it is a Praat file of PitchTier/,
    ],
    ['a.TextGrid', `${GRID}0\n`, /the file ends where a number must follow/],
    ['a.TextGrid', `${GRID}0\nnan\n"x"\n`, /line 14: nan is not a number/],
    ['a.TextGrid', `${GRID}0\n5\n"x\n`, /line 15: a text in quotes has no end/],
    ['a.TextGrid', `${GRID}0\n"x"\n5\n`, /line 14: "x" stands where a number must be/],
    [
      'a.TextGrid',
      GRID.replace('<exists>\n1\n', '<exists>\n1e300\n'),
      /line 7: 1e\+300 is no number of things/,
    ],
  ])('%s %#', (name, text, message) => {
    expect(() => readAnnotations(Buffer.from(text), name, 'auto')).toThrow(message)
  })

  it('names the line where a text is no longer in its encoding', () => {
    const latin1 = Buffer.concat([
      Buffer.from('0\t1\tdog\n1\t2\tchien'),
      Buffer.from([0xe9]),
      Buffer.from('\n'),
    ])
    expect(() => readAnnotations(latin1, 'a.txt', 'auto')).toThrow(/line 2: it is not UTF-8 text/)
    const utf16 = Buffer.from('0\t1\tdog\n', 'utf16le')
    expect(() => readAnnotations(utf16, 'a.txt', 'auto')).toThrow(
      /line 1: .*UTF-16 without a byte order mark/,
    )
    const odd = Buffer.concat([
      Buffer.from([0xff, 0xfe]),
      Buffer.from('0\t1\td', 'utf16le'),
      Buffer.from([0x20]),
    ])
    expect(() => readAnnotations(odd, 'a.txt', 'auto')).toThrow(/line 1: it is not UTF-16LE text/)
  })

  it('refuses a file too large to be one of annotations before it is read', () => {
    expect(() => readAnnotations(new Uint8Array(129 * 1024 * 1024), 'a.txt', 'auto')).toThrow(
      /larger than 128 MB/,
    )
  })

  it('claims of many things without them end at the end of the file', () => {
    const text = GRID.replace('"words"\n0\n5\n1\n', '"words"\n0\n5\n999999999\n')
    expect(() => readAnnotations(Buffer.from(text), 'a.TextGrid', 'auto')).toThrow(/the file ends where/)
  })
})

describe('what programs write in more than one way', () => {
  it('a selection of Raven in two views is one annotation, with the frequencies of the spectrogram', () => {
    const rows = [
      '1\tWaveform 1\t1\t6.7\t15.1\t1739.0\t3798.8\tBirb',
      '1\tSpectrogram 1\t1\t6.7\t15.1\t1739.0\t3798.8\tBirb',
      '2\tWaveform 1\t2\t29.4\t40.3\t0.0\t24000.0\tdonkey',
    ]
    const { annotations } = readAnnotations(Buffer.from(RAVEN + rows.join('\r\n')), 'a.txt', 'auto')
    expect(annotations).toMatchObject([
      { startSeconds: 6.7, endSeconds: 15.1, lowHz: 1739, highHz: 3798.8, label: 'Birb', line: 2, extra: {} },
      { startSeconds: 29.4, endSeconds: 40.3, lowHz: null, highHz: null, extra: { Channel: '2' } },
    ])
  })

  it('times of a table of several files count from the beginning of each', () => {
    const header = 'Selection\tBegin Time (s)\tEnd Time (s)\tBegin File\tFile Offset (s)\tSpecies\n'
    const { annotations, notes } = readAnnotations(
      Buffer.from(`${header}1\t100\t102.5\tb.wav\t40\tcrow\n`),
      'a.txt',
      'auto',
    )
    expect(annotations).toMatchObject([{ file: 'b.wav', startSeconds: 40, endSeconds: 42.5, label: 'crow' }])
    expect(notes).toEqual([
      'Labels of a.txt are read from its column Species; a table written again names it Annotation.',
    ])
  })

  it('Audacity writes points, decimal commas and frequencies that are not set', () => {
    const text = '1.5\tclick\n2,25\t3,5\tone\ttwo\n\\\t-1\t4000\n'
    expect(readAnnotations(Buffer.from(text), 'a.txt', 'auto').annotations).toMatchObject([
      { startSeconds: 1.5, endSeconds: 1.5, label: 'click' },
      { startSeconds: 2.25, endSeconds: 3.5, label: 'one\ttwo', lowHz: null, highHz: 4000 },
    ])
  })

  it('scaper says in JAMS which sounds are in front', () => {
    const value = '{"label":"siren","role":"background","snr":3.5}'
    const text = jamsOf(`[{"time":1,"duration":2,"value":${value},"confidence":1}]`).replace(
      'tag_open',
      'scaper',
    )
    expect(readAnnotations(Buffer.from(text), 'a.jams', 'auto').annotations).toMatchObject([
      { label: 'siren', salience: 2, confidence: 1, extra: { namespace: 'scaper', snr: '3.5' } },
    ])
  })

  it('JAMS keeps who curated an annotation and of which corpus, for each apart', () => {
    // As jams.AnnotationMetadata of the package `jams` 0.3.4 writes them.
    const curator = { name: 'Justin Salamon', email: 'justin@nyu.edu' }
    const metadata = {
      ...{ curator, annotator: { name: 'Ann', email: 'ann@b.c' }, version: '1.0', corpus: 'UrbanSound8K' },
      ...{
        annotation_tools: 'Audacity',
        annotation_rules: 'by ear',
        validation: '',
        data_source: 'freesound',
      },
    }
    const data = [{ time: 1, duration: 2, value: 'siren', confidence: 1 }]
    const other = { ...metadata, curator: { name: '', email: '' }, corpus: '' }
    const annotations = [metadata, other].map((annotation_metadata) => ({
      ...{ namespace: 'tag_open', annotation_metadata, data, sandbox: {} },
    }))
    const text = JSON.stringify({ annotations, file_metadata: {}, sandbox: {} })
    const read = readAnnotations(Buffer.from(text), 'a.jams', 'auto').annotations
    expect(read[0]).toMatchObject({ author: 'Ann', extra: { 'jams.corpus': 'UrbanSound8K' } })
    const [file] = writeAnnotations([{ media, stem: 'a', annotations: read }], 'jams').files
    const written = JSON.parse(file?.text ?? '').annotations.map(
      ({ annotation_metadata }: { annotation_metadata: unknown }) => annotation_metadata,
    )
    expect(written).toEqual([metadata, other])
    const again = readAnnotations(Buffer.from(file?.text ?? ''), 'a.jams', 'auto').annotations
    expect(again.map(({ extra }) => extra)).toEqual(read.map(({ extra }) => extra))
  })

  it('JAMS whose observations another program has moved are read without what we kept beside them', () => {
    const [file] = writeAnnotations([{ media, stem: 'a', annotations: drawn(5, 3) }], 'jams').files
    const document = JSON.parse(file?.text ?? '')
    for (const one of document.annotations) for (const observation of one.data) observation.time += 1
    const { annotations } = readAnnotations(Buffer.from(JSON.stringify(document)), 'a.jams', 'auto')
    expect(annotations).toHaveLength(3)
    expect(annotations.every(({ note, lowHz }) => note === '' && lowHz === null)).toBe(true)
  })

  it('CSV of other programs, by the names that they give', () => {
    const text = 'filename,onset,offset,event_label,weather\r\n"a, b.wav",0.5,1,dog,rain\r\n'
    expect(readAnnotations(Buffer.from(text), 'a.csv', 'auto').annotations).toMatchObject([
      { file: 'a, b.wav', startSeconds: 0.5, endSeconds: 1, label: 'dog', extra: { weather: 'rain' } },
    ])
  })

  it('comments, and texts over several lines, in a TextGrid', () => {
    const text = `${GRID}! made by hand, 3 4 "x"\n0 5\n"first\nline ""two"""\n`
    expect(readAnnotations(Buffer.from(text), 'a.TextGrid', 'auto').annotations).toMatchObject([
      { startSeconds: 0, endSeconds: 5, label: 'first\nline "two"', extra: { tier: 'words' } },
    ])
  })
})
