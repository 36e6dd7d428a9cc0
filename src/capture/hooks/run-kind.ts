/**
 * Why there is a run, for those that no message of a person started. The host tells it in places that are no facts: the run's id, which is replaced when
 * it carries a session key, and the session key itself.
 */
import type { RunKind } from "../../format/event.ts"
import type { Picked } from "../hook-row.ts"
import type { Reading } from "../reading.ts"
import { placeOfKey } from "../session-key.ts"

const announce = /^announce:v\d+:/
const childRun = /:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i

export type RunFacts = { readonly runKind: RunKind | undefined; readonly childRun: string | undefined }

export function runFacts(reading: Reading): RunFacts {
  const run = reading.picked["run"]
  const announces = typeof run === "string" && announce.test(run)
  return {
    runKind: announces ? "announce" : kindOf(run, reading.picked["session"], reading.picked["trigger"]),
    childRun: announces ? reading.reference("childRun", childRun.exec(run)?.[1]) : undefined,
  }
}

function kindOf(run: unknown, session: unknown, trigger: unknown): RunKind | undefined {
  if (typeof run === "string" && run.includes(":compaction:")) return "compaction"
  const kind = typeof session === "string" ? placeOfKey(session).kind : undefined
  if (kind !== undefined) return kind
  if (trigger === "cron") return "cron"
  return trigger === "heartbeat" ? "heartbeat" : undefined
}

/** The job a run works for: the host names it at a run's first doors, and later only in the key of the session it opened for the execution. */
export function jobOf(ctx: Picked): unknown {
  const session = ctx["sessionKey"]
  return ctx["jobId"] ?? (typeof session === "string" ? /^agent:[^:]{1,64}:cron:([^:]+)(?::|$)/.exec(session)?.[1] : undefined)
}
