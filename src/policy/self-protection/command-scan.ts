/** What a shell command reaches for: its words read as its programs read them, directories and variables followed from one command to the next. */
import { codeTouches } from "./code.ts"
import type { ShellCommand } from "./command-line.ts"
import { fileTouches, inPlace, isInspector, type FileLook } from "./file-programs.ts"
import { hostCommandTouches, isHostProgram } from "./host-commands.ts"
import { canBe, locate, spellings, type Located } from "./path-text.ts"
import { changes, reads, touchAt, type Reach } from "./place-match.ts"
import { processTouches } from "./process-programs.ts"
import { codeFlags, endings, interpreters, keywords, shells, speaking, wrappers } from "./programs.ts"
import { ShellReader } from "./shell.ts"
import type { Surroundings } from "./surroundings.ts"
import type { Touch } from "./touch.ts"
import { masterKeyVariable, variableTouches } from "./variables.ts"

const deepest = 3
const mostLayers = 20
const mostVariables = 200
/** All that variables put into words and inner shells read, of one call: a value that doubles itself would grow without end. */
const mostGrown = 262_144

export type ScanOptions = {
  readonly cwd: readonly string[] | undefined
  /** Variables that the call sets itself. */
  readonly variables?: ReadonlyMap<string, string>
}

/** The text as a shell would read it. */
export function shellTouches(text: string, surroundings: Surroundings, options: ScanOptions): readonly Touch[] {
  const scan = new CommandScan(surroundings, options, 0, { left: mostGrown })
  scan.read(text)
  return scan.touches
}

class CommandScan implements FileLook {
  readonly touches: Touch[] = []
  readonly surroundings: Surroundings
  readonly #variables: Map<string, string>
  readonly #entered: (readonly string[] | undefined)[] = []
  readonly #depth: number
  readonly #growth: Growth
  #cwd: readonly string[] | undefined
  #isNear = true

  constructor(surroundings: Surroundings, { cwd, variables = new Map() }: ScanOptions, depth: number, growth: Growth) {
    this.surroundings = surroundings
    this.#variables = new Map([...surroundings.variables, ...variables])
    this.#depth = depth
    this.#growth = growth
    this.#move(cwd)
  }

  get cwd(): Located | undefined {
    return this.#cwd === undefined ? undefined : { parts: this.#cwd, from: "root" }
  }

  read(text: string): void {
    new ShellReader(text, {
      variable: (name) => this.#variable(name),
      command: (command) => this.#command(command),
      enter: () => void this.#entered.push(this.#cwd),
      leave: () => this.#move(this.#entered.pop()),
    }).read()
  }

