/** How the record stands beside its figures: which steps of set-up are missing, whether conversations are heard, how capture goes, and the root of the tree. */
import { machineName } from "../base/machine-name.ts"
import { countOf, objectOf, type Json } from "../base/json.ts"
import { parseSignedCheckpoint } from "../format/checkpoint.ts"
import type { HostStanding } from "./coverage.ts"
import type { LedgerAccess } from "./ledger-access.ts"
import { nothingAround, surroundingsOf, type Surroundings } from "./surroundings.ts"

/** The host's permission, and what came of it: silent where it is given and nothing was heard for a day. */
export type ConversationHook = "ENABLED" | "DISABLED" | "ENABLED but silent" | "unknown"

export type Standing = {
  readonly machine: string
  /** Steps of set-up that are missing, as far as it is known. */
  readonly missing: readonly string[]
  readonly conversationHook: ConversationHook
  /** As the running writer tells it: null without one. */
  readonly capture: { readonly clients: number; readonly waiting: number } | null
  /** Calls that the host did not make known: how often a hook could not be registered. */
  readonly unheardHooks: number
  /** Of the last stored checkpoint, in base64. */
  readonly root: string | null
  readonly surroundings: Surroundings
}

/** What is on record of a type of events. */
export type Heard = { readonly type: string; readonly count: number; readonly lastMs: number; readonly sequence: number }

const dayMs = 86_400_000

export function bareStanding(host: HostStanding | null, isSetUp: boolean): Standing {
  const hook = host === null ? "unknown" : host.mayReadConversations ? "ENABLED" : "DISABLED"
  return {
    machine: machineName(),
    missing: missingSteps(host, isSetUp),
    conversationHook: hook,
    capture: null,
    unheardHooks: 0,
    root: null,
    surroundings: nothingAround,
  }
}

export function standingOf(
  access: LedgerAccess,
  heard: readonly Heard[],
  asked: { readonly host: HostStanding | null; readonly writer: Json; readonly nowMs: number },
): Standing {
  const { host, writer, nowMs } = asked
  const bare = bareStanding(host, true)
  const lastMs = heard.find(({ type }) => type === "prompt.submitted")?.lastMs ?? 0
  const isOld = nowMs - (access.reader.entry(0)?.header.timeMs ?? nowMs) > dayMs
  const isSilent = bare.conversationHook === "ENABLED" && isOld && nowMs - lastMs > dayMs
  const [clients, waiting] = ["clients", "waiting"].map((name) => countOf(objectOf(writer)[name]))
  const note = access.reader.latestCheckpoint()?.note
  return {
    ...bare,
    conversationHook: isSilent ? "ENABLED but silent" : bare.conversationHook,
    capture: clients === undefined || waiting === undefined ? null : { clients, waiting },
    unheardHooks: heard.find(({ type }) => type === "capture.hook-unavailable")?.count ?? 0,
    root: (note === undefined ? undefined : parseSignedCheckpoint(note)?.root.toString("base64")) ?? null,
    surroundings: surroundingsOf(access, heard, nowMs),
  }
}

function missingSteps(host: HostStanding | null, isSetUp: boolean): readonly string[] {
  if (host === null) return isSetUp ? [] : ["there is no ledger"]
  return [
    ...(host.off === null ? [] : [`the host does not load the plugin (${host.off})`]),
    ...(isSetUp ? [] : ["there is no ledger"]),
    ...(host.mayReadConversations ? [] : ["prompts and answers are not seen"]),
  ]
}
