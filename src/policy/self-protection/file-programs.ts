/** Programs that work on files, and how far each of them reaches. */
import type { Located } from "./path-text.ts"
import { canBe, hasPattern, isAnything } from "./path-text.ts"
import { changes, changesTree, copies, movesDirectory, reads, searches, type Reach } from "./place-match.ts"
import { changing, copying, listing, owning, searching, searchingAlways } from "./programs.ts"
import { pluginName, type Surroundings } from "./surroundings.ts"
import type { Touch } from "./touch.ts"

/** What a program's words are looked at with. */
export type FileLook = {
  readonly surroundings: Surroundings
  readonly cwd: Located | undefined
  readonly look: (word: string, reach: Reach) => void
  readonly lookAt: (located: Located | undefined, reach: Reach) => void
  readonly locate: (text: string) => readonly Located[]
  readonly note: (...touches: readonly (Touch | undefined)[]) => void
  readonly again: (text: string) => void
}

export function fileTouches(program: string, words: readonly string[], look: FileLook): void {
  if (program === "find" || program === "fd" || program === "fdfind") return find(program, words, look)
  if (copying.has(program)) return copy(program, words, look)
  if (searching.has(program)) return search(program, words, look)
  if (listing.has(program)) return list(program, words, look)
  if (owning.has(program)) return each(words, look, recursive(words) ? changesTree : movesDirectory)
  if (program === "sed") return edit(words, look)
  if (program === "dd")
    return each(words, look, words.some((word) => word.startsWith("of=")) && !words.some((word) => word.startsWith("if=")) ? changes : reads, dd)
  if (program === "sqlite3" || program === "sqlite") return query(words, look)
  if (program === "curl" || program === "wget") return transfer(words, look)
  if (program === "unzip" || program === "bsdtar") return each(words, look, words.includes("-d") || words.includes("-C") ? changes : reads)
  if (program === "git") return each(words, look, words.some((word) => versionChanges.test(word)) ? changes : reads)
  if (program === "yq") return each(words, look, inPlace(words) ? changes : reads)
  each(words, look, changing.has(program) ? changes : reads)
}

/** What git writes into the files it is given. */
const versionChanges = /^(?:checkout|restore|clean|rm|mv|reset|apply|stash|switch)$/

function each(words: readonly string[], look: FileLook, reach: Reach, reachOf: (word: string, reach: Reach) => Reach = (_, usual) => usual): void {
  for (const word of words) look.look(word, reachOf(word, reach))
}

function dd(word: string): Reach {
  return word.startsWith("of=") ? changes : reads
}

function recursive(words: readonly string[]): boolean {
  return words.some((word) => /^-[a-zA-Z]*[rR]/.test(word) || word === "--recursive" || word === "-a" || word === "--archive")
}

function plain(words: readonly string[]): readonly string[] {
  return words.filter((word) => !word.startsWith("-"))
}

function copy(program: string, words: readonly string[], look: FileLook): void {
  const taking = program === "ln" ? reads : program === "cp" || program === "scp" || program === "install" ? (hasRecursion(words) ? copies : reads) : copies
  if (program === "tar") return archive(words, look)
  const paths = plain(words)
  const archived = program === "zip" ? paths[0] : program === "7z" ? paths[1] : undefined
  const isInto = (word: string, i: number) => (archived === undefined ? i === words.length - 1 && paths.length > 1 : word === archived)
  for (const [i, word] of words.entries()) look.look(word, isInto(word, i) ? changes : taking)
}

function hasRecursion(words: readonly string[]): boolean {
  return words.some((word) => /^-[a-zA-Z]*[rRa]/.test(word) || word === "--recursive" || word === "--archive")
}

function archive(words: readonly string[], look: FileLook): void {
  const [mode = ""] = words
  const extracts = /^-?[a-zA-Z]*x/.test(mode) || words.includes("--extract")
  for (const [i, word] of words.entries()) {
    const before = words[i - 1] ?? ""
    const isFile = /^-?[a-zA-Z]*f$/.test(before)
    look.look(word, isFile ? (extracts ? reads : changes) : extracts ? changes : copies)
  }
  const moved = words.findIndex((word) => word === "-C" || word === "--directory")
  const into = moved < 0 ? undefined : words[moved + 1]
  if (into === undefined) return
  // What follows is seen from there: `tar c -C ~/.openclaw sovereign-ledger`.
  for (const word of plain(words.slice(moved + 2))) look.look(`${into}/${word}`, extracts ? changes : copies)
}

function search(program: string, words: readonly string[], look: FileLook): void {
  const isTree = searchingAlways.has(program) || recursive(words)
  const hasPatternFlag = words.some((word) => word === "-e" || word === "-f" || word.startsWith("--regexp") || word === "--files")
  const paths = plain(words).slice(hasPatternFlag ? 0 : 1)
  for (const word of paths) look.look(word, isTree ? searches : reads)
  if (isTree && paths.length === 0) look.lookAt(look.cwd, searches)
}

