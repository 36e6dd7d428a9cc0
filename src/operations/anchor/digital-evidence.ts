/**
 * Digital Evidence as an anchor: a signed fingerprint of the checkpoint is submitted, by API key or paid for request by request, and looked up again; it counts
 * only when what the network shows is what was submitted, value by value. What was accepted and is not shown yet is looked up again before anything else is
 * submitted, so that nothing is paid for twice.
 */
import { randomBytes, randomUUID } from "node:crypto"
import { setTimeout as sleep } from "node:timers/promises"
import { problemOf } from "../../base/fault.ts"
import { objectOf, stringOf } from "../../base/json.ts"
import { documentRefOf, evidenceRecord, fingerprintHash, isSame, parseFound, type Submission } from "../../format/digital-evidence.ts"
import { parseSignedCheckpoint } from "../../format/checkpoint.ts"
import type { Secp256k1Key } from "../../vault/secp256k1.ts"
import type { AnchorService, AnchorWord, Checkpointed, Exchange, ExchangeAnswer } from "./anchor-service.ts"
import type { Offer, PaymentRules } from "./x402.ts"

export type EvidenceAccount = {
  readonly url: string
  readonly orgId: string
  readonly tenantId: string
  readonly signer: Secp256k1Key
  /** How requests are let in: by key, or each by a payment. */
  readonly access: { readonly apiKey: string } | { readonly wallet: Secp256k1Key; readonly rules: PaymentRules; readonly pay: (offer: Offer) => boolean }
}

export type EvidenceParts = {
  readonly exchange: Exchange
  readonly nowMs: () => number
  /** Read when it is first needed, and again while it cannot be. */
  readonly account: () => Promise<EvidenceAccount | string>
  /** Between look-ups of what was accepted just now; other than usual only in tests. */
  readonly pausesMs?: readonly number[]
}

type Open = { readonly shown: Checkpointed; readonly submission: Submission; readonly hash: string; readonly sentMs: number; missed: number }

const usualPausesMs = [0, 1_000, 3_000]
const withinMs = 300_000
const mostMissed = 5

/** Thrown to end a question with this word. */
class Ended extends Error {
  readonly word: AnchorWord

  constructor(word: AnchorWord) {
    super(word.state)
    this.word = word
  }
}

export function digitalEvidence(authority: string, parts: EvidenceParts): AnchorService {
  let open: Open | undefined
  const ask: AnchorService["ask"] = async (shown, signal) => {
    try {
      const account = await parts.account()
      if (typeof account === "string") return { state: "could not be asked", problem: account }
      open ??= await submitted(shown, account, parts, signal)
      const word = await lookedUp(open, account.url, parts, signal)
      const isGone = word.state === "could not be asked" && ++open.missed >= mostMissed
      const last: AnchorWord = isGone ? falsely("not found", "it accepted the checkpoint, and does not know it") : word
      if (last.state === "anchored" || last.state === "answers falsely") open = undefined
      return last
    } catch (error) {
      return error instanceof Ended ? error.word : { state: "could not be asked", problem: problemOf(error) }
    }
  }
  return { kind: "digital-evidence", authority, ask }
}