  locate(text: string): readonly Located[] {
    return spellings(text).flatMap((spelling) => locate(spelling, { home: this.surroundings.home, cwd: this.#cwd }) ?? [])
  }

  /** Looks at a word that may be a path, or hold one behind a sign: `--file=path`, `@path`, `host:path`. */
  look(word: string, reach: Reach): void {
    if (isSentence(word) || (!this.#isNear && isPlainName(word))) return
    for (const located of pathsIn(word).flatMap((path) => this.locate(path))) this.lookAt(located, reach)
  }

  lookAt(located: Located | undefined, reach: Reach): void {
    this.note(located && touchAt(located, reach, this.surroundings))
  }

  note(...touches: readonly (Touch | undefined)[]): void {
    for (const touch of touches) if (touch) this.touches.push(touch)
  }

  /** Another shell reads this text. */
  again(text: string): void {
    if (this.#depth >= deepest || text === "" || !this.#mayGrow(text.length)) return
    const inner = new CommandScan(this.surroundings, { cwd: this.#cwd, variables: this.#variables }, this.#depth + 1, this.#growth)
    inner.read(text)
    this.note(...inner.touches)
  }

  #variable(name: string): string | undefined {
    if (name === masterKeyVariable) this.note({ what: "master key", access: "read" })
    if (name === "PWD") return this.#cwd === undefined ? undefined : `/${this.#cwd.join("/")}`
    const value = this.#variables.get(name)
    return value === undefined || this.#mayGrow(value.length) ? value : undefined
  }

  #mayGrow(length: number): boolean {
    this.#growth.left -= length
    return this.#growth.left >= 0
  }

  #move(cwd: readonly string[] | undefined): void {
    this.#cwd = cwd
    // Where nothing of ours is below, a name without a slash leads nowhere.
    this.#isNear = cwd === undefined || this.surroundings.places.some(({ parts }) => cwd.slice(0, parts.length).every((part, i) => canBe(part, parts[i] ?? "")))
  }

  #command({ words, redirects, ...given }: ShellCommand): void {
    for (const { writes, target } of redirects) this.look(target, writes ? changes : reads)
    this.#program(words, given, 0)
  }

  /** `layer`: so many programs have been taken off that only run another. */
  #program(words: readonly string[], given: Given, layer: number): void {
    const rest = this.#assignments(words.filter((word) => word !== ""))
    if (rest.length > 0 && layer < mostLayers) this.#run(rest, given, layer)
  }

  /** Settings in front of a command are of that command; those that stand alone are kept. */
  #assignments(words: readonly string[]): readonly string[] {
    let at = 0
    for (; at < words.length; at++) {
      const [, name, value] = /^([A-Za-z_]\w{0,80})\+?=([^]*)$/.exec(words[at] ?? "") ?? []
      if (name === undefined || value === undefined) break
      this.#set(name, value)
    }
    return words.slice(at)
  }

  #set(name: string, value: string): void {
    if (name === masterKeyVariable) this.note({ what: "master key", access: "change" })
    if (this.#variables.size < mostVariables) this.#variables.set(name, value)
  }

  #run([first = "", ...rest]: readonly string[], given: Given, layer: number): void {
    const { input, pipedFrom } = given
    if (keywords.has(first) || /\(\)\{?$/.test(first)) return this.#program(rest, given, layer + 1)
    if (first === "for") return this.#loop(rest)
    if (endings.has(first)) return
    const program = nameOf(first)
    const wrapper = wrappers.get(program)
    if (wrapper && rest.length > 0) {
      const inner = unwrapped(program, rest, wrapper)
      const more = program === "xargs" ? pipedWords(input, pipedFrom) : []
      if (inner.length > 0) return this.#program([...inner, ...more], given, layer + 1)
    }
    this.note(...variableTouches(program, rest, pipedFrom), ...processTouches(program, rest, this.surroundings, pipedFrom))
    this.note(...hostCommandTouches(first, rest, input))
    if (program === "cd" || program === "pushd") return this.#enter(rest)
    if (program === "export" || program === "declare" || program === "readonly") return void this.#assignments(rest.filter((word) => !word.startsWith("-")))
    if (program === "eval") return this.again(rest.join(" "))
    if (shells.has(program) || program === "su" || program === "watch" || program === "script") return this.#shell(program, rest, input)
    if (interpreters.test(program)) return this.#interpreter(program, rest, input)
    if (speaking.has(program) || isHostProgram(program)) return
    if (rest.some(isInspector)) this.note({ what: "gateway process", access: "change" })
    // The program itself may be one of our files, run by its path.
    if (first.includes("/")) this.look(first, reads)
    fileTouches(program, rest, this)
  }

  #loop([name = "", ...rest]: readonly string[]): void {
    const values = rest.slice(1)
    if (rest[0] === "in" && values.length > 0) this.#set(name, values.length === 1 ? (values[0] ?? "") : `{${values.join(",")}}`)
  }

  #enter(rest: readonly string[]): void {
    const target = rest.find((word) => !/^-./.test(word))
    if (target === "-") return this.#move(undefined)
    const [located] = target === undefined ? [undefined] : this.locate(target)
    this.lookAt(located, reads)
    if (target === undefined) this.#move(this.surroundings.home)
    else this.#move(located && located.from !== "loose" ? located.parts : undefined)
  }