function list(program: string, words: readonly string[], look: FileLook): void {
  const isTree = program === "tree" || words.some((word) => /^-[a-zA-Z]*R/.test(word))
  const paths = plain(words)
  for (const word of paths) look.look(word, isTree ? searches : reads)
  if (paths.length === 0) look.lookAt(look.cwd, isTree ? searches : reads)
}

function edit(words: readonly string[], look: FileLook): void {
  const hasScript = words.some((word) => word === "-e" || word === "-f" || word.startsWith("--expression"))
  for (const word of plain(words).slice(hasScript ? 0 : 1)) look.look(word, inPlace(words) ? changes : reads)
}

/** Writes its result over what it read. */
export function inPlace(words: readonly string[]): boolean {
  return words.some((word) => /^-[a-zA-Z0-9]*i/.test(word) || word.startsWith("--in-place") || word.startsWith("--inplace"))
}

function query(words: readonly string[], look: FileLook): void {
  const isChange = words.some((word) => /\b(?:insert|update|delete|drop|alter|replace|vacuum|create)\b/i.test(word))
  each(words, look, isChange ? changes : reads)
}

const outputFlags = /^(?:-[a-zA-Z]*[oOP]|--output|--output-document|--directory-prefix)$/
const inspector = /(?:127\.0\.0\.1|localhost|\[::1\]|0\.0\.0\.0):9229\b/i

function transfer(words: readonly string[], look: FileLook): void {
  for (const [i, word] of words.entries()) {
    look.look(word, outputFlags.test(words[i - 1] ?? "") || word.startsWith("--output=") ? changes : reads)
  }
}

/** The port on which Node's inspector listens when nobody names another. */
export function isInspector(text: string): boolean {
  return inspector.test(text)
}

const deletes = /^-(?:delete|exec|execdir|ok|fprint|fls)$/

function find(program: string, words: readonly string[], look: FileLook): void {
  const firstTest = words.findIndex((word) => /^[-(!]/.test(word) || word === "\\(")
  const starts = program === "find" ? words.slice(0, firstTest < 0 ? words.length : firstTest) : plain(words).slice(1)
  const names = program === "find" ? words.filter((_, i) => /^-i?(?:name|path|wholename|regex)$/.test(words[i - 1] ?? "")) : plain(words).slice(0, 1)
  const acts = words.some((word) => deletes.test(word))
  const isDeleting =
    words.includes("-delete") || words.some((word, i) => /^-(?:exec|ok)/.test(words[i - 1] ?? "") && /^(?:rm|shred|mv|chmod|chown|truncate|unlink)$/.test(word))
  const from = starts.length > 0 ? starts.flatMap((start) => look.locate(start)) : look.cwd === undefined ? [] : [look.cwd]
  const wanted = names.length === 0 || names.some((name) => isOurName(name, look.surroundings))
  for (const start of from) {
    look.lookAt(start, reads)
    // Nothing but names of ours, looked for anywhere above us; or everything, and something done with it.
    if (names.some((name) => isTelling(name, look.surroundings))) look.lookAt(start, isDeleting ? changesTree : copies)
    else if (wanted && (acts || (names.length > 0 && !names.some(hasPattern)))) look.lookAt(start, isDeleting ? changesTree : searches)
  }
  const exec = words.findIndex((word) => /^-(?:exec|ok)/.test(word))
  if (exec >= 0)
    look.again(
      words
        .slice(exec + 1)
        .map((word) => (word === "{}" ? "" : word))
        .join(" "),
    )
}

/** A pattern that only our files, or hardly any others, have. */
function isTelling(name: string, surroundings: Surroundings): boolean {
  const letters = name.toLowerCase().replace(/[*?]/g, "")
  if (letters.includes(pluginName) || letters.includes("sovereign") || letters.includes(".head.note")) return true
  if (letters === "openclaw.json" || letters === "journal.db" || letters === "scopes.db") return true
  const isKey = surroundings.places.some(({ what, parts }) => what === "master key" && parts.at(-1) === letters)
  return isKey || (letters.endsWith(".key") && isOurName(name, surroundings))
}

function isOurName(name: string, { places }: Surroundings): boolean {
  const pattern = name.toLowerCase().split("/").at(-1) ?? ""
  if (isAnything(pattern)) return true
  const names = places.map(({ parts }) => parts.at(-1) ?? "").concat("journal.db", "scopes.db", "keys.json", "views.db")
  const keys = places.some(({ what }) => what === "master key") && (pattern === "*.key" || pattern === "*key*" || pattern === "*.ke?")
  return keys || names.some((one) => one === pattern || (hasPattern(pattern) && canBe(pattern, one)))
}
