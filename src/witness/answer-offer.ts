/**
 * A witness's answer to one offer. What it cosigns is on disk before the cosignature is made, under the lock: two requests, or two processes, cannot
 * both be told yes, and a witness that is killed at any point knows afterwards everything it may have signed.
 */
import { assert } from "../base/fault.ts"
import { parseAddCheckpoint, type OfferedCheckpoint } from "../format/add-checkpoint.ts"
import { signatureLineOf, type SignedCheckpoint } from "../format/checkpoint.ts"
import type { WitnessKey } from "../vault/witness-key.ts"
import { malformedOffer, refusalOf, type Refusal } from "../verify/offered-checkpoint.ts"
import type { KnownLog, WatchedLogs } from "./watched-logs.ts"

export type Witness = {
  readonly logs: WatchedLogs
  readonly key: WitnessKey
  readonly nowS: () => number
}

export type Cosigned = { readonly status: 200; readonly line: string }

/** @throws {Fault} when the state cannot be read or written; then nothing was cosigned. */
export async function answerOffer(witness: Witness, body: Uint8Array): Promise<Cosigned | Refusal> {
  const offer = parseAddCheckpoint(body)
  if (!offer) return malformedOffer
  const { logs } = witness
  const log = logs.read(offer.checkpoint.origin)
  // Judged without the lock first: whoever has no key of a log cannot make the others wait.
  const refusal = refusalOf(offer, log)
  return refusal ? refused(witness, { offer, body, log, refusal }) : logs.locked(() => decide(witness, offer, body))
}

function decide(witness: Witness, offer: OfferedCheckpoint, body: Uint8Array): Cosigned | Refusal {
  const { logs, key, nowS } = witness
  const { checkpoint } = offer
  const log = logs.read(checkpoint.origin)
  const refusal = refusalOf(offer, log)
  if (refusal) return refused(witness, { offer, body, log, refusal })
  assert(log, "a checkpoint of an unknown log was not refused")
  const timeS = nowS()
  // Also when it is the same checkpoint again: the write before this one may have failed after its file could be seen.
  logs.write({ ...log, size: checkpoint.size, root: checkpoint.root, note: trustedNote(checkpoint, log), cosignedS: timeS })
  logs.dropUnproven(checkpoint.origin, checkpoint.text)
  return { status: 200, line: key.cosign(checkpoint.text, timeS) }
}

type Refused = { readonly offer: OfferedCheckpoint; readonly body: Uint8Array; readonly log: KnownLog | undefined; readonly refusal: Refusal }

/** What contradicts the log itself is kept, with what it contradicts. */
function refused({ logs, nowS }: Witness, { offer, body, log, refusal }: Refused): Refusal {
  if (refusal.contradicts) {
    const { origin, text } = offer.checkpoint
    const proven = refusal.contradicts === "proven"
    const request = Buffer.from(body).toString("utf8")
    logs.keepContradiction(origin, text, { atS: nowS(), why: refusal.why, proven, cosigned: log?.note ?? null, request })
  }
  return refusal
}

/** The checkpoint under the log's own signatures alone. */
function trustedNote({ text, signatures }: SignedCheckpoint, { keys }: KnownLog): string {
  const trusted = signatures.filter(({ name, keyHash }) => keys.some((key) => key.name === name && key.keyHash.equals(keyHash)))
  return `${text}\n${trusted.map(signatureLineOf).join("")}`
}