async function submitted(shown: Checkpointed, account: EvidenceAccount, parts: EvidenceParts, signal: AbortSignal): Promise<Open> {
  const { orgId, tenantId, signer, url } = account
  const origin = parseSignedCheckpoint(shown.note)?.origin ?? ""
  const sentMs = parts.nowMs()
  const about = { documentId: `${origin}:${shown.size}`, documentRef: documentRefOf(shown.note) }
  const content = { orgId, tenantId, eventId: randomUUID(), signerId: signer.id, ...about, timestamp: new Date(sentMs).toISOString(), version: 1 }
  const hash = fingerprintHash(content)
  const signature = signer.signFingerprint(hash)
  const submission: Submission = { attestation: { content, proofs: [{ id: signer.id, signature, algorithm: "SECP256K1_RFC8785_V1" }] } }
  const answer = await sent(`${url}/v1/fingerprints`, JSON.stringify([submission]), account, parts, signal)
  if (answer.status === 401 || answer.status === 403 || answer.status === 402) throw new Ended({ state: "refuses", problem: `status ${answer.status}` })
  if (answer.status !== 200 && answer.status !== 201) throw new Ended({ state: "could not be asked", problem: `it answers with status ${answer.status}` })
  const [result, ...more] = listIn(answer.body)
  const { accepted, hash: theirs, eventId, errors } = objectOf(result)
  if (typeof accepted !== "boolean" || more.length > 0) throw new Ended(falsely("malformed", "it answers something else than one result"))
  if (!accepted) throw new Ended({ state: "refuses", problem: `it does not accept the checkpoint: ${textsIn(errors)}` })
  if (theirs !== hash || eventId !== content.eventId) throw new Ended(falsely("other hash", "it accepted something else than was submitted"))
  return { shown, submission, hash, sentMs, missed: 0 }
}

/** With the key; or without, and again with a payment where one is asked for that the rules allow. */
async function sent(url: string, body: string, { access }: EvidenceAccount, { exchange, nowMs }: EvidenceParts, signal: AbortSignal): Promise<ExchangeAnswer> {
  const headers = { "Content-Type": "application/json", Accept: "application/json" }
  if ("apiKey" in access) return exchange({ url, method: "POST", headers: { ...headers, "X-Api-Key": access.apiKey }, body }, signal)
  const first = await exchange({ url, method: "POST", headers, body }, signal)
  if (first.status !== 402) return first
  const { acceptableOffer, paymentHeader } = await import("./x402.ts")
  const offer = acceptableOffer(jsonIn(first.body), access.rules)
  if ("refused" in offer) throw new Ended({ state: "refuses", problem: `not paid: ${offer.refused}` })
  if (!access.pay(offer)) throw new Ended({ state: "refuses", problem: "not paid: what may be paid in a day is spent" })
  const payment = paymentHeader(offer, { key: access.wallet, rules: access.rules, nowMs: nowMs(), nonce: randomBytes(32) })
  return exchange({ url, method: "POST", headers: { ...headers, "X-PAYMENT": payment }, body }, signal)
}

async function lookedUp(open: Open, url: string, { exchange, pausesMs = usualPausesMs }: EvidenceParts, signal: AbortSignal): Promise<AnchorWord> {
  let status = 0
  for (const pauseMs of pausesMs) {
    if (pauseMs > 0) await sleep(pauseMs, undefined, { signal })
    const answer = await exchange({ url: `${url}/v1/fingerprints/${open.hash}`, method: "GET", headers: { Accept: "application/json" } }, signal)
    status = answer.status
    if (status === 200) return wordOf(open, answer.body)
  }
  return { state: "could not be asked", problem: status === 404 ? "it accepted the checkpoint, and does not show it yet" : `it answers with status ${status}` }
}

function wordOf({ submission, hash, sentMs, shown }: Open, body: Buffer): AnchorWord {
  const found = parseFound(objectOf(jsonIn(body))["data"])
  if (!found) return falsely("malformed", "what it shows is no fingerprint")
  if (!isSame(found, submission.attestation.content)) return falsely("other record", "what it shows is not what was submitted")
  const atMs = Date.parse(found.createdAt)
  if (Math.abs(atMs - sentMs) > withinMs) return falsely("other time", `its time is not that of the request (${new Date(atMs).toISOString()})`)
  return { state: "anchored", of: shown, atMs, reference: hash, proof: evidenceRecord(submission, found) }
}

function falsely(why: string, problem: string): AnchorWord {
  return { state: "answers falsely", why, problem }
}

function jsonIn(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"))
  } catch {
    return undefined
  }
}

function listIn(body: Buffer): readonly unknown[] {
  const value = jsonIn(body)
  return Array.isArray(value) ? value : []
}

function textsIn(value: unknown): string {
  const texts = Array.isArray(value) ? value.flatMap((one) => stringOf(one) ?? []) : []
  return texts.join("; ").slice(0, 300) || "it does not say why"
}