  #shell(program: string, rest: readonly string[], input: string | undefined): void {
    const flag = rest.findIndex((word) => /^-[a-z]*c$/.test(word) || word === "--command")
    if (flag >= 0) this.again(rest[flag + 1] ?? "")
    else if (program === "watch") this.again(rest.filter((word) => !word.startsWith("-")).join(" "))
    else if (input !== undefined) this.again(input)
    for (const word of rest) if (!/\s/.test(word)) this.look(word, reads)
  }

  #interpreter(program: string, rest: readonly string[], input: string | undefined): void {
    const isAwk = !rest.some((word) => codeFlags.test(word)) && rest.some((word) => /[{}]/.test(word))
    const code = rest.filter((word, i) => codeFlags.test(rest[i - 1] ?? "") || /[\n;(){}]/.test(word))
    if (input !== undefined) code.push(input)
    const reach = !isAwk && /^(?:perl|ruby)/.test(program) && inPlace(rest) ? changes : reads
    const again = this.#depth < deepest ? (text: string) => this.again(text) : () => {}
    for (const text of code) this.note(...codeTouches(text, this.surroundings, this.#cwd, again))
    for (const word of rest) if (!code.includes(word) || !/[\s(;]/.test(word)) this.look(word, reach)
  }
}

/** What `xargs` is given, where that can be read: the words of an `echo`, or the places that `find` and `ls` list. */
function pipedWords(input: string | undefined, [program, ...words]: readonly string[] = []): readonly string[] {
  if (input !== undefined) return input.split(/\s+/).filter((word) => word !== "")
  if (program !== "find" && program !== "ls") return []
  const firstTest = words.findIndex((word) => /^[-(!]/.test(word))
  return program === "ls" ? words.filter((word) => !word.startsWith("-")) : words.slice(0, firstTest < 0 ? words.length : firstTest)
}

function nameOf(word: string): string {
  const name = word.slice(word.lastIndexOf("/") + 1).toLowerCase()
  return name.endsWith(".exe") ? name.slice(0, -4) : name
}

function unwrapped(program: string, rest: readonly string[], { valued, own = 0 }: { readonly valued: string; readonly own?: number }): readonly string[] {
  let at = 0
  while (at < rest.length && (rest[at] ?? "").startsWith("-")) {
    const flag = rest[at] ?? ""
    at += /^-[a-zA-Z]$/.test(flag) && valued.includes(flag[1] ?? " ") ? 2 : 1
  }
  if (program === "env") while (/^[A-Za-z_]\w*=/.test(rest[at] ?? "") && !(rest[at] ?? "").startsWith(`${masterKeyVariable}=`)) at++
  return rest.slice(at + own)
}

type Growth = { left: number }
type Given = Pick<ShellCommand, "input" | "pipedFrom">

function isPlainName(word: string): boolean {
  return !/[/~.*?[{=:@\ue000]/.test(word)
}

/** Said, not opened: a path with blanks in it begins like a path. */
function isSentence(word: string): boolean {
  return /\s/.test(word) && !/^[/~.\ue000]/.test(word)
}

const signs = /^(?:-[a-zA-Z]|--?[\w-]+=|[\w.-]*=?@|[\w.@-]+:(?=[/~.]))/

function pathsIn(word: string): readonly string[] {
  const [sign = ""] = signs.exec(word) ?? []
  const behind = sign === "" ? [] : [word.slice(sign.length)]
  // Volumes and search paths: `/from:/to:ro`.
  const listed = word.includes(":/") && !word.includes("://") ? word.split(":", 4) : []
  const set = word.includes("=") ? [word.slice(word.indexOf("=") + 1)] : []
  return word.startsWith("-") ? [...behind, ...set] : [word, ...behind, ...listed, ...set]
}
