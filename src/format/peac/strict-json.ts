/**
 * JSON that somebody else wrote and signed, read so that no two readers see two things in it: an object that names a member twice, or one that is nested
 * deeper than anything of ours, is refused (RFC 7493, I-JSON, section 2.3; the bound is ours).
 */
import { objectOf } from "../../base/json.ts"

const mostDepth = 64
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
/** Half of a pair, which JSON can only say escaped. */
const loneSurrogate = /(?<!\\)(?:\\\\)*\\ud[89a-f][0-9a-f]{2}/

/** Of bytes: neither what is not UTF-8 nor text that has no UTF-8 form (RFC 7493, section 2.1; RFC 8785, section 3.2.2.2) is any text. */
export function strictText(bytes: Uint8Array, { surrogates = false }: { readonly surrogates?: boolean } = {}): ReturnType<typeof strictObject> {
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    return { problem: "it is not UTF-8" }
  }
  const parsed = strictObject(text)
  // JSON.stringify writes those that are whole as they are, and escapes the others.
  if ("problem" in parsed || surrogates || !text.includes("\\u") || !loneSurrogate.test(JSON.stringify(parsed.value))) return parsed
  return { problem: "it has half of a character (a lone surrogate)" }
}

/** The object, or what is wrong with the text. */
export function strictObject(text: string): { readonly value: Readonly<Record<string, unknown>> } | { readonly problem: string } {
  const plain = plainObject(text)
  if (plain) return { value: plain }
  const twice = repeatedMember(text)
  if (twice !== undefined) return { problem: twice }
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { value: objectOf(value) } : { problem: "it is no JSON object" }
  } catch {
    return { problem: "it is not JSON" }
  }
}

/** An object that is written again as the same text names nothing twice: most records are, and need no walk. Of texts with few brackets none is nested too deep. */
function plainObject(text: string): Readonly<Record<string, unknown>> | undefined {
  if (!text.startsWith("{") || timesIn(text, "{") + timesIn(text, "[") > mostDepth) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return JSON.stringify(value) === text ? objectOf(value) : undefined
  } catch {
    return undefined
  }
}

function timesIn(text: string, letter: string): number {
  let times = 0
  for (let at = text.indexOf(letter); at >= 0; at = text.indexOf(letter, at + 1)) times++
  return times
}

/** Walks over the text once, without a stack of its own kind: whether it is JSON at all is for `JSON.parse`. */
function repeatedMember(text: string): string | undefined {
  const open: (Set<string> | undefined)[] = []
  for (let at = 0; at < text.length; at++) {
    const letter = text[at]
    if (letter === "{" || letter === "[") {
      if (open.length === mostDepth) return `it is nested deeper than ${mostDepth}`
      open.push(letter === "{" ? new Set() : undefined)
    } else if (letter === "}" || letter === "]") {
      open.pop()
    } else if (letter === '"') {
      const end = endOfString(text, at)
      const names = open.at(-1)
      if (names && isName(text, end)) {
        const name = nameIn(text.slice(at, end + 1))
        if (name === undefined) return "it is not JSON"
        if (names.has(name)) return `it names ${JSON.stringify(name.slice(0, 80))} twice`
        names.add(name)
      }
      at = end
    }
  }
  return undefined
}

/** Where the closing quote is; the end of the text when there is none. */
function endOfString(text: string, begin: number): number {
  let at = begin + 1
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1
  return at
}

function isName(text: string, end: number): boolean {
  let at = end + 1
  while (at < text.length && " \t\r\n".includes(text[at] ?? "")) at++
  return text[at] === ":"
}

function nameIn(quoted: string): string | undefined {
  try {
    const name: unknown = JSON.parse(quoted)
    return typeof name === "string" ? name : undefined
  } catch {
    return undefined
  }
}
