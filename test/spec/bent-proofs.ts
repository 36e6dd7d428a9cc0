/** What can be done to the text of a proof or a note: bits, letters, lines, members, hashes, spellings. Seeded, so that a disagreement can be shown again. */
import fc from "fast-check"
import { anyCharacter } from "../any-character.ts"
import type { ProofCase } from "./proof-agreement.ts"

type Change = (text: string) => string
type Fields = Record<string, unknown>

const strange = [
  "\ufeff",
  "\u0085",
  "\u001c",
  "\u00a0",
  "\u2028",
  "\u180e",
  "\ud800",
  "\udc00",
  "\0",
  "\r",
  "\n",
  "\t",
  " ",
  "+",
  "=",
  "—",
  "é",
  "𝄞",
  '"',
  "\\",
  "{",
  "}",
  "[",
  "]",
  ",",
]

const place = fc.nat({ max: 1_000_000 })

/** On the text as it stands. */
const textChange: fc.Arbitrary<readonly [string, Change]> = fc.oneof(
  fc
    .tuple(place, fc.nat({ max: 6 }))
    .map(([at, bit]) => ["a bit", (text: string) => put(text, at, (unit) => String.fromCharCode(unit.charCodeAt(0) ^ (1 << bit)))] as const),
  fc
    .tuple(place, fc.constantFrom(...strange))
    .map(([at, unit]) => [`${JSON.stringify(unit)} put in`, (text: string) => put(text, at, (old) => unit + old)] as const),
  fc
    .tuple(place, fc.constantFrom(...strange))
    .map(([at, unit]) => [`a character made ${JSON.stringify(unit)}`, (text: string) => put(text, at, () => unit)] as const),
  fc
    .tuple(place, fc.integer({ min: 1, max: 90 }))
    .map(([at, length]) => ["a piece cut out", (text: string) => text.slice(0, at % text.length) + text.slice((at % text.length) + length)] as const),
  fc.tuple(place, place, fc.integer({ min: 1, max: 90 })).map(([from, to, length]) => {
    return [
      "a piece doubled",
      (text: string) => text.slice(0, to % text.length) + text.slice(from % text.length, (from % text.length) + length) + text.slice(to % text.length),
    ] as const
  }),
  fc
    .tuple(place, fc.base64String({ minLength: 1, maxLength: 4 }))
    .map(
      ([at, letters]) =>
        ["letters written over", (text: string) => text.slice(0, at % text.length) + letters + text.slice((at % text.length) + letters.length)] as const,
    ),
  fc.constantFrom("\n", "\r\n", "\n\n", " ", "\r", "x", "\ufeff").map((end) => [`${JSON.stringify(end)} at the end`, (text: string) => text + end] as const),
  fc.constantFrom(" ", "\n", "\ufeff", "x").map((begin) => [`${JSON.stringify(begin)} at the beginning`, (text: string) => begin + text] as const),
)

const anyValue = fc.oneof(
  fc.constantFrom<unknown>(null, true, 0, 1, 2, 1e21, -0, "", "A", "AA", "AAA", [], {}, ["AA"], "inclusion", "consistency", "\ud800"),
  fc.base64String({ maxLength: 60 }),
  fc.json().map((text): unknown => JSON.parse(text)),
)
const names = [
  "proofFormat",
  "proves",
  "entry",
  "idSalt",
  "id",
  "factsSalt",
  "facts",
  "contentSalt",
  "content",
  "inclusion",
  "checkpoint",
  "handOvers",
  "verifierKey",
  "older",
  "newer",
  "consistency",
]

/** On the members, written again in their one spelling. */
const memberChange: fc.Arbitrary<readonly [string, Change]> = fc.oneof(
  fc.tuple(fc.constantFrom(...names), anyValue).map(([name, value]) => [`${name} made another`, onFields((fields) => ({ ...fields, [name]: value }))] as const),
  fc
    .constantFrom(...names)
    .map((name) => [`${name} taken out`, onFields((fields) => Object.fromEntries(Object.entries(fields).filter(([other]) => other !== name)))] as const),
  fc
    .tuple(fc.constantFrom(...names), fc.constantFrom(...names))
    .map(([one, other]) => [`${one} and ${other} exchanged`, onFields((fields) => ({ ...fields, [one]: fields[other], [other]: fields[one] }))] as const),
  fc
    .tuple(place, place)
    .map(([from, to]) => ["members in another order", onFields((fields) => Object.fromEntries(moved(Object.entries(fields), from, to)))] as const),
  fc
    .tuple(fc.constantFrom("inclusion", "consistency", "handOvers"), place, place)
    .map(([name, from, to]) => [`${name} in another order`, onFields((fields) => changedList(fields, name, (list) => moved(list, from, to)))] as const),
  fc
    .tuple(fc.constantFrom("inclusion", "consistency", "handOvers"), place)
    .map(
      ([name, at]) =>
        [`a hash of ${name} taken out`, onFields((fields) => changedList(fields, name, (list) => list.toSpliced(at % (list.length || 1), 1)))] as const,
    ),
  fc
    .tuple(fc.constantFrom("inclusion", "consistency", "handOvers"), place, anyValue)
    .map(
      ([name, at, value]) =>
        [`something put into ${name}`, onFields((fields) => changedList(fields, name, (list) => list.toSpliced(at % (list.length + 1), 0, value)))] as const,
    ),
  fc
    .nat({ max: 2 })
    .chain((at) =>
      fc
        .oneof(textChange, noteChange)
        .map(
          ([what, change]) =>
            [
              `${what}, in a hand-over`,
              onFields((fields) => changedList(fields, "handOvers", (list) => list.map((note, index) => (index === at ? change(String(note)) : note)))),
            ] as const,
        ),
    ),
  fc
    .tuple(fc.constantFrom("checkpoint", "older", "newer", "facts", "content", "verifierKey", "id"), fc.nat({ max: 7 }))
    .chain(([name, _]) =>
      fc
        .oneof(textChange, noteChange)
        .map(
          ([what, change]) =>
            [`${what}, in ${name}`, onFields((fields) => (typeof fields[name] === "string" ? { ...fields, [name]: change(fields[name]) } : fields))] as const,
        ),
    ),
)

