/** Accidents with keys: what happened, and what every command says of it. */
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { writeKey } from "../../src/vault/master-key.ts"
import type { TestLedger } from "../ledger-fixture.ts"
import { keyOf, unseen, wrong, type Accident, type Answer } from "./accident.ts"
import { edit, killedIn, saved, underPassphrase } from "./accident-rig.ts"
import { olderScopes, rolledBack, undone } from "./rolled-back.ts"

const damaged = { fsck: [1, /DAMAGED/], "vault check": "works" } as const
const keysFile = { fsck: [1, /DAMAGED/], "vault check": [1, /✗ \S+keys\.json/] } as const

const empty = [2, /^The master key from \S+ is not usable: it is empty\.$/m] as const
const cutKey = [2, /^The master key from \S+ is not usable: it is a passphrase, but this ledger was created with a written key\.$/m] as const
const replaced = [2, /^The master key from \S+ \(fingerprint \w{16}\) opened this ledger until 2\S+; then \w{16} took its place\.$/m] as const
const notJson = [1, /^\S+keys\.json is damaged: it is not JSON(?: \(at position [^)]+\)\)?)?\.$/m] as const
const shapeless = [1, /^\S+keys\.json is damaged: a field is missing or has the wrong shape\.$/m] as const
const unwrapped = (name: string) => [1, new RegExp(`^\\S+keys\\.json is damaged: its ${name} key does not unwrap\\.$`, "m")] as const
const changed = [1, /^\S+keys\.json is damaged: its authenticator does not fit: something in it was changed, added or taken out by [^.]+\.$/m] as const
const missing = (file: string) => [2, new RegExp(`^\\S+${file} is missing, but \\S+journal\\.db is there\\.$`, "m")] as const

const withKeyFile: readonly Accident[] = [
  { name: "another key", happens: (ledger) => writeFileSync(keyOf(ledger), writeKey(Buffer.alloc(32, 9))), says: wrong, but: unseen },
  {
    name: "no key file",
    happens: (ledger) => rmSync(keyOf(ledger)),
    says: [2, /^No master key was found for the ledger in \S+\. Looked at: \S+.*\.$/m],
    but: unseen,
  },
  { name: "an empty key file", happens: (ledger) => writeFileSync(keyOf(ledger), ""), says: empty, but: unseen },
  { name: "a key file of blanks", happens: (ledger) => writeFileSync(keyOf(ledger), " \n\n"), says: empty, but: unseen },
  {
    name: "a directory where the key file is",
    happens: (ledger) => {
      rmSync(keyOf(ledger))
      mkdirSync(keyOf(ledger), { mode: 0o700 })
    },
    says: [2, /^\S+master\.key cannot be read: EISDIR: .+\.$/m],
    but: unseen,
  },
  {
    name: "a key file that others can read",
    happens: (ledger) => chmodSync(keyOf(ledger), 0o644),
    says: [2, /^The key file \S+ can be read by other users \(mode 644\)\.$/m],
    but: { ...unseen, "vault check": [1, /✗ \S+master\.key/] },
  },
  { name: "a key file cut in the middle", happens: (ledger) => edit(keyOf(ledger), (text) => text.slice(0, 20)), says: cutKey, but: unseen },
  {
    name: "a key file cut near its beginning",
    happens: (ledger) => edit(keyOf(ledger), (text) => text.slice(0, 8)),
    says: [2, /is not usable: a passphrase needs at least 12 characters\.$/m],
    but: unseen,
  },
  { name: "a letter of the key changed", happens: (ledger) => edit(keyOf(ledger), flipped), says: wrong, but: unseen },
  {
    name: "a letter of the key that is none any more",
    happens: (ledger) => edit(keyOf(ledger), (text) => `${text.slice(0, 10)}!${text.slice(11)}`),
    says: cutKey,
    but: unseen,
  },
  { name: "a key file with a byte order mark", happens: (ledger) => edit(keyOf(ledger), (text) => `\u00ef\u00bb\u00bf${text}`), says: "works" },
  {
    name: "a key file with CRLF",
    happens: (ledger) => edit(keyOf(ledger), (text) => text.replace("\n", "\r\n")),
    says: "works",
    but: { erase: "left out", "backup create": "left out" },
  },
  {
    name: "a key file in UTF-16",
    happens: (ledger) => writeFileSync(keyOf(ledger), Buffer.from(`\ufeff${readFileSync(keyOf(ledger), "utf8")}`, "utf16le")),
    says: cutKey,
    but: unseen,
  },
  {
    name: "a passphrase with one wrong letter",
    happens: async (ledger) => {
      await underPassphrase(ledger)
      writeFileSync(keyOf(ledger), "correct horse battery stable\n")
    },
    says: wrong,
    but: unseen,
  },
  {
    name: "the key file of before a rotation",
    happens: (ledger) => copyFileSync(saved(ledger, "before-rotation.key"), keyOf(ledger)),
    says: replaced,
    but: unseen,
  },
]

