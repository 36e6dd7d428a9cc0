/** What a tool is made with: parsed parameters, and whose receipts they are about. Its answer holds ids, digests, names, times, numbers and outcomes, and no content. */
import type { JsonObject } from "../../base/json.ts"
import type { LedgerAccess } from "../../views/ledger-access.ts"
import type { Parameters } from "./parse-parameters.ts"

export type ToolContext = {
  /** Key of the session whose receipts are told of; there are no others for who asks. */
  readonly session: string
  /** Where files are, of the session's agent; undefined where none may be touched. */
  readonly directory: string | undefined
  readonly nowMs: number
  /** The ledger for reading, closed when it is done. */
  readonly reading: <T>(read: (access: LedgerAccess) => T) => T
}

export type Tool = (parameters: Parameters, context: ToolContext) => JsonObject

export function timeText(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}
