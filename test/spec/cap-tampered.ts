/**
 * What somebody without the signing key can do to a cap proof, each in a line or two. `lines` are those of the file without their line feeds; `other` those of
 * a proof of another ledger that went through the same.
 */
import { factsHash, saltBytes } from "../../src/format/commitment.ts"
import { parseCapEntry, capEntryText } from "../../src/format/cap-proof.ts"
import { headerOffset } from "../../src/format/header.ts"

export type Lines = readonly string[]
export type CapChange = (lines: Lines, other: Lines) => Lines
export type CapTampering = readonly [what: string, change: CapChange]

type Fields = Record<string, unknown>

const swap = (lines: Lines, index: number, change: (line: string) => string): Lines => lines.with(index, change(lines.at(index) ?? ""))
const placeOf = (lines: Lines, words: string): number => {
  const found = lines.findIndex((line, at) => at > 0 && at < lines.length - 1 && line.includes(words))
  if (found < 0) throw new Error(`no entry has ${words}`)
  return found
}
/** In the first entry that has the words. */
const entry =
  (words: string, from: string | RegExp, to: string): CapChange =>
  (lines) =>
    swap(lines, placeOf(lines, words), (line) => replaced(line, from, to))
const replaced = (line: string, from: string | RegExp, to: string): string => {
  const changed = line.replace(from, to)
  if (changed === line) throw new Error(`nothing to replace: ${String(from)} in ${line}`)
  return changed
}
const member =
  (index: number, change: (fields: Fields) => Fields): CapChange =>
  (lines) =>
    swap(lines, index, (line) => JSON.stringify(change(JSON.parse(line) as Fields)))
const head = (change: (fields: Fields) => Fields) => member(0, change)
const end = (change: (fields: Fields) => Fields) => member(-1, change)
const statement = (from: string | RegExp, to: string) => end((fields) => ({ ...fields, statement: replaced(String(fields["statement"]), from, to) }))
const counted = (lines: Lines): Lines => end((fields) => ({ ...fields, entries: lines.length - 2 }))(lines, lines)
const listOf = (fields: Fields, name: string): string[] => fields[name] as string[]
const flipped = (text: string): string => {
  const bytes = Buffer.from(text, "base64url")
  bytes[9] = (bytes[9] ?? 0) ^ 4
  return bytes.toString("base64url")
}
/** Other facts, with the header's hash of them as it would be: all that somebody can do who cannot sign. */
const forgedFacts =
  (words: string, from: string | RegExp, to: string): CapChange =>
  (lines) =>
    swap(lines, placeOf(lines, words), (line) => {
      const { header, saltedFacts } = parseCapEntry(Buffer.from(line)) ?? { header: Buffer.alloc(0) }
      const [salt, facts] = [saltedFacts?.subarray(0, saltBytes) ?? Buffer.alloc(0), replaced(saltedFacts?.toString("utf8", saltBytes) ?? "", from, to)]
      const bent = Buffer.from(header)
      factsHash(salt, facts).copy(bent, headerOffset.factsHash)
      return capEntryText(bent, Buffer.concat([salt, Buffer.from(facts)]))
    })
const settled = '"id":"hold.settled:a#1"'
const placed = '"id":"hold.placed:b#1"'

