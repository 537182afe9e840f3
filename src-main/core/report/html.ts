import { escapeXml } from '../../contract/escape-xml.ts'

/** Markup that is safe as it stands: `html` alone makes it. */
class Html {
  readonly markup: string
  constructor(markup: string) {
    this.markup = markup
  }
}

export type { Html }

export type HtmlPart = Html | string | number | null | readonly HtmlPart[]

/** Markup with every text and number in it escaped, so that a file's or class' name can't become markup; null is nothing. */
export function html(markup: TemplateStringsArray, ...parts: HtmlPart[]): Html {
  return new Html(markup.map((text, place) => text + rendered(parts[place] ?? null)).join(''))
}

function rendered(part: HtmlPart): string {
  if (part === null) return ''
  if (part instanceof Html) return part.markup
  if (typeof part === 'object') return part.map(rendered).join('')
  return escapeXml(String(part))
}
