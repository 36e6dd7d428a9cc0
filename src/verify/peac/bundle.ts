/**
 * A bundle of records (`peac-bundle/0.1`): everything that its manifest promises is there, nothing else is, each record is good under a key that was pinned, and
 * a pinned key signed the manifest. Keys in a bundle are told and never trusted: who made the file put them there.
 */
import { canonicalJson } from "../../base/canonical-json.ts"
import { countOf, objectOf, stringOf, type Json, type JsonObject } from "../../base/json.ts"
import { parseKeys, type RecordKey } from "../../format/peac/keys.ts"
import type { PeacRecord } from "../../format/peac/record.ts"
import { strictText } from "../../format/peac/strict-json.ts"
import { sha256 } from "../../format/sha256.ts"
import { completenessName, parseCompleteness, type Completeness } from "../../format/peac/completeness.ts"
import { parseBundleSignature } from "./bundle-signature.ts"
import { checkCompleteness, checkpointProblem, numberedOf, type Numbered, type Whole } from "./completeness-check.ts"
import { hasMoreLines } from "./lines.ts"
import { RecordJudge, standingOf, type JudgeOptions } from "./records.ts"
import { judgedNotes, tally, type RecordsReport } from "./report.ts"
import { linksOf, type Links } from "./signer-link.ts"
import { zipFiles } from "./zip.ts"

const mostRecords = 10_000
/** The manifest of ten thousand records is a third of it. */
const mostJsonBytes = 8 * 1024 * 1024
/** Told one by one: a file can be made to have millions. */
const mostProblems = 50
const kinds: ReadonlySet<string> = new Set(["dispute", "audit", "archive"])
const unlisted: ReadonlySet<string> = new Set(["manifest.json", "bundle.sig"])

/** `numbered`: of a good bundle of a ledger, what is in it, to be held against another one. */
export type BundleReport = RecordsReport & { readonly numbered: Numbered | undefined }

export function verifyBundle(bytes: Buffer, keys: readonly RecordKey[], options?: JudgeOptions): BundleReport {
  const check = new BundleCheck(keys, options)
  check.check(bytes)
  return check.report()
}

class BundleCheck {
  readonly #judge: RecordJudge
  readonly #hasKeys: boolean
  readonly #problems: string[] = []
  readonly #notes: string[] = []
  readonly #records: { readonly hash: string; readonly judged: ReturnType<RecordJudge["judge"]> }[] = []
  #signed: "valid" | "invalid" | "untrusted" | "absent" = "absent"
  #signer: RecordKey | null = null
  #said: Completeness | undefined
  #links: Links = () => false
  #whole: Whole | null = null
  #numbered: Numbered | undefined

  constructor(keys: readonly RecordKey[], options?: JudgeOptions) {
    this.#judge = new RecordJudge(keys, options)
    this.#hasKeys = keys.length > 0
  }

  report(): BundleReport {
    const all = this.#records.map(({ judged }) => judged)
    const counted = tally(all)
    const isTrusted = counted.untrusted === 0 && this.#signed === "valid" && this.#hasKeys
    const verdict = this.#problems.length > 0 || counted.invalid > 0 || this.#signed === "invalid" ? "invalid" : isTrusted ? "valid" : "unverifiable"
    return {
      verdict,
      ...counted,
      bundleSignature: this.#signed,
      bundleSigner: this.#signer?.kid ?? null,
      whole: verdict === "valid" ? this.#whole : null,
      numbered: verdict === "valid" ? this.#numbered : undefined,
      problems: [...this.#problems, ...counted.problems],
      notes: [...this.#notes, ...judgedNotes(all, this.#judge)],
    }
  }

  check(bytes: Buffer): void {
    const archive = zipFiles(bytes)
    if ("problem" in archive) return this.#note(archive.problem)
    const files = new Map(archive.files.map(({ name, bytes: content }) => [name, content]))
    const manifest = this.#object(files, "manifest.json")
    const lines = files.get("receipts.ndjson")
    if (!manifest || !lines) return lines ? undefined : this.#note("it has no receipts.ndjson")
    const { content_hash: contentHash, ...rest } = manifest
    if (contentHash !== hashOf(canonicalJson(rest as JsonObject))) this.#note("its manifest is not the one that its hash is of")
    this.#manifest(manifest)
    this.#files(manifest, files)
    this.#signature(files.get("bundle.sig"), stringOf(contentHash) ?? "", manifest)
    this.#ledger(files)
    this.#read(lines)
    this.#listed(manifest)
    this.#order(manifest)
    this.#speaksForAll()
    this.#completeness()
    this.#keys(files.get("keys/keys.json"))
  }

  #note(problem: string): void {
    if (this.#problems.length < mostProblems) this.#problems.push(problem)
  }

  #object(files: ReadonlyMap<string, Buffer>, name: string): Readonly<Record<string, unknown>> | undefined {
    const bytes = files.get(name)
    if (bytes && bytes.length > mostJsonBytes) return void this.#note(`its ${name} is larger than ${mostJsonBytes} bytes`)
    const parsed = bytes && strictText(bytes)
    if (parsed && "value" in parsed) return parsed.value
    this.#note(parsed ? `its ${name}: ${parsed.problem}` : `it has no ${name}`)
    return undefined
  }

  #manifest({ version, kind, created_at: createdAt }: Readonly<Record<string, unknown>>): void {
    if (version !== "peac-bundle/0.1") this.#note("its manifest is of no version that is known")
    if (typeof kind !== "string" || !kinds.has(kind)) this.#note("its manifest is of no kind that is known")
    if (Number.isNaN(Date.parse(stringOf(createdAt) ?? ""))) this.#note("its manifest does not say when it was made")
  }

