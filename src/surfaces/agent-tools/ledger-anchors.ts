/** ledger.anchors: whether third parties confirm the ledger's checkpoints, and what is to be done. Addresses, keys and prices are the operator's. */
import { countOf } from "../../base/json.ts"
import { anchorStandings } from "../../views/anchors.ts"
import { listEvents } from "../../views/event-list.ts"
import type { LedgerAccess } from "../../views/ledger-access.ts"
import { countWords } from "../render/words.ts"
import type { Tool } from "./tool.ts"

const lateMs = 86_400_000

type Diagnosis = { readonly state: "configured" | "misconfigured" | "not configured"; readonly message: string }

export const ledgerAnchors: Tool = (_parameters, { nowMs, reading }) =>
  reading((access) => {
    const standings = anchorStandings(access, null)
    const [newestMs] = standings.flatMap(({ at }) => (at === null ? [] : [Date.parse(at)])).toSorted((a, b) => b - a)
    const rejected = listEvents(access, { type: "anchor.rejected" }, 1, 0).total
    const diagnosis = diagnosed({ asked: askedOf(access), newestMs, rejected, nowMs })
    return {
      status: "ok",
      ...diagnosis,
      last_anchored_at: newestMs === undefined ? null : new Date(newestMs).toISOString(),
      anchored_size: Math.max(0, ...standings.map(({ size }) => size)),
      anchors: standings.map(({ kind, size, at, reference }) => ({ kind, size, at, reference })),
      rejected,
    }
  })

/** How many are asked, by the settings that were loaded last. */
function askedOf(access: LedgerAccess): number {
  const [last] = listEvents(access, { type: "config.loaded" }, 1, 0).events
  return countOf(last?.facts["anchors"]) ?? 0
}

type Told = { readonly asked: number; readonly newestMs: number | undefined; readonly rejected: number; readonly nowMs: number }

function diagnosed({ asked, newestMs, rejected, nowMs }: Told): Diagnosis {
  if (asked === 0)
    return {
      state: "not configured",
      message: "No third party is asked. The operator sets one with timestampAuthorities, or with deApiKey, deOrgId and deTenantId (docs/guides/anchors.md).",
    }
  const seen = "The operator sees why with: sovereign-ledger status"
  if (newestMs === undefined)
    return { state: "misconfigured", message: `${countWords(asked, "third party", "third parties")} asked, and none has confirmed anything yet. ${seen}` }
  if (rejected > 0 && nowMs - newestMs > lateMs)
    return { state: "misconfigured", message: `Answers were false, and the last good one is older than a day. ${seen}` }
  if (nowMs - newestMs > lateMs) return { state: "misconfigured", message: `The last confirmation is older than a day. ${seen}` }
  return { state: "configured", message: "Checkpoints are confirmed by third parties." }
}
