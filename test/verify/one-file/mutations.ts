/**
 * Evidence that was changed: bits, bytes, pieces, lines, files of an archive. The verifier as it is built and the sources under Node come to one verdict, and what
 * is called good says what the good one said.
 */
import assert from "node:assert/strict"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { bundledAlone } from "../../../scripts/build-verifiers.ts"
import { canonicalJson } from "../../../src/base/canonical-json.ts"
import type { JsonObject } from "../../../src/base/json.ts"
import { memorySource } from "../../../src/verify/byte-source.ts"
import { examine } from "../../../src/verify/evidence/examine.ts"
import { joinPins, parsePins, type Pins } from "../../../src/verify/evidence/pins.ts"
import { zipFiles } from "../../../src/verify/peac/zip.ts"
import type * as core from "./core-entry.ts"
import { chance } from "../../history/jsonl-corpus.ts"
import { zipOf, type BundleFiles } from "../peac/made-records.ts"
import type { Evidence } from "./built.ts"

export type Mutations = { readonly cases: number; readonly verdicts: Readonly<Record<string, number>>; readonly stillGood: number }
type Random = (below: number) => number

/** How often each file is taken: those that take long to check less often. */
const weights: Readonly<Record<string, number>> = { ".jws": 5, ".peacbundle": 8, ".json": 6, ".note": 3, ".cap-proof": 2, ".ndjson": 1 }

export async function mutate(evidence: Evidence, { cases, seed }: { readonly cases: number; readonly seed: number }): Promise<Mutations> {
  const built = await builtCore(evidence.directory)
  const texts = Object.values(evidence.keys).map((name) => readFileSync(join(evidence.directory, name), "utf8"))
  const stamped = [...texts, readFileSync(join(evidence.directory, evidence.authority), "utf8")]
  const keysOf = (name: string) => (name === "anchored.ndjson" ? stamped : texts)
  const names = [...evidence.files.keys()].flatMap((name) => Array.from({ length: weights[/\.[a-z-]+$/.exec(name)?.[0] ?? ""] ?? 1 }, () => name))
  const next = chance(seed)
  const random: Random = (below) => Math.floor(next() * below)
  const verdicts: Record<string, number> = {}
  let stillGood = 0
  for (let n = 0; n < cases; n++) {
    const name = names[random(names.length)] ?? ""
    const good = evidence.files.get(name) ?? Buffer.alloc(0)
    const bad = mutated(name, good, random)
    const what = `seed ${seed}, case ${n}, ${name}`
    const ours = await examine(memorySource(name, bad), pinsOf(keysOf(name)))
    assert.equal(await built(name, bad, keysOf(name)), ours.verdict, what)
    verdicts[ours.verdict] = (verdicts[ours.verdict] ?? 0) + 1
    if (ours.verdict === "invalid" || ours.verdict === "unverifiable") continue
    assert.ok(saysNothingElse(name, bad, good), `${what} is called ${ours.verdict}, and says something else`)
    stillGood++
  }
  return { cases, verdicts, stillGood }
}

type Core = typeof core

/** The verifier as it is in verify.mjs and verify.html; answers with verdicts. */
export async function builtCore(directory: string): Promise<(name: string, bytes: Buffer, keys: readonly string[]) => Promise<string>> {
  const { text } = await bundledAlone("test/verify/one-file/core-entry.ts", "esm", "0.0.0-test")
  const file = join(directory, "core.mjs")
  writeFileSync(file, text)
  const { Bytes, memorySource, parsePins, joinPins, examineSettled } = (await import(pathToFileURL(file).href)) as Core
  return async (name, bytes, keys) => {
    const pins = joinPins(keys.map((text) => parsePins(text)).flatMap((one) => ("problem" in one ? [] : [one])))
    const source = memorySource(name, Bytes.from(bytes) as unknown as Buffer)
    return (await examineSettled(source, pins)).verdict
  }
}

export function pinsOf(texts: readonly string[]): Pins {
  return joinPins(
    texts.map((text) => {
      const pins = parsePins(text)
      assert.ok(!("problem" in pins))
      return pins
    }),
  )
}

function mutated(name: string, good: Buffer, random: Random): Buffer {
  let bytes: Buffer = Buffer.from(good)
  const rounds = 1 + random(2)
  for (let i = 0; i < rounds; i++) bytes = name.endsWith(".peacbundle") && random(3) > 0 ? inArchive(bytes, random) : changed(bytes, random)
  return bytes
}

const strange = ["\ufeff", "\u0085", "\u2028", "\ud800", "\0", "\r", "\n", " ", "=", ".", '"', "\\", "{", "}", "[", "]", ",", "A", "0"].map((text) =>
  Buffer.from(text),
)