const ofKeysJson: readonly Accident[] = [
  { name: "keys.json cut", happens: (ledger) => edit(ledger.files.keys, (text) => text.slice(0, text.length / 2)), says: notJson, but: keysFile },
  { name: "keys.json empty", happens: (ledger) => writeFileSync(ledger.files.keys, ""), says: notJson, but: keysFile },
  {
    name: "keys.json missing",
    happens: (ledger) => rmSync(ledger.files.keys),
    says: missing("keys\\.json"),
    but: { fsck: [2, /NOT ALL/], "vault check": "works" },
  },
  {
    name: "keys.json a directory",
    happens: (ledger) => {
      rmSync(ledger.files.keys)
      mkdirSync(ledger.files.keys)
    },
    says: [2, /^\S+keys\.json cannot be read: EISDIR: .+\.$/m],
    but: keysFile,
  },
  { name: "keys.json null", happens: (ledger) => writeFileSync(ledger.files.keys, "null"), says: shapeless, but: keysFile },
  member("its format a later one", (keys) => (keys["format"] = 3), [2, /^\S+keys\.json has format 3; this version reads format 2\.$/m], {
    ...keysFile,
    fsck: [2, /NOT ALL/],
  }),
  member("its format another word", (keys) => (keys["format"] = "x"), shapeless, keysFile),
  member("another storeId", (keys) => (keys["storeId"] = flipped(String(keys["storeId"]))), unwrapped("page")),
  member("another origin", (keys) => (keys["origin"] = flipped(String(keys["origin"]))), [
    1,
    /^\S+keys\.json is damaged: its verifier key is not that of its signing key and origin\.$/m,
  ]),
  member("another verifierKey", (keys) => (keys["verifierKey"] = "junk"), unwrapped("page")),
  member("another masterFingerprint", (keys) => (keys["masterFingerprint"] = flipped(String(keys["masterFingerprint"]))), wrong, unseen),
  ...["page", "signing", "scopes"].map((name) => member(`another wrapped ${name}`, ({ wrapped }) => flip(wrapped, name), unwrapped(name))),
  // What follows keeps nothing from being opened: the authenticator over all of it shows the change.
  member("another createdAt", (keys) => (keys["createdAt"] = "once"), changed),
  member("another earlier key", ({ replaced }) => flip((replaced as object[])[0], "masterFingerprint"), changed),
  member("another time of an earlier key", ({ replaced }) => flip((replaced as object[])[0], "replacedAt"), changed),
  member(
    "stretching that no passphrase had",
    (keys) => (keys["stretching"] = { name: "argon2id", salt: "A".repeat(22), memoryKib: 8, passes: 1, parallelism: 1 }),
    changed,
  ),
  member("other first bytes of journal.db", ({ fileSalts }) => flip(fileSalts, "journal.db"), changed),
  member("no first bytes of journal.db", (keys) => (keys["fileSalts"] = {}), changed),
  member("another hand-over", ({ handOvers }) => flip(handOvers, "0"), changed),
  member("no hand-overs", (keys) => delete keys["handOvers"], changed),
  member("no authenticator", (keys) => delete keys["mac"], changed),
  member("the format that had no authenticator", (keys) => (keys["format"] = 1), unwrapped("page")),
  member("a next key that is none", (keys) => (keys["next"] = { masterFingerprint: "aa", wrapped: { page: "a", signing: "a", scopes: "a" } }), changed),
  member("a pending key that is none", (keys) => (keys["pending"] = { verifierKey: "a", signing: "b" }), unwrapped("pending")),
]