  /** Each file is what the manifest says, and each is listed but those that cannot be. */
  #files(manifest: Readonly<Record<string, unknown>>, files: ReadonlyMap<string, Buffer>): void {
    const listed = new Set<string>()
    for (const told of listIn(manifest["files"])) {
      const { path, sha256: hash, size } = objectOf(told)
      const content = typeof path === "string" ? files.get(path) : undefined
      const name = textOf(path).slice(0, 100)
      if (listed.has(textOf(path))) this.#note(`${name} is listed twice`)
      listed.add(textOf(path))
      if (!content) this.#note(`${name} is listed, and is not there`)
      else if (content.length !== countOf(size) || hashOf(content) !== hash) this.#note(`${name} is not the one that is listed`)
    }
    for (const name of files.keys()) if (!listed.has(name) && !unlisted.has(name)) this.#note(`${name} is there, and is not listed`)
  }

  #read(lines: Buffer): void {
    if (hasMoreLines(lines, mostRecords)) return this.#note(`it has more than ${mostRecords} records`)
    const text = lines.toString("latin1")
    const records = text === "" ? [] : text.replace(/\n$/, "").split("\n")
    const isVouchedFor = (key: RecordKey) => this.#signed === "valid" && this.#signer !== null && this.#links(this.#signer, key)
    for (const jws of records) this.#records.push({ hash: hashOf(jws), judged: this.#judge.judge(jws, isVouchedFor) })
  }

  /** Listed and there are the same records: none dropped, none added, none in the place of another. */
  #listed(manifest: Readonly<Record<string, unknown>>): void {
    const there = new Map<string, PeacRecord | undefined>()
    for (const { hash, judged } of this.#records) {
      if (there.has(hash)) this.#note("a record is there twice")
      there.set(hash, judged.record)
    }
    const listed = new Set<string>()
    for (const told of listIn(manifest["receipts"])) {
      const { receipt_id: id, issued_at: issuedAt, receipt_hash: hash } = objectOf(told)
      const name = textOf(id).slice(0, 40)
      if (listed.has(textOf(hash))) this.#note(`the record ${name} is listed twice`)
      listed.add(textOf(hash))
      if (typeof hash !== "string" || !there.has(hash)) {
        this.#note(`the record ${name} is listed, and is not there`)
        continue
      }
      const record = there.get(hash)
      if (record && (record.jti !== id || record.iat * 1_000 !== Date.parse(stringOf(issuedAt) ?? "")))
        this.#note(`the record ${record.jti} is listed as another`)
    }
    for (const [hash, record] of there) if (!listed.has(hash)) this.#note(`the record ${record?.jti ?? hash} is there, and is not listed`)
  }

  /** Ascending by time of issue, id and hash; no id twice; the range is that of the records. */
  #order(manifest: Readonly<Record<string, unknown>>): void {
    const ids = new Set<string>()
    let before = ""
    const times: number[] = []
    for (const { hash, judged } of this.#records) {
      const { record } = judged
      if (!record) continue
      if (ids.has(record.jti)) this.#note(`two records are called ${record.jti}`)
      ids.add(record.jti)
      times.push(record.iat * 1_000)
      const place = `${String(record.iat).padStart(12, "0")} ${record.jti} ${hash}`
      if (place < before) this.#note(`the record ${record.jti} is out of order`)
      before = place
    }
    const { start, end } = objectOf(manifest["time_range"])
    const [first, last] = [times[0], times.at(-1)]
    const isRange = first === undefined || (Date.parse(stringOf(start) ?? "") === first && Date.parse(stringOf(end) ?? "") === last)
    if (!isRange) this.#note("its time range is not that of its records")
  }

  /**
   * A JWS over the hash of the manifest, by a key that was pinned. It vouches for the records: those of a key that others may have are good where another key
   * signed the list of them.
   */
  #signature(bytes: Buffer | undefined, contentHash: string, { created_at: createdAt }: Readonly<Record<string, unknown>>): void {
    if (!bytes) return void this.#notes.push("Nobody signed the bundle: that no record was left out is said by whoever made it.")
    const told = parseBundleSignature(bytes)
    if (!told) {
      this.#signed = "invalid"
      return this.#note("its bundle.sig is no signature of a bundle, or says more than one can")
    }
    const { kid } = told
    const signer = this.#judge.signerOf(kid, told.signingInput, told.signature)
    this.#signed = signer === undefined ? "untrusted" : signer && told.contentHash === contentHash ? "valid" : "invalid"
    if (signer && this.#signed === "valid") return this.#signedWhen(signer, Date.parse(stringOf(createdAt) ?? ""))
    if (this.#signed === "invalid") this.#note("its bundle.sig is not a signature over its manifest")
    if (this.#signed === "untrusted") this.#notes.push(`The bundle says that ${kid.slice(0, 80)} signed it; that key was not named.`)
  }

  #signedWhen(signer: RecordKey, atMs: number): void {
    this.#signer = signer
    const standing = standingOf(signer, atMs)
    if (standing === "late") {
      this.#signed = "invalid"
      this.#note("it was signed after the key that signed it was revoked")
    } else if (standing === "doubtful") {
      this.#signed = "untrusted"
      this.#notes.push(
        `The key ${signer.kid.slice(0, 80)}, which signed the bundle, was revoked since, and others may have it: by its word alone nothing is proven.`,
      )
    }
  }

  /** What it says of a ledger, and the hand-overs of that ledger's key. */
  #ledger(files: ReadonlyMap<string, Buffer>): void {
    const told = files.has(completenessName) ? this.#object(files, completenessName) : undefined
    this.#said = told && parseCompleteness(told)
    if (told && !this.#said) this.#note("its completeness.json says nothing that is known")
    const links = linksOf(files.has(completenessName) ? (this.#said ?? { log: "", handOvers: [] }) : undefined)
    if ("problem" in links) this.#note(links.problem)
    else this.#links = links
  }

  /** The key that signed the list is one of who issued each record in it. */
  #speaksForAll(): void {
    const signer = this.#signer
    if (!signer || this.#signed !== "valid") return
    const keys = new Set(this.#records.flatMap(({ judged: { key } }) => key ?? []))
    const others = [...keys].filter((key) => !this.#links(signer, key))
    if (others.length === 0) return
    this.#signed = "untrusted"
    const told = others.map(({ kid }) => kid.slice(0, 80)).join(", ")
    this.#notes.push(
      `The bundle is signed by ${signer.kid.slice(0, 80)}, which nothing links with ${told}, by which records in it are signed: one issuer cannot say of another that none was left out.`,
    )
  }

  /** Of bundles that say so: none was left out. */
  #completeness(): void {
    const said = this.#said
    const records = this.#records.flatMap(({ hash, judged: { record } }) => (record ? [{ hash, record }] : []))
    if (!said) return void this.#notes.push("Whether records were left out before the bundle was made is not said in it.")
    const checkpoint = checkpointProblem(said, this.#judge.keys)
    if (checkpoint.problem !== undefined) this.#note(checkpoint.problem)
    if (checkpoint.note !== undefined) this.#notes.push(checkpoint.note)
    this.#numbered = numberedOf(said.log, records)
    const checked = checkCompleteness(said, records)
    if ("problem" in checked) this.#note(checked.problem)
    else if ("selection" in checked) this.#notes.push(`The bundle is a selection (${checked.selection}): others may have been left out.`)
    else this.#whole = checked.whole
  }

  #keys(bytes: Buffer | undefined): void {
    if (!bytes || bytes.length > mostJsonBytes)
      return this.#note(bytes ? `its keys/keys.json is larger than ${mostJsonBytes} bytes` : "it has no keys/keys.json")
    const strict = strictText(bytes)
    const parsed = "problem" in strict ? strict : parseKeys(bytes.toString("utf8"))
    if ("problem" in parsed) return this.#note(`its keys/keys.json: ${parsed.problem}`)
    this.#notes.push(`Keys that it brings along, and that prove nothing by themselves: ${parsed.value.map(({ kid }) => kid.slice(0, 80)).join(", ")}.`)
  }
}

function listIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : []
}

/** A text that anybody may have written, or what stands where one should. */
function textOf(value: unknown): string {
  return typeof value === "string" ? value : canonicalJson((value ?? null) as Json)
}

function hashOf(content: string | Buffer): string {
  return `sha256:${sha256(content).toString("hex")}`
}
