import { describe, expect, it } from 'vitest'
import { escapeXml } from '../../src-main/contract/escape-xml.ts'
import { pictureFileName } from '../../src-renderer/features/clip/picture-name.ts'
import { colourMap } from '../../src-renderer/lib/components/colour/colour-map.ts'
import { figureSvg, PLOT } from '../../src-renderer/lib/components/spectrogram/figure-svg.ts'

const figure = {
  title: 'dog.wav',
  subtitle: 'dog bark, fold 1',
  imageUrl: 'data:image/png;base64,AAAA',
  times: [
    { position: 0, label: '0.0' },
    { position: 0.5, label: '1.0' },
  ],
  frequencies: [{ position: 0.25, label: '1k' }],
  frequencyTitle: 'Frequency (Hz)',
  levels: [{ position: 1, label: '0' }],
  colours: colourMap('magma'),
}

describe('a saved figure', () => {
  it('has title, axes, ticks in their place, picture and colour bar', () => {
    const svg = figureSvg(figure)
    for (const text of [
      'dog.wav',
      'dog bark, fold 1',
      'Time (s)',
      'Frequency (Hz)',
      'Level (dB)',
      '1k',
      '1.0',
    ])
      expect(svg).toContain(`>${text}</text>`)
    expect(svg).toContain(`<text x="${PLOT.x + PLOT.width / 2}" y="${PLOT.y + PLOT.height + 20}" `)
    expect(svg).toContain('href="data:image/png;base64,AAAA"')
    expect(svg.match(/<stop /g)).toHaveLength(32)
    expect(svg).toContain('stop-color="rgb(252,253,191)"')
  })

  it('needs no other file, runs nothing and has no style that a policy could refuse', () => {
    const addresses = [...figureSvg(figure).matchAll(/(?:href|src|url)(?:="|\()([^")]*)/g)].map(
      ([, url]) => url,
    )
    expect(addresses).toEqual(['data:image/png;base64,AAAA', '#levels'])
    expect(figureSvg(figure)).not.toMatch(/style|<script| on\w+=/)
  })

  it('takes a file’s name for text, whatever it says', () => {
    const name = `a</text><script>alert("1")</script>&'b'.wav`
    const svg = figureSvg({ ...figure, title: name, subtitle: name })
    expect(svg).not.toContain('<script')
    expect(svg.match(/a&lt;\/text&gt;&lt;script&gt;alert\(&quot;1&quot;\)/g)).toHaveLength(3)
    // Tags that are open are closed: the file is well formed.
    const tags = [...svg.matchAll(/<(\/?)(\w+)[^>]*?(\/?)>/g)].filter(([, , , alone]) => alone === '')
    const open = tags.reduce((depth, [, closing]) => depth + (closing ? -1 : 1), 0)
    expect(open).toBe(0)
  })

  it('replaces what XML does not allow even escaped', () => {
    expect(escapeXml('a\u0000b\u001bc\ud800d\uffffe\tf')).toBe('a\ufffdb\ufffdc\ufffdd\ufffde\tf')
    expect(escapeXml('日本 🐕')).toBe('日本 🐕')
  })
})

describe('the name of a saved picture', () => {
  it.each([
    ['100032-3-0-0.wav', 'png', '100032-3-0-0-spectrogram.png'],
    ['dog.bark.flac', 'svg', 'dog.bark-spectrogram.svg'],
    ['../a:b?"c\u0007.wav', 'svg', '.._a_b__c_-spectrogram.svg'],
    ['.wav', 'png', 'clip-spectrogram.png'],
    [`${'é'.repeat(300)}.wav`, 'png', `${'é'.repeat(100)}-spectrogram.png`],
  ])('of %s is a file name everywhere', (clip, extension, expected) => {
    expect(pictureFileName(clip, extension)).toBe(expected)
  })
})
