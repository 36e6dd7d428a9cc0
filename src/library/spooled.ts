/** What a caller captured, made ready: an action that a receipt can be of, and the digests of its payloads. And what is in a store, read back into the same. */
import { canonicalJson } from "../base/canonical-json.ts"
import { Fault, problemOf } from "../base/fault.ts"
import { objectOf, type Json } from "../base/json.ts"
import type { RecordKey } from "../format/peac/keys.ts"
import { payloadDigest } from "../format/peac/payload-digest.ts"
import { anchorOf, spoolEntryOf } from "../format/peac/spool-of-record.ts"
import { emptySpool, type SpoolEntry, type SpoolHead } from "../format/peac/spool.ts"
import { sha256 } from "../format/sha256.ts"
import { RecordJudge } from "../verify/peac/records.ts"
import type { Action, CaptureOptions } from "./receipts-api.ts"

export type Spooled = Pick<SpoolEntry, "action" | "input_digest" | "output_digest">

/** `content` tells two actions of one id apart. */
export type Known = { readonly sequence: number; readonly digest: string; readonly content: string }

export type Chain = { readonly head: SpoolHead; readonly known: Map<string, Known> }

const members: ReadonlySet<string> = new Set([
  ...["id", "kind", "platform", "started_at", "completed_at", "duration_ms", "tool_name", "status", "error_code", "policy"],
])

/** As it is at this moment: what the caller changes later is not in it. @throws {Fault} `library.action` */
export function spooledOf(action: Action, { input, output }: CaptureOptions): Spooled {
  const refuse = (problem: string, cause?: unknown) => new Fault("library.action", { id: nameOf(action), problem }, cause)
  const unknown = Object.keys(objectOf(action)).find((name) => !members.has(name))
  if (unknown !== undefined) throw refuse(`it has ${unknown}, which no action has`)
  const json = (value: unknown): Json => {
    try {
      const text = JSON.stringify(value)
      if (typeof text === "string") return JSON.parse(text) as Json
    } catch (error) {
      throw refuse(problemOf(error), error)
    }
    throw refuse("what it was given or gave is not JSON")
  }
  return {
    action: json(action) as unknown as Spooled["action"],
    ...(input === undefined ? {} : { input_digest: payloadDigest(json(input), 0) }),
    ...(output === undefined ? {} : { output_digest: payloadDigest(json(output), 0) }),
  }
}

export function nameOf(action: Action): string {
  return String(objectOf(action)["id"]).slice(0, 80)
}

export function contentOf({ action, input_digest: input, output_digest: output }: Spooled): string {
  return sha256(canonicalJson({ action, input: input ?? null, output: output ?? null })).toString("hex")
}

/** How far a store is, and whose actions have receipts. @throws {Fault} `library.chain` unless each is good by these keys and linked to the one before. */
export function readChain(records: readonly string[], keys: readonly RecordKey[]): Chain {
  const judge = new RecordJudge(keys)
  const known = new Map<string, Known>()
  let head = emptySpool
  for (const [at, jws] of records.entries()) {
    const { problem, record } = judge.judge(jws)
    const entry = record && spoolEntryOf(record, head.digest)
    const refuse = (why: string) => new Fault("library.chain", { number: at + 1, problem: why })
    if (problem !== null || !record) throw refuse(problem ?? "it is no record")
    if (entry?.sequence !== at + 1 || entry.entry_digest !== anchorOf(record)) throw refuse("it does not follow the one before")
    if (known.has(entry.action.id)) throw refuse("its action has one already")
    head = { sequence: entry.sequence, digest: entry.entry_digest }
    known.set(entry.action.id, { ...head, content: contentOf(entry) })
  }
  return { head, known }
}
