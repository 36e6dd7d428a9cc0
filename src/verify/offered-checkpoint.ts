/**
 * What a witness answers to a checkpoint that is offered to it: the checks of https://c2sp.org/tlog-witness, in its order, and nothing but them.
 * The offer may come from anybody. Who cosigns on the word of this must keep what was cosigned last from changing meanwhile.
 */
import type { OfferedCheckpoint } from "../format/add-checkpoint.ts"
import type { SignedCheckpoint, VerifierKey } from "../format/checkpoint.ts"
import { isConsistent } from "../format/consistency.ts"
import { ed25519Checker } from "./ed25519.ts"

/** What a witness holds of a log: whose signature it trusts, and the tree it cosigned last (size 0 before the first). */
export type WatchedLog = {
  readonly keys: readonly VerifierKey[]
  readonly size: number
  readonly root: Buffer
}

/** Statuses of HTTP, as the protocol gives them. */
export type Refusal = {
  readonly status: 400 | 403 | 404 | 409 | 422
  readonly why: string
  /** The size cosigned last, where the protocol has it told. */
  readonly knownSize?: number
  /** The log signed what does not continue what it signed before: "proven", or the proof is wrong, which need not be the log's doing. */
  readonly contradicts?: "proven" | "perhaps"
}

export const malformedOffer: Refusal = { status: 400, why: "the request is not an old size, a consistency proof and a signed checkpoint" }

/** Undefined when the checkpoint may be cosigned. */
export function refusalOf(offer: OfferedCheckpoint, log: WatchedLog | undefined): Refusal | undefined {
  if (!log) return { status: 404, why: "this witness does not know the log of that origin" }
  const { oldSize, checkpoint } = offer
  if (!isSignedBy(log.keys, checkpoint)) return { status: 403, why: "the checkpoint is not signed by a key that this witness trusts for its origin" }
  if (oldSize > checkpoint.size) return { status: 400, why: "the old size is larger than the checkpoint" }
  if (oldSize !== log.size) return { status: 409, why: `this witness cosigned size ${log.size} last`, knownSize: log.size }
  if (oldSize === checkpoint.size && oldSize > 0 && !log.root.equals(checkpoint.root)) {
    return { status: 409, why: "this witness cosigned another tree of the same size", contradicts: "proven" }
  }
  if (!continues(log, offer)) {
    return { status: 422, why: `the consistency proof does not lead from the tree of size ${log.size} that this witness cosigned`, contradicts: "perhaps" }
  }
  return undefined
}

/** Of the keys' signatures there is at least one, and none that is wrong (https://c2sp.org/signed-note). */
function isSignedBy(keys: readonly VerifierKey[], { text, signatures }: SignedCheckpoint): boolean {
  const checks = keys.flatMap((key) => {
    const isSigned = ed25519Checker(key)
    return signatures
      .filter(({ name, keyHash }) => name === key.name && keyHash.equals(key.keyHash))
      .map(({ signature }) => isSigned(Buffer.from(text), signature))
  })
  return checks.length > 0 && checks.every(Boolean)
}

function continues({ size, root }: WatchedLog, { proof, checkpoint }: OfferedCheckpoint): boolean {
  return isConsistent(size, checkpoint.size, root, checkpoint.root, proof)
}
