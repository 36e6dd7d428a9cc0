/**
 * The keys that the reader trusts, however they were given: verifier keys of ledgers and of witnesses (`name+hash+key`, one a line), JWKS or a JWK of who signs
 * receipts, what `key status --json` prints, or certificates of time-stamp authorities (PEM). Nothing that stands in evidence is ever pinned by itself.
 */
import { problemOf } from "../../base/fault.ts"
import { stringOf } from "../../base/json.ts"
import { parseVerifierKey, verifierKeyText, type VerifierKey } from "../../format/checkpoint.ts"
import { noteTexts, parseHandOver } from "../../format/hand-over.ts"
import { parseIssuer, parseKeys, withRevocations, type IssuerPin, type RecordKey } from "../../format/peac/keys.ts"
import { strictObject } from "../../format/peac/strict-json.ts"
import { sha256 } from "../../format/sha256.ts"
import { witnessId } from "../../format/witness.ts"
import type { AnchorPin } from "../anchor-tally.ts"
import { certificatesIn } from "../certificate-path.ts"
import type { JudgeOptions } from "../peac/records.ts"
import type { Trusted } from "../key-chain.ts"
import type { WitnessPin } from "../witness-tally.ts"

export type Pins = {
  readonly ledgers: readonly VerifierKey[]
  /** Hand-overs that were told beside a ledger's key. */
  readonly handOvers: readonly string[]
  readonly witnesses: readonly WitnessPin[]
  readonly records: readonly RecordKey[]
  /** Keys of another kind that stood beside them. */
  readonly ignored: number
  /** What issuers say of keys: which were revoked. */
  readonly issuers: readonly IssuerPin[]
  /** A time-stamp must lead to a certificate of each. */
  readonly authorities: readonly AnchorPin[]
}

export const noPins: Pins = { ledgers: [], handOvers: [], witnesses: [], records: [], ignored: 0, issuers: [], authorities: [] }

const witnessKeyType = "B" // base64 of a first byte 0x04; that of a ledger's key, 0x01, begins with A

/** @returns a sentence on what is wrong with the text when it has no keys, or something else in it */
export function parsePins(text: string): Pins | { readonly problem: string } {
  const trimmed = text.replace(/^\ufeff/, "").trim()
  if (trimmed === "") return noPins
  if (trimmed.includes("-----BEGIN CERTIFICATE-----")) return pinsOfCertificates(trimmed)
  const lines = () => trimmed.split("\n").map((line) => line.trim())
  return trimmed.startsWith("{") ? pinsOfJson(trimmed) : pinsOfLines(lines().filter((line) => line !== ""))
}

export function joinPins(all: readonly Pins[]): Pins {
  return {
    ledgers: all.flatMap(({ ledgers }) => ledgers),
    handOvers: [...new Set(all.flatMap(({ handOvers }) => handOvers))],
    witnesses: [...new Map(all.flatMap(({ witnesses }) => witnesses).map((pin) => [witnessId(pin.key), pin])).values()],
    records: joinedKeys(all),
    ignored: all.reduce((sum, { ignored }) => sum + ignored, 0),
    issuers: all.flatMap(({ issuers }) => issuers),
    authorities: [...new Map(all.flatMap(({ authorities }) => authorities).map((pin) => [pin.name, pin])).values()],
  }
}

/** What documents of issuers say beside the keys: who issued what is good by them. */
export function judgeOptions({ issuers }: Pins): JudgeOptions {
  return { issuers: issuers.map(({ issuer }) => issuer) }
}

/** For people: what is pinned, a line each. */
export function pinWords({ ledgers, witnesses, records, issuers, authorities }: Pins): readonly string[] {
  return [
    ...ledgers.map(({ name, publicKey }) => `ledger ${verifierKeyText(name, publicKey)}`),
    ...witnesses.map(({ key }) => `witness ${verifierKeyText(key.name, key.publicKey, "witness")}`),
    ...records.map(({ kid, revoked }) => `receipts ${kid}${revoked ? `, revoked at ${new Date(revoked.atMs).toISOString()}` : ""}`),
    ...issuers.map(
      ({ issuer, revoked }) => `issued by ${issuer}, which says of keys that were revoked: ${revoked.size === 0 ? "none" : [...revoked.keys()].join(", ")}`,
    ),
    ...authorities.map(({ name }) => `time-stamps that lead to a certificate of ${name}`),
  ]
}

/**
 * The pinned key to judge a file by that names these keys as its own: the first of them that is pinned, else one of that ledger, else whichever there is, so that a file of a stranger
 * is not taken for one that nobody could judge.
 */
export function trustedFor({ ledgers, handOvers }: Pins, named: readonly string[], origin: string): Trusted {
  const key =
    ledgers.find(({ name, publicKey }) => named.includes(verifierKeyText(name, publicKey))) ?? ledgers.find(({ name }) => name === origin) ?? ledgers[0]
  // Those of another ledger say nothing of this one.
  const own = handOvers.filter((note) => parseHandOver(note)?.origin === origin)
  return { key, ...(own.length === 0 ? {} : { handOvers: own }) }
}

/** A key that one of the files says was revoked is, whatever the others say. */
function joinedKeys(all: readonly Pins[]): readonly RecordKey[] {
  const keys = all.flatMap(({ records }) => records)
  const said = [
    ...all.flatMap(({ issuers }) => issuers.map(({ revoked }) => revoked)),
    ...keys.flatMap(({ kid, revoked }) => (revoked ? [new Map([[kid, revoked]])] : [])),
  ]
  const joined = new Map<string, RecordKey>()
  for (const key of keys) {
    const name = `${key.kid} ${key.publicKey.toString("hex")}`
    joined.set(name, { ...key, sets: [...(joined.get(name)?.sets ?? []), ...key.sets] })
  }
  return said.reduce<readonly RecordKey[]>(withRevocations, [...joined.values()])
}

function pinsOfJson(text: string): Pins | { readonly problem: string } {
  const parsed = strictObject(text)
  if ("problem" in parsed) return parsed
  const { verifierKey, handOvers, issuer, jwks_uri: uri } = parsed.value
  const ofLedger = stringOf(verifierKey)
  if (ofLedger !== undefined) {
    const pins = pinsOfLines([ofLedger])
    return "problem" in pins ? pins : { ...pins, handOvers: noteTexts(handOvers) ?? [] }
  }
  if (issuer !== undefined && uri !== undefined) {
    const told = parseIssuer(text)
    return "problem" in told ? told : { ...noPins, issuers: [told.value] }
  }
  const records = parseKeys(text)
  return "problem" in records ? records : { ...noPins, records: records.value, ignored: records.ignored }
}

function pinsOfCertificates(text: string): Pins | { readonly problem: string } {
  const certificates = certificatesIn(text)
  if (!certificates) return { problem: "a certificate in it cannot be read" }
  const hashes = certificates.map(({ raw }) => sha256(raw).toString("hex"))
  const name = `those that you pinned (SHA-256 ${hashes.join(", ")})`
  return { ...noPins, authorities: [{ name, certificates, required: true }] }
}

function pinsOfLines(lines: readonly string[]): Pins | { readonly problem: string } {
  const [ledgers, witnesses]: [VerifierKey[], WitnessPin[]] = [[], []]
  try {
    for (const line of lines) {
      const isWitness = line.split("+").slice(2).join("+").startsWith(witnessKeyType)
      if (isWitness) witnesses.push({ key: parseVerifierKey(line, "witness"), required: true })
      else ledgers.push(parseVerifierKey(line))
    }
  } catch (error) {
    return { problem: problemOf(error) }
  }
  return { ...noPins, ledgers, witnesses }
}