function changed(bytes: Buffer, random: Random): Buffer {
  if (bytes.length === 0) return Buffer.from("x")
  const at = random(bytes.length)
  const length = 1 + random(60)
  const [before, piece, behind] = [bytes.subarray(0, at), bytes.subarray(at, at + length), bytes.subarray(at + length)]
  const ways: readonly (() => Buffer)[] = [
    () => Buffer.concat([before, Buffer.of((bytes[at] ?? 0) ^ (1 << random(8))), bytes.subarray(at + 1)]),
    () => Buffer.concat([before, Buffer.of(random(256)), bytes.subarray(at + 1)]),
    () => Buffer.concat([before, behind]),
    () => Buffer.concat([before, piece, piece, behind]),
    () => Buffer.concat([before, strange[random(strange.length)] ?? Buffer.of(), bytes.subarray(at)]),
    () => before,
    () => Buffer.concat([bytes, bytes.subarray(at)]),
    () => lines(bytes, random),
  ]
  return ways[random(ways.length)]?.() ?? bytes
}

/** Lines left out, doubled, exchanged. */
function lines(bytes: Buffer, random: Random): Buffer {
  const all = bytes.toString("latin1").split("\n")
  const [one, other] = [random(all.length), random(all.length)]
  const ways = [all.toSpliced(one, 1), all.toSpliced(one, 0, all[other] ?? ""), all.with(one, all[other] ?? "").with(other, all[one] ?? "")]
  return Buffer.from((ways[random(ways.length)] ?? all).join("\n"), "latin1")
}

/** A file inside is changed, left out, called otherwise or joined by another, and the archive is written anew around it. */
function inArchive(bytes: Buffer, random: Random): Buffer {
  const archive = zipFiles(bytes)
  if ("problem" in archive) return changed(bytes, random)
  const files: BundleFiles = new Map(archive.files.map(({ name, bytes }) => [name, bytes]))
  const names = [...files.keys()]
  const [name = "", other = ""] = [names[random(names.length)], names[random(names.length)]]
  const ways: readonly (() => unknown)[] = [
    () => files.set(name, changed(files.get(name) ?? Buffer.of(), random)),
    () => files.delete(name),
    () => files.set(name, files.get(other) ?? Buffer.of()),
    () => files.set(`${name}x`, files.get(name) ?? Buffer.of()),
    () => files.set(`../${name}`, Buffer.of(1)),
  ]
  ways[random(4) === 0 ? random(ways.length) : 0]?.()
  return zipOf(files)
}

/** Below notes inside of JSON: one of the key that judges is enough, whatever stands beside it. */
const signatures = /\\n\\n\u2014 [^"]*/g

/** A list of records may be shorter or in another order: it promises nothing of what is not on it. */
function saysNothingElse(name: string, bad: Buffer, good: Buffer): boolean {
  const [told, known] = [meaning(name, bad), meaning(name, good)]
  // A place in the map where nothing hangs is that of many ids: a proof that one is not on record is a proof of each of them.
  const withoutId = (lines: readonly string[]) => lines.map((line) => line.replace(/"id":"(?:[^"\\]|\\.)*",/, ""))
  if (name.startsWith("absent")) return JSON.stringify(withoutId(told)) === JSON.stringify(withoutId(known))
  if (!name.endsWith(".jws")) return JSON.stringify(told) === JSON.stringify(known)
  return told.every((line) => known.includes(line))
}

/** What a file says, without what says nothing: how its lines end, labels that no proof covers, what else stands on a note. */
function meaning(name: string, bytes: Buffer): readonly string[] {
  if (name.endsWith(".peacbundle")) return filesOf(bytes)
  const told = bytes
    .toString("utf8")
    .replace(signatures, "")
    .split(/\r?\n/)
    .filter((line) => line !== "")
  if (name.endsWith(".note")) return told.slice(0, 3)
  if (!name.endsWith(".ndjson")) return told
  return told.map((line) => JSON.stringify({ ...(JSON.parse(line) as object), sessionId: 0, userId: 0, machineId: 0, ...unlabelled(line) }))
}

/** Who gave an anchor is a label in the end line. */
function unlabelled(line: string): object {
  const { anchored } = JSON.parse(line) as { readonly anchored?: readonly object[] }
  return anchored === undefined ? {} : { anchored: anchored.map((one) => ({ ...one, authority: "" })) }
}

/** The hash of a manifest is over its one spelling, and a signature may have a line feed behind it. */
function filesOf(bytes: Buffer): readonly string[] {
  const archive = zipFiles(bytes)
  assert.ok("files" in archive)
  const text = (file: { readonly name: string; readonly bytes: Buffer }) =>
    file.name === "manifest.json" ? canonicalJson(JSON.parse(file.bytes.toString()) as JsonObject) : file.bytes.toString("latin1").trimEnd()
  return archive.files.map((file) => `${file.name} ${text(file)}`).sort()
}
