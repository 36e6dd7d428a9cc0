/**
 * Rows of transcripts have a few shapes: the same members in the same order, and only their values differ. A shape that was met is kept as a pattern of its
 * text, and reading a row by it takes less than half of what parsing it takes.
 *
 * A text that a pattern matches is JSON, and has the members of the row the pattern was made of: between them the pattern has only what JSON allows there,
 * so a match says what `JSON.parse` would have said. Values that would have to be decoded (escapes, characters beyond ASCII, numbers that are no count) match
 * no pattern; such a row is parsed.
 */
import type { TranscriptRow } from "../usage/read-row.ts"

const ascii = '[^"\\\\\\x00-\\x1f\\x7f-\\uffff]*'
const decimal = "-?(?:0|[1-9]\\d{0,15})(?:\\.\\d{1,20})?(?:[eE][+-]?\\d{1,3})?"
const count = "0|[1-9]\\d{0,14}"
/** What is looked at of a row that tells usage in the host's own shape, and what it has to be. */
const wanted = {
  id: ascii,
  timestamp: ascii,
  "message.provider": ascii,
  "message.model": ascii,
  "message.api": ascii,
  "message.responseId": ascii,
  "message.stopReason": ascii,
  "message.timestamp": count,
  "message.__openclaw.runId": ascii,
  "message.usage.input": count,
  "message.usage.output": count,
  "message.usage.cacheRead": count,
  "message.usage.cacheWrite": count,
  "message.usage.cacheWrite1h": count,
  "message.usage.reasoningTokens": count,
  "message.usage.totalTokens": count,
  "message.usage.cost.total": decimal,
} as const
type Wanted = keyof typeof wanted

const usagePath = "message.usage"
const mostShapes = 8
const mostTries = 64
/** Of a row without its content. */
const mostCharacters = 4_096

type Shape = (text: string) => TranscriptRow | undefined

export class RowShapes {
  readonly #shapes: Shape[] = []
  #tries = 0

  /** Undefined when no shape is known that fits. */
  read(text: string): TranscriptRow | undefined {
    for (const shape of this.#shapes) {
      const row = shape(text)
      if (row !== undefined) return row
    }
    return undefined
  }

  /** Of the text of a row that was parsed. */
  learn(text: string): void {
    if (this.#tries >= mostTries || this.#shapes.length >= mostShapes || text.length > mostCharacters) return
    this.#tries++
    const shape = shapeOf(text)
    if (shape !== undefined) this.#shapes.push(shape)
  }
}

/** Undefined where a member would be lost on the way. */
function shapeOf(text: string): Shape | undefined {
  const writer = new PatternWriter(text)
  if (!writer.whole()) return undefined
  const pattern = new RegExp(`^${writer.pattern}$`)
  const at = (path: Wanted) => writer.places.get(path) ?? 0
  const [id, written, provider, model, api] = [at("id"), at("timestamp"), at("message.provider"), at("message.model"), at("message.api")]
  const [response, stop, begun, run] = [at("message.responseId"), at("message.stopReason"), at("message.timestamp"), at("message.__openclaw.runId")]
  const [input, output, read, write] = [at("message.usage.input"), at("message.usage.output"), at("message.usage.cacheRead"), at("message.usage.cacheWrite")]
  const [longer, reasoning, total] = [at("message.usage.cacheWrite1h"), at("message.usage.reasoningTokens"), at("message.usage.totalTokens")]
  const cost = at("message.usage.cost.total")
  if (Math.min(input, output, read, write, total) === 0) return undefined
  return (row) => {
    const found = pattern.exec(row)
    if (found === null) return undefined
    const said = (place: number) => (place === 0 ? undefined : found[place])
    const number = (place: number) => (place === 0 ? undefined : Number(found[place]))
    const usage = {
      input: Number(found[input]),
      output: Number(found[output]),
      cacheRead: Number(found[read]),
      cacheWrite: Number(found[write]),
      cacheWrite1h: number(longer),
      reasoningTokens: number(reasoning),
      totalTokens: Number(found[total]),
      cost: cost === 0 ? undefined : { total: Number(found[cost]) },
    }
    const message = {
      provider: said(provider),
      model: said(model),
      api: said(api),
      responseId: said(response),
      stopReason: said(stop),
      timestamp: number(begun),
      usage,
      __openclaw: run === 0 ? undefined : { runId: found[run] },
    }
    return { row: { id: said(id), timestamp: said(written) }, message }
  }
}

const stringToken = /"[^"\\\p{Cc}]*"/uy
const numberToken = new RegExp(`${decimal}(?![\\d.eE])`, "y")
const wordToken = /true|false|null/y
const spaceToken = /[ \t\r\n]*/y
const special = /[\\^$.*+?()[\]{}|/]/g

/** Writes the pattern of a text that is JSON. Answers false where the text has something that no pattern tells. */
class PatternWriter {
  pattern = ""
  /** Which group of the pattern has a member. */
  readonly places = new Map<string, number>()
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  whole(): boolean {
    return this.#value("") && this.#space() && this.#at === this.#text.length
  }

  #value(path: string): boolean {
    this.#space()
    if (isWanted(path)) return this.#wanted(path)
    if (this.#mark("{")) return this.#members(path)
    // What is of interest stands in no list; an empty one is the content, cut out.
    if (this.#mark("[")) return this.#space() && this.#mark("]")
    if (this.#take(stringToken) !== undefined) return this.#write(`"${ascii}"`)
    if (this.#take(numberToken) !== undefined) return this.#write(decimal)
    const word = this.#take(wordToken)
    return word !== undefined && this.#write(word)
  }

  #wanted(path: Wanted): boolean {
    const what = wanted[path]
    const token = this.#take(what === ascii ? stringToken : numberToken)
    if (token === undefined || this.places.has(path)) return false
    this.places.set(path, this.places.size + 1)
    return this.#write(what === ascii ? `"(${what})"` : `(${what})`)
  }

  #members(path: string): boolean {
    const names = new Set<string>()
    this.#space()
    if (this.#mark("}")) return true
    do {
      this.#space()
      const name = this.#take(stringToken)?.slice(1, -1)
      // Of a name that stands twice the last one counts, which a pattern does not tell.
      if (name === undefined || name === "__proto__" || name.includes(".") || names.has(name)) return false
      names.add(name)
      const inner = path === "" ? name : `${path}.${name}`
      // Another provider's name for a count: its block is read by all of its members.
      if (path === usagePath && name !== "cost" && !isWanted(inner)) return false
      this.#write(escaped(`"${name}"`))
      if (!this.#space() || !this.#mark(":") || !this.#value(inner)) return false
      this.#space()
    } while (this.#mark(","))
    return this.#mark("}")
  }

  #mark(mark: string): boolean {
    if (this.#text[this.#at] !== mark) return false
    this.#at++
    return this.#write(escaped(mark))
  }

  #space(): boolean {
    return this.#write(this.#take(spaceToken) ?? "")
  }

  #take(token: RegExp): string | undefined {
    token.lastIndex = this.#at
    const found = token.exec(this.#text)?.[0]
    this.#at += found?.length ?? 0
    return found
  }

  #write(part: string): true {
    this.pattern += part
    return true
  }
}

function isWanted(path: string): path is Wanted {
  return Object.hasOwn(wanted, path)
}

function escaped(text: string): string {
  return text.replaceAll(special, "\\$&")
}
