/** Plans of providers and their windows, for people. */
import type { Quota } from "../../views/quotas.ts"
import type { Terminal } from "../cli/terminal.ts"
import { agoWords, plain } from "./words.ts"

const [barCells, labelWidth] = [20, 8]

export function quotasText(quotas: readonly Quota[], nowMs: number, { colors }: Terminal): string {
  if (quotas.length === 0)
    return "No provider has told of a plan yet. The plugin asks its host every quotaMinutes; providers that are used by an API key have none.\n"
  return `${quotas.map((quota) => quotaLines(quota, nowMs, colors).join("\n")).join("\n")}\n`
}

function quotaLines({ provider, displayName, plan, note, sampledAt, windows }: Quota, nowMs: number, colors: Terminal["colors"]): readonly string[] {
  const named = displayName === null || displayName === provider ? plain(provider) : `${plain(displayName)} (${plain(provider)})`
  return [
    `${colors.bold(named)}${plan === null ? "" : `  plan ${plain(plan)}`}  ${colors.dim(`asked ${agoWords(sampledAt, nowMs)}`)}`,
    ...windows.map(({ label, usedPercent, resetAt }) => {
      const used = usedPercent ?? 0
      const bar = "█".repeat(Math.round((Math.min(100, used) / 100) * barCells)).padEnd(barCells, "░")
      return `  ${plain(label ?? "").padEnd(labelWidth)} ${bar} ${String(used).padStart(5)} %${resetAt === null ? "" : `  resets ${resetAt.slice(0, 16).replace("T", " ")} UTC`}`
    }),
    ...(note === null ? [] : [colors.dim(`  ${note}`)]),
  ]
}
