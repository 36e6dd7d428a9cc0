/**
 * Writes corpus.jsonl: `node test/vectors/redaction/generate.ts`. Every line is one labelled value:
 *
 *   {"label":"secret","kind":"groq","secrets":[["gsk_","vK2…","…"]],"value":{"command":"… §0§ …"}}
 *   {"label":"ordinary","kind":"payload","value":{"runId":"…"}}
 *
 * Secrets stand in parts, so that nobody who scans the repository takes them for real ones; the reader puts them together at §0§; ids that come with a secret follow at §1§.
 */
import { writeFileSync } from "node:fs"
import type { Json } from "../../../src/base/json.ts"
import { chanceOf } from "./chance.ts"
import { ordinaryLines } from "./ordinary.ts"
import { lead, nameless, pemBlock, pemLabels, rarer, shaped } from "./secret-kinds.ts"
import { anywhere, beside, inWords, named, pemSettings, plainly } from "./settings.ts"

export type Line = {
  readonly label: "secret" | "ordinary"
  readonly kind: string
  readonly secrets?: readonly (readonly string[])[]
  readonly value: Json
}

const chance = chanceOf(20_261_120)
const settingsEach = 7
const lines: Line[] = []

for (const [kind, makers] of Object.entries(shaped)) {
  for (const make of makers) {
    for (const setting of some(kind === "phrase" ? inWords : anywhere, settingsEach)) add(kind, make(chance), setting)
  }
}
for (const [kind, makers] of Object.entries(rarer)) {
  for (const make of makers) for (const setting of some(plainly, 4)) add(kind, make(chance), setting)
}
for (const label of pemLabels) {
  for (const setting of pemSettings) {
    const block = pemBlock(chance, label)
    const text = JSON.stringify(setting)
    add("private-key", text.includes("private_key") ? block.replaceAll("\n", "\\n") : text.includes("|") ? block.replaceAll("\n", "\n    ") : block, setting)
  }
  add("private-key-cut", pemBlock(chance, label).slice(0, 200), { content: "tls:\n§…[cut from 4096]" })
  add("private-key-base64", Buffer.from(pemBlock(chance, label)).toString("base64"), { content: "client-key-data: §\n" })
}
for (const { kind, secret, value } of named) for (let i = 0; i < 2; i++) add(kind, nameless[secret]?.(chance) ?? "", value)
for (let i = 0; i < 4; i++) {
  const pair = Buffer.from(`bob:${nameless["password"]?.(chance)}`).toString("base64")
  add("basic", pair, { command: `curl -H 'Authorization: Basic §' https://api.example.net` })
  add("basic", pair, { text: "sent Basic § to the proxy" })
}
for (const line of ordinaryLines(chance)) lines.push(line)

writeFileSync(new URL("corpus.jsonl", import.meta.url), lines.map((line) => `${JSON.stringify(line)}\n`).join(""))
console.log(lines.filter((line) => line.label === "secret").length, "secrets,", lines.filter((line) => line.label === "ordinary").length, "ordinary")

function add(kind: string, secret: string, setting: Json): void {
  const text = JSON.stringify(setting).replaceAll("§", `${JSON.stringify(lead[kind] ?? "").slice(1, -1)}§0§`)
  const ids = Object.entries(beside).filter(([mark]) => text.includes(mark))
  const marked = ids.reduce((line, [mark], i) => line.replaceAll(mark, `§${i + 1}§`), text)
  lines.push({ label: "secret", kind, secrets: [parts(secret), ...ids.map(([, id]) => id)], value: JSON.parse(marked) as Json })
}

/** Short enough that no part is a token. */
function parts(secret: string): readonly string[] {
  return secret.match(/[^]{1,11}/g) ?? []
}

function some<T>(items: readonly T[], count: number): readonly T[] {
  const left = [...items]
  return Array.from({ length: Math.min(count, items.length) }, () => left.splice(chance.below(left.length), 1)[0] as T)
}