export const capTamperings: readonly CapTampering[] = [
  ["what was drawn of an extension", entry('"id":"hold.settled:x#1"', '"500000000"', '"400000000"')],
  ["how much was asked for", entry('"id":"extension.asked:MORE42"', '"2000000000"', '"3000000000"')],
  ["an amount of a settlement", entry(settled, '"2800000000"', '"1800000000"')],
  ["an amount of a settlement, with its hash", forgedFacts(settled, '"2800000000"', '"1800000000"')],
  ["an amount of the last entry, with its hash", (lines) => forgedFacts('"id":"hold.settled:last#1"', '"1250000000"', '"250000000"')(lines, lines)],
  ["an amount of a hold, with its hash", forgedFacts(placed, '"1200000000"', '"200000000"')],
  ["the grade of a settlement", entry('"grade":"bound"', '"bound"', '"exact"')],
  ["the grade of a settlement, with its hash", forgedFacts('"grade":"bound"', '"bound"', '"exact"')],
  ["the budgets a hold counts in, with its hash", forgedFacts(placed, '"budgets":["monthly"]', '"budgets":["other"]')],
  ["the limit where it was set, with its hash", forgedFacts('"id":"budget.set:monthly@', '"12000000000"', '"92000000000"')],
  ["the limit where the period opened", entry('"id":"budget.opened:monthly@', '"10000000000"', '"90000000000"')],
  ["a posting left out", (lines) => lines.toSpliced(placeOf(lines, settled), 1)],
  ["a posting left out, and counted so", (lines) => counted(lines.toSpliced(placeOf(lines, settled), 1))],
  [
    "an entry that counts nowhere left out",
    (lines) =>
      counted(
        lines.toSpliced(
          lines.findIndex((line, at) => at > 0 && !line.includes(" ")),
          1,
        ),
      ),
  ],
  ["the last entry left out", (lines) => counted(lines.toSpliced(-2, 1))],
  ["the first entry left out", (lines) => counted(lines.toSpliced(1, 1))],
  ["an entry twice", (lines) => counted(lines.toSpliced(placeOf(lines, settled), 0, lines[placeOf(lines, settled)] ?? ""))],
  [
    "two entries in another order",
    (lines) => lines.with(placeOf(lines, placed), lines[placeOf(lines, settled)] ?? "").with(placeOf(lines, settled), lines[placeOf(lines, placed)] ?? ""),
  ],
  ["a hold hidden", (lines) => swap(lines, placeOf(lines, placed), (line) => line.slice(0, line.indexOf(" ")))],
  ["a settlement hidden", (lines) => swap(lines, placeOf(lines, settled), (line) => line.slice(0, line.indexOf(" ")))],
  ["the change of a limit hidden", (lines) => swap(lines, placeOf(lines, '"id":"budget.set:monthly@'), (line) => line.slice(0, line.indexOf(" ")))],
  ["a type that hides a hold", (lines) => swap(lines, placeOf(lines, placed), (line) => retyped(line, "hold.consumed"))],
  ["facts without their salt", (lines) => swap(lines, placeOf(lines, placed), (line) => line.split(" ").toSpliced(1, 1).join(" "))],
  ["another salt", (lines) => swap(lines, placeOf(lines, placed), (line) => line.split(" ").with(1, "AAAAAAAAAAAAAAAAAAAAAA").join(" "))],
  [
    "facts of an entry that has none to show",
    (lines) =>
      swap(
        lines,
        lines.findIndex((line, at) => at > 0 && !line.includes(" ")),
        (line) => `${line} AAAAAAAAAAAAAAAAAAAAAA {"id":"x"}`,
      ),
  ],
  ["white space in facts", entry(placed, '"attempt":1', '"attempt": 1')],
  [
    "a space at the end of a header",
    (lines) =>
      swap(
        lines,
        lines.findIndex((line, at) => at > 0 && !line.includes(" ")),
        (line) => `${line} `,
      ),
  ],
  [
    "padding in a header",
    (lines) =>
      swap(
        lines,
        lines.findIndex((line, at) => at > 0 && !line.includes(" ")),
        (line) => `${line}=`,
      ),
  ],
  [
    "a header in the other alphabet",
    (lines) =>
      swap(
        lines,
        lines.findIndex((line, at) => at > 0 && /[-_]/.test(line) && !line.includes(" ")),
        (line) => line.replaceAll("-", "+").replaceAll("_", "/"),
      ),
  ],
  ["an entry of another ledger", (lines, other) => lines.with(placeOf(lines, settled), other[placeOf(other, settled)] ?? "")],
  ["the end of another ledger's proof", (lines, other) => [...lines.slice(0, -1), other.at(-1) ?? ""]],
  ["the head of another ledger's proof", (lines, other) => [other[0] ?? "", ...lines.slice(1)]],
  [
    "the key of another ledger",
    (lines, other) => head((fields) => ({ ...fields, verifierKey: (JSON.parse(other[0] ?? "") as Fields)["verifierKey"] }))(lines, other),
  ],
  [
    "the checkpoint of another ledger",
    (lines, other) => head((fields) => ({ ...fields, checkpoint: (JSON.parse(other[0] ?? "") as Fields)["checkpoint"] }))(lines, other),
  ],
  [
    "the statement where the checkpoint stands",
    (lines) => head((fields) => ({ ...fields, checkpoint: (JSON.parse(lines.at(-1) ?? "") as Fields)["statement"] }))(lines, lines),
  ],
  [
    "the checkpoint where the statement stands",
    (lines) => end((fields) => ({ ...fields, statement: (JSON.parse(lines[0] ?? "") as Fields)["checkpoint"] }))(lines, lines),
  ],
  ["less spent in the statement", statement(/"spent":\{"moneyNanos":"\d+/, '"spent":{"moneyNanos":"1')],
  ["a smaller peak in the statement", statement(/"peak":\{"moneyNanos":\{"sequence":\d+,"amount":"\d/, '"peak":{"moneyNanos":{"sequence":30,"amount":"1')],
  ["a larger limit in the statement", statement('"moneyNanos":"10000000000"', '"moneyNanos":"20000000000"')],
  ["more that is known exactly", statement('"exact":{"postings":', '"exact":{"postings":1')],
  ["an open hold less", statement(/"open":\d+/, '"open":7')],
  ["a period that is not over, called over", statement('"running":false', '"running":true')],
  ["what is not proved left out", statement(/,"notProved":"[^"]+"/, "")],
  ["another time in the statement", statement(/"generatedAt":"2026/, '"generatedAt":"2025')],
  ["white space in the statement", statement('"schemaVersion":1', '"schemaVersion": 1')],
  ["another root in the statement", statement(/\n[^\n]{43}=\n\n/, `\n${"A".repeat(43)}=\n\n`)],
  ["two signature lines", statement(/(\u2014 [^\n]+\n)$/, "$1$1")],
  ["no signature line", statement(/\u2014 [^\n]+\n$/, "")],
  ["another budget", head((fields) => ({ ...fields, budget: "other" }))],
  ["a shorter period", head((fields) => ({ ...fields, endMs: Number(fields["endMs"]) - 86_400_000 }))],
  ["a period without an end", head(({ endMs: _, ...fields }) => fields)],
  ["a later beginning", head((fields) => ({ ...fields, startMs: Number(fields["startMs"]) + 1 }))],
  ["another first sequence", head((fields) => ({ ...fields, first: Number(fields["first"]) + 1 }))],
  ["a subtree changed", head((fields) => ({ ...fields, before: listOf(fields, "before").with(0, flipped(listOf(fields, "before")[0] ?? "")) }))],
  ["a subtree left out", head((fields) => ({ ...fields, before: listOf(fields, "before").slice(1) }))],
  ["a subtree more", head((fields) => ({ ...fields, before: [...listOf(fields, "before"), listOf(fields, "before")[0]] }))],
  ["the way to the checkpoint changed", end((fields) => ({ ...fields, after: listOf(fields, "after").with(0, flipped(listOf(fields, "after")[0] ?? "")) }))],
  ["the way to the checkpoint left out", end((fields) => ({ ...fields, after: [] }))],
  ["more entries than there are", end((fields) => ({ ...fields, entries: Number(fields["entries"]) + 1 }))],
  ["a member more in the head", head((fields) => ({ ...fields, note: "checked" }))],
  ["members of the head in another order", head(({ budget, ...fields }) => ({ ...fields, budget }))],
  ["a member more in the end", end((fields) => ({ ...fields, note: "checked" }))],
  ["a name twice in the head", (lines) => swap(lines, 0, (line) => replaced(line, '"budget":', '"budget":"other","budget":'))],
  ["a lone surrogate in the head", (lines) => swap(lines, 0, (line) => replaced(line, '"verifierKey":"', '"verifierKey":"\\ud800'))],
  ["an empty list of hand-overs", (lines) => swap(lines, 0, (line) => replaced(line, /\}$/, ',"handOvers":[]}'))],
  ["the end cut off", (lines) => lines.slice(0, -1)],
  ["half of the file", (lines) => lines.slice(0, lines.length >> 1)],
  ["half of the last line", (lines) => swap(lines, -1, (line) => line.slice(0, line.length >> 1))],
  ["the head alone", (lines) => lines.slice(0, 1)],
  ["head and end alone", (lines) => [lines[0] ?? "", lines.at(-1) ?? ""]],
  ["the end twice", (lines) => [...lines, lines.at(-1) ?? ""]],
]

/** Of those who made no proof of it. */
export const noCapProofs: readonly CapTampering[] = [
  ["no file at all", () => []],
  ["another format", head((fields) => ({ ...fields, capProofFormat: 2 }))],
  ["no head", (lines) => lines.slice(1)],
  ["a list where the head stands", (lines) => ["[]", ...lines.slice(1)]],
  ["half of the head", (lines) => [(lines[0] ?? "").slice(0, 50), ...lines.slice(1)]],
]

function retyped(line: string, type: string): string {
  const { header } = parseCapEntry(Buffer.from(line)) ?? { header: Buffer.alloc(0) }
  return capEntryText(Buffer.concat([header.subarray(0, headerOffset.typeLength), Buffer.of(type.length), Buffer.from(type)]), undefined)
}
