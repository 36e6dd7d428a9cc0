/**
 * The verifier inside a proof page: a third one, after ours and the one in Python, in plain browser code that a reader of the page's source can follow.
 * Written from docs/spec/proof.md and docs/spec/journal.md. The page carries the text of this one function, so nothing outside of it may be used but what
 * every browser has: WebCrypto for SHA-256 and Ed25519.
 */

import type { PageCheckpoint, PageEntry, PageReport } from "./page-report.ts"

/** @param trustedKey the verifier key the reader was given by another way than the page; null when there is none. */
export async function checkProof(file: string, trustedKey: string | null): Promise<PageReport> {
  type Bytes = Uint8Array<ArrayBuffer>
  type Fields = Readonly<Record<string, unknown>>
  type Key = { readonly name: string; readonly id: string; readonly bytes: Bytes }
  type KeyAt = (size: number) => Key
  type Note = PageCheckpoint & { readonly text: string; readonly rootBytes: Bytes; readonly signatures: readonly { name: string; bytes: Bytes }[] }

  const problems: string[] = []
  const checkpoints: PageCheckpoint[] = []
  const keys: string[] = []
  let entry: PageEntry | null = null
  const nameCharacter = "[^+\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]"

  // Bytes.
  const utf8 = (text: string): Bytes => new Uint8Array(new TextEncoder().encode(text))
  const joined = (...parts: readonly Uint8Array[]): Bytes => {
    const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
    let at = 0
    for (const part of parts) {
      bytes.set(part, at)
      at += part.length
    }
    return bytes
  }
  const sha256 = async (...parts: readonly Uint8Array[]): Promise<Bytes> => new Uint8Array(await crypto.subtle.digest("SHA-256", joined(...parts)))
  const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
  const same = (a: Uint8Array, b: Uint8Array): boolean => hex(a) === hex(b)
  const encoded = (bytes: Uint8Array, url: boolean): string => {
    const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))
    return url ? text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "") : text
  }
  /** The bytes of a text in their one encoding; undefined for every other text. */
  const decoded = (text: unknown, url: boolean): Bytes | undefined => {
    if (typeof text !== "string") return undefined
    try {
      const plain = url ? text.replaceAll("-", "+").replaceAll("_", "/") : text
      const bytes = Uint8Array.from(atob(plain), (character) => character.charCodeAt(0))
      return encoded(bytes, url) === text ? bytes : undefined
    } catch {
      return undefined
    }
  }
  const number = (bytes: Uint8Array): number => bytes.reduce((sum, byte) => sum * 256 + byte, 0)

  // Texts.
  const objectOf = (value: unknown): Fields | undefined =>
    typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined
  /** The object that a text is the one spelling of. */
  const spelled = (text: string): Fields | undefined => {
    try {
      const value: unknown = JSON.parse(text)
      return JSON.stringify(value) === text ? objectOf(value) : undefined
    } catch {
      return undefined
    }
  }

  // Keys and checkpoints.
  const keyOf = async (text: string): Promise<Key | undefined> => {
    const [, name = "", id = "", encodedKey = ""] = new RegExp(`^(${nameCharacter}+)\\+([0-9a-f]{8})\\+([A-Za-z0-9+/]+={0,2})$`).exec(text) ?? []
    const bytes = decoded(encodedKey, false)
    if (!bytes || bytes.length !== 33 || bytes[0] !== 1) return undefined
    return hex((await sha256(utf8(`${name}\n`), bytes)).slice(0, 4)) === id ? { name, id, bytes: bytes.slice(1) } : undefined
  }
  const noteOf = (note: string): Note | undefined => {
    const end = note.indexOf("\n\n")
    if (end < 0 || !note.endsWith("\n")) return undefined
    const [origin = "", size = "", root = "", ...rest] = note.slice(0, end + 1).split("\n")
    const rootBytes = decoded(root, false)
    if (origin === "" || rest.join() !== "" || rest.length !== 1 || !/^(0|[1-9]\d{0,15})$/.test(size) || !Number.isSafeInteger(Number(size))) return undefined
    if (rootBytes?.length !== 32) return undefined
    const signatures: { name: string; bytes: Bytes }[] = []
    for (const line of note.slice(end + 2, -1).split("\n")) {
      const [, name, signature] = new RegExp(`^\\u2014 (${nameCharacter}+) ([A-Za-z0-9+/]+={0,2})$`).exec(line) ?? []
      const bytes = decoded(signature, false)
      if (name === undefined || !bytes || bytes.length < 5) return undefined
      signatures.push({ name, bytes })
    }
    return { origin, size: Number(size), root, text: note.slice(0, end + 1), rootBytes, signatures }
  }
  const isSigned = async (key: Key, signedText: string, signature: Bytes): Promise<boolean> => {
    const publicKey = await crypto.subtle.importKey("raw", key.bytes, { name: "Ed25519" }, false, ["verify"])
    return crypto.subtle.verify({ name: "Ed25519" }, publicKey, signature, utf8(signedText))
  }
  const goodNote = async (text: unknown, keyAt: KeyAt, what: string): Promise<Note | undefined> => {
    const refused = (why: string): undefined => void problems.push(`${what} cannot be trusted: ${why}`)
    const note = noteOf(String(text))
    if (!note) return refused("it is not a well-formed signed checkpoint")
    const key = keyAt(note.size)
    if (note.origin !== key.name) return refused(`it is of another log, ${note.origin}`)
    const line = note.signatures.find(({ name, bytes }) => name === key.name && hex(bytes.slice(0, 4)) === key.id && bytes.length === 68)
    if (!line) return refused("it is not signed by this key")
    if (!(await isSigned(key, note.text, line.bytes.slice(4)))) return refused("its signature is wrong")
    checkpoints.push({ origin: note.origin, size: note.size, root: note.root })
    return note
  }

  /** How one key gave its place to the next: both signed one statement. Undefined when it does not continue the chain so far. */
  const handedOver = async (note: string, from: Key, after: number, earlier: ReadonlySet<string>): Promise<{ until: number; to: Key } | undefined> => {
    const lines = note.split("\n")
    const [head = "", origin = "", size = "", root = "", previous = "", next = "", empty = "", previousLine = "", nextLine = "", end] = lines
    if (lines.length !== 10 || head !== "sovereign-ledger/hand-over/1" || empty !== "" || end !== "" || previous !== keys.at(-1)) return undefined
    const to = await keyOf(next)
    const until = Number(size)
    const counts = /^[1-9]\d{0,15}$/.test(size) && Number.isSafeInteger(until) && until > after
    if (!to || to.name !== from.name || origin !== from.name || earlier.has(to.id) || !counts || decoded(root, false)?.length !== 32) return undefined
    for (const [key, line] of [
      [from, previousLine],
      [to, nextLine],
    ] as const) {
      const bytes = line.startsWith(`\u2014 ${origin} `) ? decoded(line.slice(origin.length + 3), false) : undefined
      if (bytes?.length !== 68 || hex(bytes.slice(0, 4)) !== key.id) return undefined
      if (!(await isSigned(key, `${lines.slice(0, 6).join("\n")}\n`, bytes.slice(4)))) return undefined
    }
    keys.push(next)
    return { until, to }
  }
  /** Which key signs which sizes; undefined when the hand-overs do not lead to the key that the proof names. */
  const chainOf = async (notes: readonly string[], last: string): Promise<KeyAt | undefined> => {
    const first = notes[0]?.split("\n")[4] ?? last
    const links: { key: Key; until: number }[] = []
    let key = await keyOf(first)
    keys.push(first)
    for (const note of key ? notes : []) {
      const next = key && (await handedOver(note, key, links.at(-1)?.until ?? 0, new Set([...links.map((link) => link.key.id), key.id])))
      if (!key || !next) return undefined
      links.push({ key, until: next.until })
      key = next.to
    }
    const final = key
    return final && keys.at(-1) === last ? (size) => links.find(({ until }) => size <= until)?.key ?? final : undefined
  }

  // The tree of RFC 6962.
  const nodeHash = (left: Uint8Array, right: Uint8Array): Promise<Bytes> => sha256(Uint8Array.of(1), left, right)
  const half = (place: number): number => Math.floor(place / 2)
  /** RFC 9162, 2.1.3.2. */
  const rootFrom = async (leaf: Bytes, index: number, size: number, path: readonly Bytes[]): Promise<Bytes | undefined> => {
    if (index >= size) return undefined
    let [node, last, root] = [index, size - 1, leaf]
    for (const sibling of path) {
      if (last === 0 || sibling.length !== 32) return undefined
      if (node % 2 === 1 || node === last) {
        root = await nodeHash(sibling, root)
        for (; node % 2 === 0 && node !== 0; node = half(node)) last = half(last)
      } else root = await nodeHash(root, sibling)
      node = half(node)
      last = half(last)
    }
    return last === 0 ? root : undefined
  }
  /** RFC 9162, 2.1.4.2. */
  const continues = async (older: Note, newer: Note, path: readonly Bytes[]): Promise<boolean> => {
    if (older.size > newer.size) return false
    if (older.size === newer.size) return path.length === 0 && older.root === newer.root
    if (older.size === 0) return path.length === 0 && same(older.rootBytes, await sha256())
    const whole = 2 ** Math.round(Math.log2(older.size)) === older.size
    const [first, ...rest] = whole ? [older.rootBytes, ...path] : path
    if (first?.length !== 32) return false
    let [node, last, old, grown] = [older.size - 1, newer.size - 1, first, first]
    for (; node % 2 === 1; node = half(node)) last = half(last)
    for (const sibling of rest) {
      if (last === 0 || sibling.length !== 32) return false
      if (node % 2 === 1 || node === last) {
        old = await nodeHash(sibling, old)
        grown = await nodeHash(sibling, grown)
        for (; node % 2 === 0 && node !== 0; node = half(node)) last = half(last)
      } else grown = await nodeHash(grown, sibling)
      node = half(node)
      last = half(last)
    }
    return last === 0 && same(old, older.rootBytes) && same(grown, newer.rootBytes)
  }

  // The two kinds of proof.
  const inclusion = async (fields: Fields, keyAt: KeyAt): Promise<void> => {
    const note = await goodNote(fields["checkpoint"], keyAt, "the checkpoint")
    const header = decoded(fields["entry"], true) ?? new Uint8Array()
    const [sequence, timeMs, type] = [number(header.slice(4, 12)), number(header.slice(12, 20)), String.fromCharCode(...header.slice(165))]
    const shape = header.length > 165 && header.length === 165 + (header[164] ?? 0) && hex(header.slice(0, 4)) === "534c4531"
    if (!shape || !/^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+$/.test(type) || !Number.isSafeInteger(sequence) || timeMs > 253402300799999) {
      problems.push("the header is not well formed")
      return
    }
    const leaf = await sha256(Uint8Array.of(0), header)
    const path = (fields["inclusion"] as unknown[]).map((hash) => decoded(hash, true) ?? new Uint8Array())
    const root = note && (await rootFrom(leaf, sequence, note.size, path))
    if (note && (!root || !same(root, note.rootBytes))) problems.push("the entry is not in the tree the checkpoint was signed over")
    const shown: { facts?: Fields; content?: Fields } = {}
    for (const [name, tag, from, words] of [
      ["facts", 0x10, 68, "the facts are not"],
      ["content", 0x11, 100, "the content is not"],
    ] as const) {
      if (fields[name] === undefined) continue
      const salt = decoded(fields[`${name}Salt`], true) ?? new Uint8Array()
      const hash = await sha256(Uint8Array.of(tag), salt, utf8(String(fields[name])))
      if (!same(hash, header.slice(from, from + 32))) problems.push(`${words} what was recorded`)
      const text = spelled(String(fields[name]))
      if (text) shown[name] = text
      else problems.push(`${words} one JSON object in its one spelling`)
    }
    const told = shown.facts?.["id"]
    if (shown.facts && (typeof told !== "string" || told === "")) problems.push("the facts have no id")
    if (fields["id"] !== undefined) {
      const hash = await sha256(Uint8Array.of(0x12), decoded(fields["idSalt"], true) ?? new Uint8Array(), utf8(String(fields["id"])))
      if (!same(hash, header.slice(20, 52))) problems.push("the id is not the one that was recorded")
      if (typeof told === "string" && told.toWellFormed() !== fields["id"]) problems.push("the id is not that of the facts")
    }
    if ((sequence === 0) !== (type === "journal.opened")) problems.push("a journal begins with one journal.opened, and has no other")
    else if (sequence === 0 && shown.facts && note && (shown.facts["origin"] !== note.origin || shown.facts["format"] !== 1))
      problems.push("entry 0 is that of another journal")
    const id = typeof fields["id"] === "string" ? fields["id"] : typeof told === "string" ? told : null
    entry = { sequence, timeMs, type, leaf: hex(leaf), pathLength: path.length, id, facts: shown.facts ?? null, content: shown.content ?? null }
  }
  const consistency = async (fields: Fields, keyAt: KeyAt): Promise<void> => {
    const older = await goodNote(fields["older"], keyAt, "the older checkpoint")
    const newer = await goodNote(fields["newer"], keyAt, "the newer checkpoint")
    const path = (fields["consistency"] as unknown[]).map((hash) => decoded(hash, true) ?? new Uint8Array())
    if (older && newer && !(await continues(older, newer, path))) problems.push("the newer checkpoint is not a continuation of the older one")
  }
  /** Every member there is, in its order and encoding, and no other. */
  const wellWritten = (fields: Fields): boolean => {
    const pair = (text: string, salt: string, sizeBytes: number): string[] | undefined => {
      if (fields[text] === undefined && fields[salt] === undefined) return []
      return typeof fields[text] === "string" && decoded(fields[salt], true)?.length === sizeBytes ? [salt, text] : undefined
    }
    const isPath = (value: unknown) => Array.isArray(value) && value.every((hash) => decoded(hash, true) !== undefined)
    const texts = (...names: readonly string[]) => names.every((name) => typeof fields[name] === "string")
    const notes = fields["handOvers"]
    const handed = notes === undefined ? [] : ["handOvers"]
    if (notes !== undefined && !(Array.isArray(notes) && notes.length > 0 && notes.every((note) => typeof note === "string"))) return false
    if (fields["proves"] === "consistency") {
      const names = ["proofFormat", "proves", "older", "newer", "consistency", ...handed, "verifierKey"]
      return Object.keys(fields).join() === names.join() && texts("older", "newer", "verifierKey") && isPath(fields["consistency"])
    }
    const [id, facts, content] = [pair("id", "idSalt", 32), pair("facts", "factsSalt", 16), pair("content", "contentSalt", 16)]
    if (!id || !facts || !content) return false
    const names = ["proofFormat", "proves", "entry", ...id, ...facts, ...content, "inclusion", "checkpoint", ...handed, "verifierKey"]
    return (
      Object.keys(fields).join() === names.join() &&
      texts("checkpoint", "verifierKey") &&
      decoded(fields["entry"], true) !== undefined &&
      isPath(fields["inclusion"])
    )
  }

  const report = (verdict: PageReport["verdict"], fields: Fields | undefined, why: readonly string[]): PageReport => {
    const proves = fields?.["proves"] === "inclusion" || fields?.["proves"] === "consistency" ? fields["proves"] : null
    return { verdict, problems: why, proves, entry, checkpoints, verifierKey: String(fields?.["verifierKey"] ?? ""), keys }
  }
  const text = file.replace(/\r?\n$/, "")
  let fields: Fields | undefined
  try {
    fields = objectOf(JSON.parse(text))
  } catch {
    return report("unverifiable", undefined, ["it is not JSON"])
  }
  if (fields?.["proofFormat"] !== 1 || (fields["proves"] !== "inclusion" && fields["proves"] !== "consistency"))
    return report("unverifiable", undefined, ["it is no proof of a format that this page knows"])
  const notes = Array.isArray(fields["handOvers"]) ? (fields["handOvers"] as string[]) : []
  const wellFormed = [...Object.values(fields), ...notes].every((value) => typeof value !== "string" || value.isWellFormed())
  if (spelled(text) === undefined || !wellWritten(fields) || !wellFormed) return report("invalid", fields, ["it is not written as a proof is written"])
  try {
    const keyAt = await chainOf(notes, String(fields["verifierKey"]))
    if (!keyAt) return report("invalid", fields, [notes.length > 0 ? "its hand-overs do not lead to its key" : "the verifier key in it is not one"])
    if (trustedKey !== null && !keys.includes(trustedKey)) problems.push("it is not signed by the key you were given")
    await (fields["proves"] === "inclusion" ? inclusion(fields, keyAt) : consistency(fields, keyAt))
  } catch (error) {
    return report("unverifiable", fields, [`this browser cannot check it: ${error instanceof Error ? error.message : String(error)}`])
  }
  return report(problems.length > 0 ? "invalid" : trustedKey === null ? "unverifiable" : "valid", fields, problems)
}
