/**
 * What somebody without the signing key can do to an export, and what a verifier has to say to it. A row: name, export it starts from, expected
 * verdict, change. `lines` are those of the file without their line feeds; the last one is the end line.
 */
import { factsHash, saltBytes, saltedText } from "../../src/format/commitment.ts"
import { bytesOfRow, exportRow } from "../../src/format/export-row.ts"
import { headerOffset } from "../../src/format/header.ts"

export type Lines = readonly string[]
export type ExportName = "complete" | "with content" | "filtered" | "limited"
export type Verdict = "valid" | "invalid" | "unverifiable"
export type Change = (lines: Lines, other: Lines) => Lines
export type Tampering = readonly [name: string, from: ExportName, expected: Verdict, change: Change]

type Fields = Record<string, unknown>
type Row = Fields & { readonly proven: Fields }

const at = (lines: Lines, index: number, change: (line: string) => string): Lines =>
  lines.map((line, i) => (i === (index < 0 ? lines.length + index : index) ? change(line) : line))
const rewritten = (line: string, change: (row: Row) => unknown) => {
  const row = JSON.parse(line) as Row
  return JSON.stringify(change(row) ?? row)
}
const row =
  (index: number, change: (row: Row) => unknown): Change =>
  (lines) =>
    at(lines, index, (line) => rewritten(line, change))
const end = (change: (end: Fields) => unknown): Change => row(-1, change)
const set = (fields: Fields) => (row: Fields) => ({ ...row, ...fields })
const inProven = (fields: Fields) => (row: Row) => ({ ...row, proven: { ...row.proven, ...fields } })
const raw =
  (index: number, from: string | RegExp, to: string): Change =>
  (lines) =>
    at(lines, index, (line) => {
      const changed = line.replace(from, to)
      if (changed === line) throw new Error(`line ${index} has no ${String(from)}`)
      return changed
    })
/** One bit of a base64url text flipped, in a byte of the middle. */
const flipped = (value: unknown) => {
  const bytes = Buffer.from(String(value), "base64url")
  const middle = bytes.length >> 1
  bytes[middle] = (bytes[middle] ?? 0) ^ 1
  return bytes.toString("base64url")
}
const without = (name: string) => (row: Fields) => Object.fromEntries(Object.entries(row).filter(([key]) => key !== name))
const counted = (lines: Lines, rows: number): Lines => [...lines.slice(0, rows), rewritten(lines.at(-1) ?? "", set({ rows }))]

/** Other facts, with every hash and readable field as they would be: all that somebody can do who cannot sign. */
const forged = (row: Row) => {
  const bytes = bytesOfRow(row, "a row")
  const salt = bytes.saltedFacts.subarray(0, saltBytes)
  const facts = '{"id":"forged"}'
  const header = Buffer.from(bytes.header)
  factsHash(salt, facts).copy(header, headerOffset.factsHash)
  const labels = { session: null, sender: null, user: null, machine: null }
  return exportRow({ ...bytes, header, saltedFacts: saltedText(salt, facts) }, labels) as unknown as Row
}

/** A hand-over changed in the end line. */
const handedOver = (index: number, change: (note: string) => string) => (line: Fields) => ({
  ...line,
  handOvers: (line["handOvers"] as string[]).map((note, i) => (i === index ? change(note) : note)),
})
const listOf = (line: Fields) => line["handOvers"] as string[]

const noted = (change: (note: string) => string) => (line: Fields) => ({ ...line, checkpoint: change(String(line["checkpoint"])) })
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
const next = (letter: string) => alphabet[(alphabet.indexOf(letter) + 1) % 64] ?? ""
const wrongly = (note: string) => note.replace(/(\u2014 \S+ .{30})(.)/, (_, before: string, letter: string) => before + next(letter))

const readable: readonly Tampering[] = Object.entries({
  id: "tool.invoked:forged",
  sequence: 6,
  source: "forged",
  orgId: "acme",
  eventType: "tool.allowed",
  type: "tool.returned",
  category: "agent",
  description: "nothing happened",
  contentHash: null,
  previousHash: "00".repeat(32),
  createdAt: "2026-11-20T00:00:00.000Z",
  metadata: {},
  content: { text: "forged" },
  anchor: { txHash: "00" },
}).map(([name, value]) => [`readable ${name}`, "with content", "invalid", row(5, set({ [name]: value }))] as const)

const proven: readonly Tampering[] = ["entry", "factsSalt", "contentSalt"]
  .map((name) => [`proven ${name}`, "with content", "invalid", row(5, (line) => inProven({ [name]: flipped(line.proven[name]) })(line))] as const)
  .map((tampering) => [...tampering] as Tampering)