const reading = { "events list": "works", "vault check": "works" } as const

const ofScopes: readonly Accident[] = [
  {
    name: "scopes.db missing",
    happens: (ledger) => rmSync(ledger.files.scopes),
    says: missing("scopes\\.db"),
    but: { ...reading, verify: [2, /\? UNVERIFIABLE/], fsck: [2, /NOT ALL/], "vault status": [1, /scopes\.db/] },
  },
  {
    name: "scopes.db empty",
    happens: (ledger) => writeFileSync(ledger.files.scopes, ""),
    says: [1, /^\S+scopes\.db is damaged: it is empty\.$/m],
    but: { ...damaged, "vault status": [1, /scopes\.db is damaged/] },
  },
  {
    name: "scopes.db cut",
    happens: (ledger) => edit(ledger.files.scopes, (text) => text.slice(0, 4_196)),
    says: [1, /^\S+scopes\.db is damaged: database disk image is malformed\.$/m],
    but: { ...damaged, "vault status": [1, /scopes\.db is damaged/] },
  },
  {
    name: "scopes.db cut within its first page",
    happens: (ledger) => edit(ledger.files.scopes, (text) => text.slice(0, 100)),
    says: [1, /^\S+scopes\.db is damaged: its first page does not open under the ledger's key\.$/m],
    but: { ...damaged, "vault status": [1, /scopes\.db is damaged/] },
  },
]

const rotation = (step: string): Accident => ({
  name: `a rotation cut off: ${step}`,
  happens: (ledger) => killedIn("dying-rotation.ts", ledger, step),
  says: "works",
  but: {
    ...(["added", "entered"].includes(step) ? {} : ({ erase: "left out", "backup create": "left out" } as const)),
    ...(["written", "promoted", "torn add"].includes(step) ? {} : { "vault status": [1, /A rotation (?:has begun|is to be completed)/] }),
    ...(["written", "torn add", "added", "torn promote"].includes(step) ? { "vault check": [1, /✗ \S+(?:\.next|\.tmp)/] } : {}),
  },
})
const erasure = (step: string): Accident => ({
  name: `an erasure cut off: ${step}`,
  happens: (ledger) => killedIn("dying-erasure.ts", ledger, step, JSON.stringify({ who: { by: "sender", value: "telegram:4242" } })),
  says: "works",
  but: {
    ...(step === "destroyed" ? {} : { "vault status": [1, /An erasure was cut off/] }),
    ...(step === "entered" ? undone : ({ "vault rotate": "left out", "backup create": "left out" } as const)),
  },
})

export const accidents: readonly Accident[] = [
  ...withKeyFile,
  ...rolledBack,
  ...ofKeysJson,
  ...ofScopes,
  olderScopes,
  ...["written", "torn add", "added", "placed", "entered", "torn promote", "promoted"].map(rotation),
  ...["begun", "entered", "destroyed"].map(erasure),
]

function member(name: string, change: (keys: Record<string, unknown>) => unknown, says: Answer, but: Accident["but"] = damaged): Accident {
  const happens = (ledger: TestLedger) =>
    edit(ledger.files.keys, (text) => {
      const keys = JSON.parse(text) as Record<string, unknown>
      change(keys)
      return `${JSON.stringify(keys, null, 2)}\n`
    })
  return { name: `in keys.json: ${name}`, happens, says, but }
}

function flipped(text: string): string {
  return `${text.slice(0, 10)}${text[10] === "A" ? "B" : "A"}${text.slice(11)}`
}

function flip(holder: unknown, name: string): void {
  const record = holder as Record<string, string>
  record[name] = flipped(record[name] ?? "")
}
