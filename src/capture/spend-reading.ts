/** What a door needs of a call to tell what a spend is for: the ids as they may stand in facts, and how much is known to be sent. */
import { countOf, stringOf } from "../base/json.ts"
import type { CapturedCall, MapContext } from "./hook-row.ts"
import { jobOf } from "./hooks/run-kind.ts"
import { agentOf } from "../format/session-agent.ts"
import { name, reference } from "./references.ts"

export type SpendReading = {
  readonly agent?: string | undefined
  readonly run?: string | undefined
  readonly provider?: string | undefined
  readonly model?: string | undefined
  readonly channel?: string | undefined
  readonly job?: string | undefined
  /** The agent a subagent spends for. */
  readonly payer?: string | undefined
  readonly heartbeat?: boolean
  /** The session's label, which stands in no fact. */
  readonly session?: string | undefined
  readonly compaction?: boolean
  readonly knownBytes?: number | undefined
  /** All that is sent is among them. */
  readonly whole?: boolean
  /** The most that may be answered; undefined when whoever asks does not know. */
  readonly maxTokens?: number | undefined
  readonly askedAtMs: number
}

export function readCall({ picked, atMs }: CapturedCall, context: MapContext): SpendReading {
  const named = (value: unknown) => (stringOf(value) === undefined ? undefined : name(String(value), context))
  const referred = (value: unknown) => (stringOf(value) === undefined ? undefined : reference(String(value), context))
  const run = stringOf(picked["run"])
  const session = stringOf(picked["session"])
  return {
    agent: named(picked["agent"] ?? agentOf(session)),
    run: referred(run),
    provider: named(picked["provider"]),
    model: named(picked["model"]),
    channel: named(picked["channel"]),
    job: referred(picked["job"] ?? jobOf({ sessionKey: session })),
    payer: named(picked["payer"]),
    ...(picked["trigger"] === undefined ? {} : { heartbeat: picked["trigger"] === "heartbeat" }),
    session: session ?? stringOf(picked["sessionId"]),
    compaction: run?.includes(":compaction:") === true || picked["compaction"] === true,
    knownBytes: countOf(picked["knownBytes"]),
    whole: picked["whole"] === true,
    maxTokens: countOf(picked["maxTokens"]),
    askedAtMs: atMs,
  }
}
