import { type Html, type HtmlPart, html } from './html.ts'

/** Everything that a page's parts look like; light or dark by the reader's system, and light on paper. */
const STYLE = html`<style>
:root { color-scheme: light dark; --text: #1a1f26; --muted: #545d6a; --surface: #ffffff; --soft: #f2f4f7; --border: #d8dde4;
  --accent: #0b6b80; --danger: #b3261e; --warning: #8a5a00; --warning-soft: #fdf3dc;
  --line-0: #0b6b80; --line-1: #b3541e; --line-2: #5b4fb5; --line-3: #3c7a2a; --line-4: #b02a6b;
  --line-5: #7a6a00; --line-6: #2463b8; --line-7: #8b3fa8; --line-8: #16776a; --line-9: #6b5648; }
@media screen and (prefers-color-scheme: dark) { :root { --text: #e6e9ee; --muted: #9aa4b2; --surface: #12161b; --soft: #1b2128;
  --border: #2d353f; --accent: #4fb7cf; --danger: #f2877f; --warning: #e6b450; --warning-soft: #2d2614;
  --line-0: #4fb7cf; --line-1: #f0975f; --line-2: #a69cf5; --line-3: #86c96f; --line-4: #f07fb4;
  --line-5: #d3c24a; --line-6: #7fb0f5; --line-7: #d394ec; --line-8: #5fcdbb; --line-9: #c2a893; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--surface); color: var(--text); font: 15px/1.5 system-ui, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; }
main, body > header, body > footer { max-width: 1080px; margin: 0 auto; padding: 0 24px; }
body > header { padding-top: 32px; }
body > footer { padding-block: 16px 40px; color: var(--muted); font-size: 13px; }
h1 { margin: 0 0 4px; font-size: 28px; line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin: 40px 0 8px; padding-top: 12px; border-top: 1px solid var(--border); font-size: 20px; }
h3 { margin: 20px 0 6px; font-size: 16px; }
p { max-width: 80ch; margin: 6px 0; }
.muted, caption, .note { color: var(--muted); }
.note, caption { font-size: 13px; }
.summary { font-size: 17px; }
.caveats { margin: 12px 0; padding: 10px 14px 10px 30px; border-left: 3px solid var(--warning); background: var(--warning-soft); }
.caveats li { max-width: 90ch; }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 12px; margin: 16px 0; }
.figures dt { color: var(--muted); font-size: 13px; }
.figures dd { margin: 0; font-size: 19px; font-weight: 600; font-variant-numeric: tabular-nums; }
.figures dd.range { color: var(--muted); font-size: 12px; font-weight: 400; }
.columns { display: flex; flex-wrap: wrap; align-items: flex-start; gap: 8px 32px; }
.table { max-width: 100%; overflow-x: auto; margin: 8px 0; }
table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
caption { padding: 2px 0 4px; text-align: left; }
th, td { padding: 3px 8px; border-bottom: 1px solid var(--border); text-align: right; font-weight: 400; white-space: nowrap; }
thead th { color: var(--muted); vertical-align: bottom; }
tbody th, tfoot th, .text { text-align: left; }
tbody th { font-weight: 500; }
tfoot td, tfoot th { border-bottom: 0; font-weight: 600; }
.wrap { max-width: 42ch; white-space: normal; overflow-wrap: break-word; }
table code { white-space: nowrap; }
.matrix th, .matrix td { padding: 3px 4px; }
.matrix thead th { max-width: 30px; height: 110px; padding: 0; line-height: 30px; writing-mode: vertical-rl; transform: rotate(180deg); text-align: left; }
.matrix thead th span { display: block; max-height: 108px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.matrix tbody th { max-width: 160px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.matrix thead th.corner, .matrix thead th.total { height: auto; max-width: none; padding: 3px 4px; line-height: inherit; writing-mode: horizontal-tb; transform: none; }
.matrix td { min-width: 30px; text-align: center; }
code { font: 12px ui-monospace, "SF Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
svg { display: block; max-width: 100%; height: auto; }
svg text { fill: var(--muted); font-size: 11px; }
figure { margin: 8px 0; }
figcaption { font-weight: 600; font-size: 14px; }
.swatch { display: inline-block; width: 18px; height: 0; margin-right: 6px; border-top: 3px solid; vertical-align: middle; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(320px, 1fr)); gap: 0 32px; }
.facts dl { display: grid; grid-template-columns: auto 1fr; gap: 2px 14px; margin: 0; font-size: 13px; }
.facts dt { color: var(--muted); }
.facts dd { margin: 0; overflow-wrap: anywhere; }
@page { margin: 14mm; }
@media print { body { font-size: 11px; } main, body > header, body > footer { max-width: none; padding-inline: 0; }
  body > header { padding-top: 0; } table { font-size: 9.5px; }
  th, td { padding: 2px 5px; }
  /* All classes on a sheet of A4 or Letter, however small their numbers get. */
  .matrix { --cell: clamp(4px, (182mm - 46mm) / var(--classes) - 1px, 24px); } .matrix tbody th { max-width: 30mm; }
  .matrix td, .matrix th { padding: 0 1px; font-size: clamp(4px, var(--cell) * 0.62, 9.5px); }
  .matrix td, .matrix thead th { min-width: var(--cell); max-width: var(--cell); }
  .matrix td, .matrix tbody th { line-height: min(var(--cell) - 1px, 15px); } .matrix thead th { line-height: var(--cell); } .summary { font-size: 13px; } .table { overflow: visible; }
  h2, h3, caption, thead { break-after: avoid; } tr, figure, .figures div, .caveats { break-inside: avoid; }
  .facts { grid-template-columns: 1fr 1fr; } .facts dl { font-size: 10px; }
  * { print-color-adjust: exact; } }
</style>`

