/** ledger.spend: what the session used and cost, and what its agent's account has. */
import type { JsonObject } from "../../base/json.ts"
import { agentOf } from "../../format/session-agent.ts"
import { isAccountName } from "../../ledger/accounts.ts"
import { accountsNow } from "../../views/budgets.ts"
import { spendReport } from "../../views/spend.ts"
import type { Tool } from "./tool.ts"

const mostSessions = 100_000

export const ledgerSpend: Tool = ({ timeMs }, { session, nowMs, reading }) =>
  reading((access) => {
    const window = { fromMs: timeMs("since") ?? 0, toMs: nowMs, zone: "UTC" }
    const { rows } = spendReport(access, { ...window, by: ["session"], limit: mostSessions, order: "cost" })
    const own = rows.find(({ keys }) => keys.session === session)
    const account = `agent:${agentOf(session) ?? ""}`
    const standing = isAccountName(account) ? accountsNow(access, nowMs, account) : undefined
    return {
      status: "ok",
      since: new Date(window.fromMs).toISOString(),
      calls: own?.calls ?? 0,
      tokens: { input: own?.input ?? 0, output: own?.output ?? 0, cache_read: own?.cache_read ?? 0, cache_write: own?.cache_write ?? 0 },
      cost_nanos: String(own?.cost ?? 0),
      currency: "USD",
      unpriced_calls: own?.unpriced ?? 0,
      account: (standing?.accounts[0] ?? null) as unknown as JsonObject | null,
      message:
        standing?.frozen === undefined
          ? "An account that was never allotted anything has no balance that bounds it; budgets are the operator's (sovereign-ledger budget list)."
          : "The ledger is frozen: nobody may spend anything.",
    }
  })
