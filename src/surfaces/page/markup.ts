/**
 * One page that needs no network and no server and runs no script: its policy lets nothing in but the style whose hash it names. Texts become text here and nowhere
 * else: no tag, no attribute, no entity of a page comes from data.
 */
import { createHash } from "node:crypto"
import { plain } from "../render/words.ts"
import { pageStyle } from "./page-style.ts"

export type PageHead = {
  readonly title: string
  readonly kind: string
  readonly heading: string
  readonly quiet: readonly string[]
  readonly warning?: string | undefined
}

/** `sections` are markup of this file's functions. */
export function wholePage({ title, kind, heading, quiet, warning }: PageHead, sections: string): string {
  const policy = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(pageStyle).digest("base64")}'; base-uri 'none'; form-action 'none'`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${shown(title)}</title>
<style>${pageStyle}</style>
</head>
<body>
<main>
<header>
<p class="kind">${shown(kind)}</p>
<h1>${shown(heading)}</h1>
<p class="quiet">${quiet.map(shown).join(" · ")}</p>
${warning === undefined ? "" : `<p class="warn">${shown(warning)}</p>`}
</header>
${sections}
</main>
</body>
</html>
`
}

/** Figures side by side. */
export function totals(figures: readonly (readonly [name: string, value: string, isLast?: boolean])[]): string {
  const cell = ([name, value, isLast]: (typeof figures)[number]) =>
    `<div${isLast ? ' class="closing"' : ""}><dt>${shown(name)}</dt><dd>${shown(value)}</dd></div>`
  return `<dl class="totals">\n${figures.map(cell).join("\n")}\n</dl>`
}

/** `remark` stands below, quietly. */
export function section(title: string, content: string, remark = ""): string {
  return `<section>\n<h2>${shown(title)}</h2>\n${content}\n${remark === "" ? "" : `<p class="quiet">${shown(remark)}</p>\n`}</section>`
}

export function paragraph(text: string): string {
  return `<p>${shown(text)}</p>`
}

/** Columns of text stand to the left; the others are figures. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], texts: readonly number[] = [0]): string {
  const sides = head.map((_, at) => (texts.includes(at) ? ' class="text"' : ""))
  const cells = (tag: "th" | "td", row: readonly string[]) => `<tr>${row.map((cell, at) => `<${tag}${sides[at] ?? ""}>${shown(cell)}</${tag}>`).join("")}</tr>`
  return `<div class="wide"><table>\n<thead>${cells("th", head)}</thead>\n<tbody>\n${rows.map((row) => cells("td", row)).join("\n")}\n</tbody>\n</table></div>`
}

/** What somebody else wrote, as text: marks that turn its direction are shown as what they are. */
export function shown(text: string): string {
  return escaped(plain(text))
}

/** No tag, no attribute, no entity that is not made here. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
