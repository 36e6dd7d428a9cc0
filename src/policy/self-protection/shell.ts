/**
 * Reads a shell command the way a shell does, as far as it says which words a program will get: quotes, escapes, variables, substitutions, redirections,
 * here-documents, pipes and directories entered on the way. Nothing is run: what only running would tell stands as `unknownText` in the word.
 * One pass over the text; only texts that another shell would read (`sh -c '...'`) are read again, a few levels deep.
 */
import { CommandLine, type ShellEvents } from "./command-line.ts"
import { unknownText } from "./path-text.ts"

const deepest = 8
const longestDelimiter = 256

export class ShellReader {
  readonly #text: string
  readonly #events: ShellEvents
  #at = 0
  #depth = 0
  /** Open parentheses within the word: `(a|b)*` is a pattern of some shells. */
  #inWord = 0

  constructor(text: string, events: ShellEvents) {
    this.#text = text
    this.#events = events
  }

  read(): void {
    while (this.#at < this.#text.length) this.#list(undefined)
  }

  /** Commands up to the end of the text, or of the substitution. Answers what stands for their output. */
  #list(end: ")" | "`" | undefined): string {
    const line = new CommandLine(this.#events)
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at] ?? ""
      const isEnd = character === end && !(character === ")" && (line.isOpen || this.#inWord > 0))
      if (isEnd) {
        this.#at++
        return line.finish()
      }
      this.#step(character, line)
    }
    return line.finish()
  }

  #step(character: string, line: CommandLine): void {
    this.#at++
    const next = this.#text[this.#at]
    switch (character) {
      case " ":
      case "\t":
      case "\r":
        this.#inWord = 0
        return line.endWord()
      case "\n":
        line.endCommand()
        return this.#hereDocuments(line)
      case ";":
        return line.endCommand()
      case "|":
        if (next === "|" || next === "&") this.#at++
        return next === "|" ? line.endCommand() : line.endPiped()
      case "&":
        if (next === ">") return this.#redirect(line, ">")
        if (next === "&") this.#at++
        return line.endCommand()
      case "(":
        return line.inPlainWord ? this.#group(line, 1) : line.open()
      case ")":
        return this.#inWord > 0 ? this.#group(line, -1) : line.close()
      case "<":
      case ">":
        return this.#redirect(line, character)
      case "#":
        return line.inWord ? line.add(character) : this.#skipTo("\n")
      default:
        return this.#piece(character, line)
    }
  }

  #group(line: CommandLine, more: 1 | -1): void {
    this.#inWord += more
    line.add(more > 0 ? "(" : ")")
  }

  #piece(character: string, line: CommandLine): void {
    switch (character) {
      case "'":
        return line.add(this.#until("'"))
      case '"':
        return this.#doubleQuoted(line)
      case "\\":
        if (this.#text[this.#at] !== "\n") line.add(this.#text[this.#at] ?? "")
        this.#at++
        return
      case "$":
        return this.#dollar(line)
      case "`":
        return line.add(this.#substitution("`"))
      default:
        return line.add(character)
    }
  }

  #doubleQuoted(line: CommandLine): void {
    line.add("")
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at++] ?? ""
      if (character === '"') return
      if (character === "\\" && /["\\$`\n]/.test(this.#text[this.#at] ?? "")) line.add(this.#text[this.#at++] ?? "")
      else if (character === "$") this.#dollar(line)
      else if (character === "`") line.add(this.#substitution("`"))
      else line.add(character)
    }
  }

  #dollar(line: CommandLine): void {
    const next = this.#text[this.#at] ?? ""
    if (next === "(") {
      this.#at++
      return line.add(this.#substitution(")"))
    }
    if (next === "'") {
      this.#at++
      return line.add(unescaped(this.#until("'")))
    }
    if (next === "{") {
      this.#at++
      return line.add(this.#value(this.#until("}")))
    }
    const [name] = /^[A-Za-z_]\w{0,80}/.exec(this.#text.slice(this.#at, this.#at + 81)) ?? []
    if (name !== undefined) {
      this.#at += name.length
      return line.add(this.#value(name))
    }
    if (/[0-9@*#?$!-]/.test(next)) {
      this.#at++
      return line.add(unknownText)
    }
    line.add("$")
  }

  /** `NAME`, `NAME:-otherwise`, `NAME%suffix` and the like. */
  #value(inside: string): string {
    const [, name = "", rest = ""] = /^[!#]?([A-Za-z_]\w*)([^]*)$/.exec(inside) ?? []
    const value = this.#events.variable(name)
    if (value !== undefined) return value
    const [, otherwise] = /^:?[-=]([^]*)$/.exec(rest) ?? []
    return otherwise ?? (name === "PPID" ? "$PPID" : unknownText)
  }

  #substitution(end: ")" | "`"): string {
    if (this.#depth >= deepest) return unknownText
    this.#depth++
    this.#events.enter()
    const printed = this.#list(end)
    this.#events.leave()
    this.#depth--
    return printed
  }

  #redirect(line: CommandLine, first: string): void {
    line.dropNumber()
    let operator = first
    while (operator.length < 3 && /[<>&|]/.test(this.#text[this.#at] ?? "")) operator += this.#text[this.#at++] ?? ""
    if (operator === "<<") {
      if (this.#text[this.#at] === "-") this.#at++
      return line.expect("here-document")
    }
    if (this.#text[this.#at] === "(") {
      // <(command): the command runs; its output is a file without a name.
      this.#at++
      line.add(this.#substitution(")"))
      return line.endWord()
    }
    line.expect(operator === "<<<" ? "here-string" : operator.includes(">") ? "write" : "read")
  }

  #hereDocuments(line: CommandLine): void {
    const bodies = line.wanted.map((delimiter) => this.#body(delimiter))
    if (bodies.length > 0) line.give(bodies.join("\n"))
  }

  /** The lines up to the delimiter, which stands alone on its line. */
  #body(delimiter: string): string {
    const start = this.#at
    while (this.#at < this.#text.length) {
      const newline = this.#text.indexOf("\n", this.#at)
      const end = newline < 0 ? this.#text.length : newline
      const lineStart = this.#at
      this.#at = end + 1
      if (end - lineStart < longestDelimiter && this.#text.slice(lineStart, end).trim() === delimiter) return this.#text.slice(start, lineStart)
    }
    return this.#text.slice(start)
  }

  #until(end: string): string {
    const found = this.#text.indexOf(end, this.#at)
    const text = this.#text.slice(this.#at, found < 0 ? this.#text.length : found)
    this.#at += text.length + 1
    return text
  }

  #skipTo(end: string): void {
    const found = this.#text.indexOf(end, this.#at)
    this.#at = found < 0 ? this.#text.length : found
  }
}

function unescaped(text: string): string {
  return text.replace(/\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|([0-7]{1,3})|([^]))/g, (_, hex?: string, unit?: string, octal?: string, other?: string) => {
    if (hex ?? unit) return String.fromCharCode(Number.parseInt(hex ?? unit ?? "", 16))
    if (octal) return String.fromCharCode(Number.parseInt(octal, 8))
    return { n: "\n", t: "\t", r: "\r" }[other ?? ""] ?? other ?? ""
  })
}
