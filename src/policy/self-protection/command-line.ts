/** A list of shell commands while it is read: the words so far, the pipe they stand in, and what a program will find on its standard input. */
import { unknownText } from "./path-text.ts"

export type Redirect = { readonly writes: boolean; readonly target: string }

export type ShellCommand = {
  readonly words: readonly string[]
  readonly redirects: readonly Redirect[]
  /** What the program reads on its standard input, where that stands in the command: a here-document, or the words of an `echo` before the pipe. */
  readonly input: string | undefined
  /** The words of the command before the pipe. */
  readonly pipedFrom: readonly string[] | undefined
}

/** What happens with the commands, in order. It may change the variables between one and the next. */
export type ShellEvents = {
  readonly variable: (name: string) => string | undefined
  readonly command: (command: ShellCommand) => void
  readonly enter: () => void
  readonly leave: () => void
}

const longestTold = 400

type Expected = "word" | "write" | "read" | "here-document" | "here-string"

/** One list of commands while it is read: the words so far, and the pipe they stand in. */
export class CommandLine {
  readonly #events: ShellEvents
  #word: string[] = []
  #inWord = false
  #expected: Expected = "word"
  #words: string[] = []
  #redirects: Redirect[] = []
  #input: string | undefined
  #pipedFrom: readonly string[] | undefined
  #printed: string | undefined
  /** What the output of the pipe is about, where its text is not known. */
  #told = ""
  /** A command whose here-document has not been read yet. */
  #waiting: ShellCommand | undefined
  #wanted: string[] = []
  #opened = 0

  constructor(events: ShellEvents) {
    this.#events = events
  }

  get inWord(): boolean {
    return this.#inWord
  }

  /** In a word that is no list about to begin: `names=(a b)`. */
  get inPlainWord(): boolean {
    return this.#inWord && this.#word.at(-1) !== "="
  }

  /** Inside parentheses of its own. */
  get isOpen(): boolean {
    return this.#opened > 0
  }

  /** Delimiters of the here-documents that begin on the next line. */
  get wanted(): readonly string[] {
    return this.#wanted
  }

  add(text: string): void {
    this.#inWord = true
    if (text !== "") this.#word.push(text)
  }

  expect(what: Expected): void {
    this.endWord()
    this.#expected = what
  }

  /** The number before a redirection is no word. */
  dropNumber(): void {
    if (this.#inWord && /^\d$/.test(this.#word.join(""))) {
      this.#word = []
      this.#inWord = false
    }
  }

  endWord(): void {
    if (!this.#inWord) return
    const word = this.#word.join("")
    this.#word = []
    this.#inWord = false
    const expected = this.#expected
    this.#expected = "word"
    if (expected === "word") this.#words.push(word)
    else if (expected === "here-document") this.#wanted.push(word)
    else if (expected === "here-string") this.#input = word
    else this.#redirects.push({ writes: expected === "write", target: word })
  }

  endPiped(): void {
    this.#end(true)
  }

  endCommand(): void {
    this.#end(false)
  }

  open(): void {
    this.endCommand()
    this.#opened++
    this.#events.enter()
  }

  close(): void {
    this.endCommand()
    if (!this.isOpen) return
    this.#opened--
    this.#events.leave()
  }

  give(input: string): void {
    this.#wanted = []
    const command = this.#waiting
    this.#waiting = undefined
    if (command) this.#events.command({ ...command, input })
  }

  /** Ends everything; answers what the last `echo` would have printed, or what the output of another program is about. */
  finish(): string {
    this.endCommand()
    this.give("")
    while (this.isOpen) this.close()
    return this.#printed ?? unknownText + this.#told
  }

  #end(isPiped: boolean): void {
    this.endWord()
    const command = { words: this.#words, redirects: this.#redirects, input: this.#input, pipedFrom: this.#pipedFrom }
    this.#words = []
    this.#redirects = []
    const isEmpty = command.words.length === 0 && command.redirects.length === 0
    if (!isEmpty) {
      this.#printed = printedBy(command.words)
      // No slashes: this is no path, whatever it names.
      this.#told = `${command.pipedFrom ? this.#told : ""} ${command.words.join(" ")}`.replaceAll("/", "|").slice(0, longestTold)
      if (this.#wanted.length > 0 && this.#waiting === undefined) this.#waiting = command
      else this.#events.command(command)
    }
    this.#input = isPiped ? this.#printed : undefined
    this.#pipedFrom = isPiped ? command.words : undefined
  }
}

function printedBy(words: readonly string[]): string | undefined {
  const [program, ...rest] = words
  if (program !== "echo" && program !== "printf") return undefined
  const shown = rest.filter((word) => !/^-[neE]+$/.test(word))
  return program === "printf" && shown.length > 1 && /%[sb]/.test(shown[0] ?? "") ? shown.slice(1).join("") : shown.join(" ")
}
