import { csvText } from '../../../../src-main/contract/csv.ts'

/** One bar: a name, and its parts with what each leads to. */
export interface Bar {
  readonly label: string
  readonly parts: readonly { readonly count: number; readonly href: string }[]
}

/** As a spreadsheet reads it: a row a bar, a column a part. */
export function barsCsv(what: string, parts: readonly string[], bars: readonly Bar[]): string {
  const columns = parts.length > 0 ? parts : ['clips']
  return csvText([
    [what, ...columns],
    ...bars.map((bar) => [bar.label, ...bar.parts.map(({ count }) => count)]),
  ])
}

const TITLE_HEIGHT = 30
const PNG_SCALE = 2
/** What a drawing outside of the page would lose with its style sheets. */
const STYLES = ['fill', 'font-family', 'font-size', 'font-variant-numeric'] as const

/** The drawing as a file of its own: colours and letters as they are on the screen, a title, no links. */
export function chartSvg(svg: SVGSVGElement, title: string): Blob {
  return new Blob([standalone(svg, title).text], { type: 'image/svg+xml' })
}

/** The same as pixels, two for each of the screen's. */
export async function chartPng(svg: SVGSVGElement, title: string): Promise<Blob> {
  const { text, width, height } = standalone(svg, title)
  const url = URL.createObjectURL(new Blob([text], { type: 'image/svg+xml' }))
  try {
    const image = new Image()
    image.src = url
    await image.decode()
    const canvas = document.createElement('canvas')
    canvas.width = width * PNG_SCALE
    canvas.height = height * PNG_SCALE
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height)
    return await new Promise((resolve, reject) =>
      canvas.toBlob((blob) => {
        if (blob) resolve(blob)
        else reject(new Error('The browser could not make a PNG of this size.'))
      }, 'image/png'),
    )
  } finally {
    URL.revokeObjectURL(url)
  }
}

function standalone(svg: SVGSVGElement, title: string) {
  const width = svg.clientWidth
  const height = svg.clientHeight + TITLE_HEIGHT
  const { color } = getComputedStyle(svg)
  const drawing = ['rect', 'text'].flatMap((name) => [...svg.querySelectorAll<SVGGraphicsElement>(name)])
  const copies = drawing.map((element) => {
    const copy = document.createElementNS('http://www.w3.org/2000/svg', element.tagName)
    for (const { name, value } of element.attributes) if (name !== 'class') copy.setAttribute(name, value)
    const style = getComputedStyle(element)
    for (const name of STYLES) copy.setAttribute(name, style.getPropertyValue(name))
    const line = element.closest('g')?.getAttribute('transform')
    if (line) copy.setAttribute('transform', line)
    if (element.tagName === 'text') copy.textContent = element.textContent
    return new XMLSerializer().serializeToString(copy)
  })
  const heading = document.createElementNS('http://www.w3.org/2000/svg', 'text')
  heading.textContent = title
  for (const [name, value] of Object.entries({ x: '8', y: '20', fill: color, 'font-weight': '600' }))
    heading.setAttribute(name, value)
  heading.setAttribute('font-family', getComputedStyle(svg).fontFamily)
  const background = getComputedStyle(document.documentElement).getPropertyValue('--surface')
  const text = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<rect width="100%" height="100%" fill="${background}"/>${new XMLSerializer().serializeToString(heading)}
<g transform="translate(0 ${TITLE_HEIGHT})">${copies.join('\n')}</g></svg>`
  return { text, width, height }
}
