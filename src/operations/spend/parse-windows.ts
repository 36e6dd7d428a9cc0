/** What a gateway's host says of its providers' subscriptions, as it comes: what is no window is left out, what is long is cut. */
import { countOf, objectOf, stringOf } from "../../base/json.ts"
import type { WindowUse } from "../../format/facts/ledger.ts"
import type { Command } from "../../ledger/commands.ts"

const mostOfOneReport = 64
const longestName = 64
const mostMillipercent = 1_000_000

export function parseWindows(order: Readonly<Record<string, unknown>>, atMs: number): Command {
  const sampledAtMs = countOf(order["sampledAtMs"]) ?? atMs
  const told = Array.isArray(order["windows"]) ? (order["windows"] as readonly unknown[]).slice(0, mostOfOneReport) : []
  return { do: "report-windows", atMs, uses: told.flatMap((one) => windowIn(objectOf(one), sampledAtMs)) }
}

function windowIn(told: Readonly<Record<string, unknown>>, sampledAtMs: number): readonly WindowUse[] {
  const [provider, label, plan] = ["provider", "label", "plan"].map((name) => stringOf(told[name])?.slice(0, longestName))
  const { usedPercent } = told
  const resetsAtMs = countOf(told["resetsAtMs"])
  if (!provider || !label || typeof usedPercent !== "number" || !(usedPercent >= 0)) return []
  const usedMillipercent = Math.min(mostMillipercent, Math.round(usedPercent * 1_000))
  return [{ provider, label, usedMillipercent, sampledAtMs, ...(resetsAtMs === undefined ? {} : { resetsAtMs }), ...(plan ? { plan } : {}) }]
}
