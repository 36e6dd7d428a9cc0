/**
 * JSON as people write it by hand (https://spec.json5.org): comments, commas at the end, names and texts in single quotes or names in none, numbers with
 * a plus or in hex. What is left after that is read as JSON, and refused as JSON is.
 */

type Token = { readonly text: string; readonly end: number }

const space = /[\s\uFEFF]/
const name = /[\p{L}_$][\p{L}\p{N}_$]*/uy
const number = /[+-]?(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)/y

/** @throws {SyntaxError} */
export function parseJson5(text: string): unknown {
  const tokens: string[] = []
  for (let at = skip(text, 0); at < text.length; at = skip(text, at)) {
    const token = tokenAt(text, at)
    at = token.end
    if (isCommaAtEnd(tokens, token.text)) tokens.pop()
    tokens.push(token.text)
  }
  return JSON.parse(tokens.join(" ")) as unknown
}

function isCommaAtEnd(tokens: readonly string[], next: string): boolean {
  return (next === "}" || next === "]") && tokens.at(-1) === "," && !/^[[{,]?$/.test(tokens.at(-2) ?? "")
}

function tokenAt(text: string, at: number): Token {
  const first = text[at] ?? ""
  if (first === '"' || first === "'") return quoted(text, at, first)
  const word = matchAt(name, text, at)
  if (word !== undefined) {
    const end = at + word.length
    return { text: text[skip(text, end)] === ":" ? JSON.stringify(word) : word, end }
  }
  const digits = matchAt(number, text, at)
  if (digits !== undefined)
    return { text: digits.startsWith("-0") && /x/i.test(digits) ? `-${Number(digits.slice(1))}` : String(Number(digits)), end: at + digits.length }
  return { text: first, end: at + 1 }
}

function quoted(text: string, at: number, quote: string): Token {
  let value = ""
  let i = at + 1
  for (; i < text.length && text[i] !== quote; i++) {
    if (text[i] !== "\\") {
      value += text[i]
      continue
    }
    const next = text[++i] ?? ""
    // A line may go on in the next one; escapes that JSON has are left to it.
    if (next === "\n") continue
    value += /["\\/bfnrtu]/.test(next) ? (JSON.parse(`"\\${next === "u" ? text.slice(i, i + 5) : next}"`) as string) : next
    if (next === "u") i += 4
  }
  if (i >= text.length) throw new SyntaxError("a text is not ended")
  return { text: JSON.stringify(value), end: i + 1 }
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

/** Past blanks and comments. */
function skip(text: string, from: number): number {
  let at = from
  for (;;) {
    while (at < text.length && space.test(text[at] ?? "")) at++
    if (text.startsWith("//", at)) at = endOf(text.indexOf("\n", at), text)
    else if (text.startsWith("/*", at)) at = endOf(text.indexOf("*/", at + 2), text, 2)
    else return at
  }
}

function endOf(found: number, text: string, more = 0): number {
  return found < 0 ? text.length : found + more
}