/** One file that needs no other and runs nothing: no script, no outside address, which its own policy forbids as well. */
export function page(title: string, header: HtmlPart, content: HtmlPart, footer: HtmlPart): string {
  return `${
    html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
${STYLE}
</head>
<body>
<header>
${header}
</header>
<main>
${content}
</main>
<footer>
${footer}
</footer>
</body>
</html>`.markup
  }\n`
}

export interface HtmlTable {
  caption: string
  head: readonly HtmlPart[]
  rows: readonly (readonly HtmlPart[])[]
  foot?: readonly (readonly HtmlPart[])[]
  /** Columns of words, by place, beside the first. */
  text?: readonly number[]
}

/** The first cell of each row is its header. */
export function table({ caption, head, rows, foot = [], text = [] }: HtmlTable): Html {
  const kind = (place: number) => (text.includes(place) ? html` class="text wrap"` : null)
  const line = ([first = null, ...cells]: readonly HtmlPart[]) =>
    html`<tr><th scope="row" class="wrap">${first}</th>${cells.map((cell, place) => html`<td${kind(place + 1)}>${cell}</td>`)}</tr>\n`
  return html`<div class="table" role="group" tabindex="0" aria-label="${caption}"><table>
<caption>${caption}</caption>
<thead><tr>${head.map((cell, place) => (cell === '' ? html`<td></td>` : html`<th scope="col"${place === 0 ? html` class="text"` : kind(place)}>${cell}</th>`))}</tr></thead>
<tbody>
${rows.map(line)}</tbody>
${foot.length > 0 ? html`<tfoot>\n${foot.map(line)}</tfoot>\n` : null}</table></div>
`
}

export interface Fact {
  title: string
  value: HtmlPart
}

/** A definition list under a heading. */
export function factList(title: string, facts: readonly Fact[]): Html {
  return html`<div><h3>${title}</h3><dl>
${facts.map(({ title: name, value }) => html`<dt>${name}</dt><dd>${value}</dd>\n`)}</dl></div>`
}

export function caveatList(caveats: readonly string[]): Html | null {
  return caveats.length === 0
    ? null
    : html`<ul class="caveats">${caveats.map((caveat) => html`<li>${caveat}</li>`)}</ul>`
}
