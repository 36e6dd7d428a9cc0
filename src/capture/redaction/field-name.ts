/** Whether a name is that of a secret: of a JSON field, a variable, a header, a flag, a query parameter. */
import { describingFields, describingHeads, describingTails, harmlessKeys, harmlessTokens, neutralTails, nouns } from "./name-words.ts"

export type SecretName = {
  readonly kind: string
  /** False when the name only mentions a secret: then the value must look like one. */
  readonly sure: boolean
  readonly plural: boolean
  /** Numbers under it are secrets. */
  readonly numeric: boolean
}

/** How the marks begin that stand where secrets stood; a name with one in it says nothing any more. */
export const markBegin = "[redacted:"

const wordShape = /\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\d+|[^\0-\x7f]+/gu
const mostLetters = 64
const mostNames = 4096

const kindOfWord = new Map(nouns.flatMap(({ kind, words }) => words.map((word) => [word, kind] as const)))
const kindOfPair = new Map(nouns.flatMap(({ kind, pairs = [] }) => pairs.map((pair) => [pair.join(" "), kind] as const)))
const numericKinds = new Set(nouns.filter((noun) => noun.numeric).map((noun) => noun.kind))
const neutral = new Set(neutralTails)
const describing = new Set(describingTails)
const heads = new Set(describingHeads)
const harmless = new Set(harmlessTokens)
const openKeys = new Set(harmlessKeys)
/** How variables of an environment are written. */
const variable = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/
const fields = new Set(describingFields)
/** Nouns that are also found at the end of a word written together; short ones would be found everywhere. */
const endings = [...kindOfWord.keys()].filter((word) => word.length >= 6 && word !== "bearer" && word !== "cookie" && word !== "mnemonic")
endings.push("token")

/** The same few hundred names come again and again; a flood of new ones only empties the memory. */
const known = new Map<string, SecretName | null>()

export function secretName(name: string): SecretName | undefined {
  if (name.includes(markBegin)) return undefined
  if (name.length > mostLetters) return read(name.slice(-mostLetters))
  let found = known.get(name)
  if (found === undefined) {
    if (known.size >= mostNames) known.clear()
    found = read(name) ?? null
    known.set(name, found)
  }
  return found ?? undefined
}

/** A field that only describes, such as the `type` or `username` of a credential. */
export function describes(name: string): boolean {
  const words = wordsOf(name)
  const last = words.at(-1) ?? ""
  return fields.has(last) || describing.has(last)
}

function read(name: string): SecretName | undefined {
  const words = wordsOf(name)
  let end = words.length
  while (end > 1 && (neutral.has(words[end - 1] ?? "") || /^\d/.test(words[end - 1] ?? ""))) end--
  const last = words[end - 1] ?? ""
  const kind = nounAt(words, end)
  if (kind !== undefined) {
    if (words.slice(0, end - 1).some((word) => heads.has(word))) return undefined
    const plural = last.endsWith("s") && last !== "words"
    if (kind === "token" && (harmless.has(words[end - 2] ?? "") || (plural && words.length > end))) return undefined
    return { kind, sure: true, plural, numeric: numericKinds.has(kind) && !plural }
  }
  if (describing.has(last) || describing.has(words.at(-1) ?? "")) return undefined
  for (let before = end - 1; before > 0; before--) {
    const mentioned = nounAt(words, before)
    if (mentioned !== undefined && mentioned !== "cookie") return { kind: mentioned, sure: false, plural: false, numeric: false }
  }
  const isKey = last === "key" && variable.test(name) && !words.some((word) => openKeys.has(word))
  return isKey ? { kind: "api-key", sure: false, plural: false, numeric: false } : undefined
}

function wordsOf(name: string): readonly string[] {
  return (name.match(wordShape) ?? []).map((word) => word.toLowerCase())
}

/** The kind of secret that the words before `end` name. */
function nounAt(words: readonly string[], end: number): string | undefined {
  const last = words[end - 1] ?? ""
  const pair = kindOfPair.get(`${words[end - 2] ?? ""} ${last === "keys" ? "key" : last}`)
  if (pair !== undefined) return pair
  const kind = kindOfWord.get(last)
  if (kind !== undefined || last.length < 8) return kind
  const ending = endings.find((ending) => last.endsWith(ending))
  return ending === undefined ? undefined : (kindOfWord.get(ending) ?? ending)
}