/** On the lines of a note. */
const noteChange: fc.Arbitrary<readonly [string, Change]> = fc.oneof(
  fc.tuple(place, place).map(([from, to]) => ["lines in another order", onLines((lines) => moved(lines, from, to))] as const),
  place.map((at) => ["a line taken out", onLines((lines) => lines.toSpliced(at % lines.length, 1))] as const),
  place.map((at) => ["a line doubled", onLines((lines) => lines.toSpliced(at % lines.length, 0, lines[at % lines.length] ?? ""))] as const),
  fc
    .tuple(
      fc.oneof(
        fc.constantFrom("witness.example/w", "a b", "a+b", "a\u0085b", "a\ufeffb", "a\u001cb", "a\u3000b", ""),
        fc.string({ unit: anyCharacter, maxLength: 6 }),
      ),
      fc.uint8Array({ minLength: 0, maxLength: 80 }),
    )
    .map(([name, bytes]) => ["another signature", (note: string) => `${note}— ${name} ${Buffer.from(bytes).toString("base64")}\n`] as const),
  fc
    .constantFrom("0", "01", "+1", "1e3", "9007199254740991", "9007199254740992", "9".repeat(30), "-1", " 1", "١")
    .map((size) => [`size ${size}`, onLines((lines) => lines.with(1, size))] as const),
)

/** Cases from good texts, each with one to three changes. */
export function bentProofs(texts: readonly string[], keys: readonly string[], count: number, seed: number): readonly ProofCase[] {
  return sampled(fc.oneof(textChange, memberChange), texts, keys, count, seed)
}

export function bentNotes(notes: readonly string[], keys: readonly string[], count: number, seed: number): readonly ProofCase[] {
  return sampled(fc.oneof(textChange, noteChange), notes, keys, count, seed)
}

function sampled(
  change: fc.Arbitrary<readonly [string, Change]>,
  texts: readonly string[],
  keys: readonly string[],
  count: number,
  seed: number,
): readonly ProofCase[] {
  const cases = fc.tuple(fc.constantFrom(...texts), fc.array(change, { minLength: 1, maxLength: 3 }), fc.integer({ min: 0, max: 9 }), fc.constantFrom(...keys))
  return fc.sample(cases, { numRuns: count, seed }).map(([text, steps, trust, key]) => ({
    what: `seed ${seed}: ${steps.map(([what]) => what).join(", then ")}`,
    text: steps.reduce((bent, [, step]) => (bent === "" ? bent : step(bent)), text),
    key: trust === 0 ? null : key,
  }))
}

function put(text: string, at: number, change: (unit: string) => string): string {
  const index = at % text.length
  return text.slice(0, index) + change(text[index] ?? "") + text.slice(index + 1)
}

function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const [taken] = list.slice(from % (list.length || 1), (from % (list.length || 1)) + 1)
  const left = list.toSpliced(from % (list.length || 1), 1)
  return taken === undefined ? left : left.toSpliced(to % list.length, 0, taken)
}

function onLines(change: (lines: readonly string[]) => readonly string[]): Change {
  return (note) => change(note.split("\n")).join("\n")
}

/** Texts that are no longer an object stay as they are. */
function onFields(change: (fields: Fields) => Fields): Change {
  return (text) => {
    try {
      const fields: unknown = JSON.parse(text)
      return typeof fields === "object" && fields !== null && !Array.isArray(fields) ? JSON.stringify(change(fields as Fields)) : text
    } catch {
      return text
    }
  }
}

function changedList(fields: Fields, name: string, change: (list: readonly unknown[]) => readonly unknown[]): Fields {
  const list = fields[name]
  return Array.isArray(list) ? { ...fields, [name]: change(list) } : fields
}
