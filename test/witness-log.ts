/**
 * A log as a witness sees it: checkpoints and proofs over made-up leaves, honest or forked. The tree is the slow one of the tests, so that no code of ours
 * vouches for itself.
 *
 *   const log = makeLog()
 *   log.offer(0, 5)                            // the request that offers the first 5 leaves to a witness that saw none
 *   log.forkAt(5).offer(5, 8)                  // the same log's key over leaves that differ from the sixth on
 */
import { addCheckpointText } from "../src/format/add-checkpoint.ts"
import { verifierKeyText } from "../src/format/checkpoint.ts"
import { Signer } from "../src/vault/signer.ts"
import { naiveConsistency, naiveRoot, syntheticLeaves } from "./format/naive-tree.ts"

export type WatchableLog = {
  readonly origin: string
  readonly key: string
  readonly leaves: readonly Buffer[]
  readonly rootOf: (size: number) => Buffer
  readonly note: (size: number) => string
  /** A signed checkpoint with any root. */
  readonly signed: (size: number, root: Buffer) => string
  readonly proof: (oldSize: number, size: number) => readonly Buffer[]
  readonly offer: (oldSize: number, size: number) => string
  /** The same key and the same leaves up to there, others after it. */
  readonly forkAt: (size: number) => WatchableLog
}

const leafCount = 64

export function makeLog(origin = "example.com/log", seed = 1, leaves: readonly Buffer[] = syntheticLeaves(leafCount)): WatchableLog {
  const signer = new Signer(origin, Buffer.alloc(32, seed))
  const rootOf = (size: number) => naiveRoot(leaves.slice(0, size))
  const signed = (size: number, root: Buffer) => signer.note({ origin, size, root })
  const note = (size: number) => signed(size, rootOf(size))
  const proof = (oldSize: number, size: number) => naiveConsistency(oldSize, leaves.slice(0, size))
  return {
    origin,
    key: verifierKeyText(origin, signer.publicKey),
    leaves,
    rootOf,
    note,
    signed,
    proof,
    offer: (oldSize, size) => addCheckpointText(oldSize, proof(oldSize, size), note(size)),
    forkAt: (size) => {
      const other = syntheticLeaves(leafCount).map((leaf) => Buffer.from(leaf.map((byte) => byte ^ 0xff)))
      return makeLog(origin, seed, [...leaves.slice(0, size), ...other.slice(size)])
    },
  }
}