export const tamperings: readonly Tampering[] = [
  ...readable,
  ...proven,
  ["proven facts", "with content", "invalid", row(5, (line) => inProven({ facts: `${String(line.proven["facts"])} ` })(line))],
  ["proven content", "with content", "invalid", row(5, (line) => inProven({ content: `${String(line.proven["content"])} ` })(line))],
  ["facts and metadata together", "complete", "invalid", row(5, (line) => set({ metadata: {} })(inProven({ facts: '{"id":"x"}' })(line)))],
  ["the last entry forged with all its hashes", "complete", "invalid", row(-2, forged)],
  ["an entry forged with all its hashes", "filtered", "invalid", row(3, forged)],
  ["padding in base64url", "complete", "invalid", row(5, (line) => inProven({ entry: `${String(line.proven["entry"])}=` })(line))],
  ["the other base64 alphabet", "complete", "invalid", row(5, (line) => inProven({ entry: `${String(line.proven["entry"])}/` })(line))],
  ["a proven member removed", "complete", "invalid", row(5, (line) => ({ ...line, proven: without("factsSalt")(line.proven) }))],
  ["content without its proof", "with content", "invalid", row(5, (line) => ({ ...line, proven: without("content")(line.proven) }))],
  [
    "content cut out of a row",
    "with content",
    "valid",
    row(5, (line) => ({ ...without("content")(line), proven: without("content")(without("contentSalt")(line.proven)) })),
  ],
  ["a member more in a row", "complete", "invalid", row(5, set({ note: "checked" }))],
  ["a member more in proven", "complete", "invalid", row(5, inProven({ note: "checked" }))],
  ["a row without a member", "complete", "invalid", row(5, without("orgId"))],
  ["a description twice, the forged one first", "complete", "invalid", raw(5, '"description":', '"description":"forged","description":')],
  ["white space in a row", "complete", "invalid", raw(5, '"sequence":', '"sequence": ')],
  ["another number form", "complete", "invalid", raw(5, '"sequence":5', '"sequence":5.0')],
  ["an escape where none is needed", "complete", "invalid", raw(5, '"category":"s', '"category":"\\u0073')],
  ["members in another order", "complete", "invalid", row(5, ({ id, ...rest }) => ({ ...rest, id }))],
  [
    "metadata in another order",
    "complete",
    "invalid",
    row(2, (line) => set({ metadata: Object.fromEntries(Object.entries(line["metadata"] as Fields).reverse()) })(line)),
  ],
  [
    "words of an unknown type",
    "complete",
    "valid",
    row(5, (line) => set({ eventType: line["type"], category: String(line["type"]).split(".")[0], description: "an event of a newer version" })(line)),
  ],
  ["words of an unknown type, half", "complete", "invalid", row(5, set({ description: "an event of a newer version" }))],
  ["a row that is no object", "complete", "invalid", (lines) => at(lines, 5, () => "[]")],
  ["a row that is no JSON", "complete", "invalid", (lines) => at(lines, 5, (line) => line.slice(0, -1))],

  ["labels changed", "with content", "valid", row(5, set({ sessionId: "somebody \u2028 else", userId: "eve", machineId: "\ud800" }))],
  [
    "labels removed",
    "filtered",
    "valid",
    (lines) => lines.map((line, i) => (i === lines.length - 1 ? line : rewritten(line, set({ sessionId: null, userId: null, machineId: null })))),
  ],
  ["a label that is no text", "complete", "invalid", row(5, set({ sessionId: 7 }))],
  ["an empty label", "complete", "invalid", row(5, set({ userId: "" }))],
  ["a label missing", "complete", "invalid", row(5, without("machineId"))],

  ["the first row dropped", "complete", "invalid", (lines) => lines.slice(1)],
  ["a row dropped", "complete", "invalid", (lines) => lines.toSpliced(60, 1)],
  ["a row dropped, and counted so", "complete", "invalid", (lines) => counted(lines.toSpliced(60, 1), lines.length - 2)],
  ["the last row dropped, and counted so", "complete", "invalid", (lines) => counted(lines, lines.length - 2)],
  ["two rows swapped", "complete", "invalid", (lines) => lines.with(7, lines[8] ?? "").with(8, lines[7] ?? "")],
  ["a row twice", "complete", "invalid", (lines) => lines.toSpliced(7, 0, lines[7] ?? "")],
  ["a row dropped", "filtered", "invalid", (lines) => lines.toSpliced(3, 1)],
  ["a row dropped, and counted so: nothing promises that all are there", "filtered", "valid", (lines) => counted(lines.toSpliced(3, 1), lines.length - 2)],
  ["two rows swapped", "filtered", "invalid", (lines) => lines.with(3, lines[4] ?? "").with(4, lines[3] ?? "")],
  ["a row twice", "filtered", "invalid", (lines) => counted(lines.toSpliced(3, 0, lines[3] ?? ""), lines.length)],
  ["no rows", "filtered", "valid", (lines) => counted(lines, 0)],
  ["no rows", "complete", "invalid", (lines) => counted(lines, 0)],

  ["a proof missing", "filtered", "invalid", row(3, (line) => ({ ...line, proven: without("inclusion")(line.proven) }))],
  ["an empty proof", "filtered", "invalid", row(3, inProven({ inclusion: [] }))],
  ["a wrong proof", "filtered", "invalid", row(3, (line) => inProven({ inclusion: (line.proven["inclusion"] as string[]).map(flipped) })(line))],
  ["a proof too long", "filtered", "invalid", row(3, (line) => inProven({ inclusion: [...(line.proven["inclusion"] as string[]), "AA"] })(line))],
  ["a proof that is no list", "filtered", "invalid", row(3, inProven({ inclusion: "" }))],
  [
    "the proof of another row",
    "filtered",
    "invalid",
    (lines) => row(3, inProven({ inclusion: (JSON.parse(lines[4] ?? "") as Row).proven["inclusion"] }))(lines, []),
  ],
  ["a proof in a complete export", "complete", "invalid", row(3, inProven({ inclusion: [] }))],
  ["limited told to be complete", "limited", "invalid", end(set({ complete: true }))],
  ["complete told to be filtered", "complete", "invalid", end(set({ complete: false }))],

  ["cut in the middle of a row", "complete", "unverifiable", (lines) => [...lines.slice(0, 40), (lines[40] ?? "").slice(0, 100)]],
  ["cut after a row", "complete", "unverifiable", (lines) => lines.slice(0, 40)],
  ["nothing left", "complete", "unverifiable", () => []],
  ["an end line of a newer format", "complete", "unverifiable", end(set({ exportFormat: 2 }))],
  ["an end line without its checkpoint", "complete", "unverifiable", end(without("checkpoint"))],
  ["an end line with a checkpoint that is none", "complete", "unverifiable", end(set({ checkpoint: "signed" }))],
  ["another number of rows", "complete", "invalid", end(set({ rows: 3 }))],
  ["a member more in the end line", "complete", "invalid", end(set({ checked: true }))],
  ["a member twice in the end line", "filtered", "invalid", raw(-1, '"rows":', '"rows":0,"rows":')],
  ["white space in the end line", "complete", "invalid", raw(-1, '"rows":', '"rows": ')],
  [
    "another key named",
    "complete",
    "invalid",
    (lines, other) => end(set({ verifierKey: (JSON.parse(other.at(-1) ?? "") as Fields)["verifierKey"] }))(lines, other),
  ],
  ["a key named that is none", "complete", "invalid", end(set({ verifierKey: "somebody+00000000+AAAA" }))],
  [
    "a foreign checkpoint",
    "complete",
    "invalid",
    (lines, other) => end(set({ checkpoint: (JSON.parse(other.at(-1) ?? "") as Fields)["checkpoint"] }))(lines, other),
  ],
  ["a foreign end line", "complete", "invalid", (lines, other) => [...lines.slice(0, -1), other.at(-1) ?? ""]],
  ["a smaller tree told", "complete", "invalid", raw(-1, /\\n\d+\\n/, "\\n80\\n")],
  ["another signature", "complete", "invalid", raw(-1, /(\u2014 \S+ .{20})./, "$1_".replace("_", "A"))],
  ["a witness signed too", "complete", "valid", end(noted((note) => `${note}\u2014 witness.example/w ${Buffer.alloc(76, 5).toString("base64")}\n`))],
  ["signed twice, the first time wrong", "complete", "invalid", end(noted((note) => `${wrongly(note)}${note.split("\n").at(-2)}\n`))],
  ["signed twice, the second time wrong", "complete", "valid", end(noted((note) => `${note}${wrongly(note).split("\n").at(-2)}\n`))],
  ["unused bits in the signature", "complete", "unverifiable", end(noted((note) => note.replace(/(.)=\n$/, (_, last: string) => `${next(last)}=\n`)))],
  ["hand-overs left out", "complete", "invalid", end(without("handOvers"))],
  ["hand-overs left out: who has the last key needs none", "filtered", "valid", end(without("handOvers"))],
  ["the first hand-over left out", "complete", "invalid", end((line) => ({ ...line, handOvers: listOf(line).slice(1) }))],
  ["the last hand-over left out", "filtered", "invalid", end((line) => ({ ...line, handOvers: listOf(line).slice(0, -1) }))],
  ["hand-overs in another order", "complete", "invalid", end((line) => ({ ...line, handOvers: listOf(line).toReversed() }))],
  ["a hand-over twice", "filtered", "invalid", end((line) => ({ ...line, handOvers: [...listOf(line), listOf(line).at(-1)] }))],
  [
    "a hand-over of another ledger",
    "filtered",
    "invalid",
    (lines, other) => end(set({ handOvers: listOf(JSON.parse(other.at(-1) ?? "") as Fields) }))(lines, other),
  ],
  ["a hand-over of another entry", "filtered", "invalid", end(handedOver(0, (note) => note.replace(/\n61\n/, "\n62\n")))],
  [
    "a hand-over over another tree",
    "complete",
    "invalid",
    end(handedOver(0, (note) => note.replace(/(\n\d+\n)(.)/, (_, size: string, letter: string) => size + next(letter)))),
  ],
  ["a hand-over whose old key did not sign", "filtered", "invalid", end(handedOver(0, wrongly))],
  [
    "a hand-over whose new key did not sign",
    "filtered",
    "invalid",
    end(handedOver(0, (note) => note.replace(/(.{40})(.)(.{10,50}\n)$/, (_, a: string, b: string, c: string) => a + next(b) + c))),
  ],
  ["a hand-over with exchanged signatures", "complete", "invalid", end(handedOver(1, (note) => note.replace(/(\n\n)(.*\n)(.*\n)$/, "$1$3$2")))],
  ["a hand-over with one signature", "complete", "invalid", end(handedOver(1, (note) => note.replace(/(\n\n.*\n).*\n$/, "$1")))],
  ["a hand-over with a third signature", "complete", "invalid", end(handedOver(1, (note) => note + (note.split("\n").at(-2) ?? "") + "\n"))],
  ["a hand-over of an older format", "complete", "invalid", end(handedOver(1, (note) => note.replace("hand-over/1", "hand-over/0")))],
  ["a hand-over of entry 0", "complete", "invalid", end(handedOver(1, (note) => note.replace(/\n\d+\n/, "\n0\n")))],
  ["a hand-over with spaces in it", "complete", "invalid", end(handedOver(1, (note) => note.replace("\n\n", " \n\n")))],
  ["a hand-over that is no note", "complete", "invalid", end(handedOver(1, () => "note"))],
  ["no list of hand-overs", "complete", "unverifiable", end(set({ handOvers: {} }))],
  ["an empty list of hand-overs", "complete", "unverifiable", end(set({ handOvers: [] }))],
  ["a hand-over that is no text", "complete", "unverifiable", end((line) => ({ ...line, handOvers: [...listOf(line), 7] }))],
  ["hand-overs before the key", "complete", "invalid", raw(-1, /("verifierKey":"[^"]*"),("handOvers":\[[^\]]*\])/, "$2,$1")],
  [
    "the facts of a hand-over",
    "limited",
    "invalid",
    row(11, (line) => inProven({ facts: String(line.proven["facts"]).replace(/"size":\d+/, '"size":60') })(line)),
  ],
  ["the row of a hand-over left out", "limited", "valid", (lines) => counted(lines.toSpliced(11, 1), lines.length - 2)],
  ["padding in the key", "complete", "invalid", end((line) => ({ ...line, verifierKey: String(line["verifierKey"]).replace(/(.)$/, "$1=") }))],
  ["no signature", "complete", "unverifiable", end(noted((note) => note.split("\n").slice(0, 4).join("\n") + "\n"))],
  ["a line more in the checkpoint", "complete", "unverifiable", end(noted((note) => note.replace("\n\n", "\nextension\n\n")))],
  ["a size with a leading zero", "complete", "unverifiable", end(noted((note) => note.replace(/\n(\d+)\n/, "\n0$1\n")))],
  ["two exports one after the other", "complete", "invalid", (lines) => [...lines, ...lines]],

  ["carriage returns and empty lines", "complete", "valid", (lines) => lines.flatMap((line) => [`${line}\r`, "", "\r"])],
  ["a line of white space at the end", "complete", "unverifiable", (lines) => [...lines, " "]],
  ["a byte order mark", "complete", "invalid", (lines) => at(lines, 0, (line) => `\ufeff${line}`)],
]
