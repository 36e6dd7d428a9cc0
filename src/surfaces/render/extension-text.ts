/** Extensions in words: what is asked or was granted, of what, for how long, and what was spent of it. */
import { amountsOf, amountsWords } from "../../ledger/amounts.ts"
import type { ExtensionSummary } from "../../ledger/extension-summary.ts"
import type { Terminal } from "../cli/terminal.ts"
import { plain } from "./words.ts"

export function extensionsText(extensions: readonly ExtensionSummary[], terminal: Terminal): string {
  if (extensions.length === 0) return "Nobody was asked for more. The setting ask makes that owners are.\n"
  return `${extensions.flatMap((extension) => extensionLines(extension, terminal)).join("\n")}\n`
}

function extensionLines({ extension, state, amounts, extends: extended, door, expiresAtMs }: ExtensionSummary, { colors }: Terminal): readonly string[] {
  const paint = state === "asked" ? colors.yellow : state === "granted" ? colors.green : colors.dim
  const until = state === "asked" || state === "granted" ? `, until ${new Date(expiresAtMs).toISOString()}` : ""
  const head = `${plain(extension)}  ${paint(state)}  ${amountsWords(amountsOf(amounts))} more, for one run${door === "tool" ? " that waits with a tool" : ""}${until}`
  const parts = extended.map(({ of, spent, left }) => `  ${plain(of)}: ${amountsWords(amountsOf(spent))} spent of it, ${amountsWords(amountsOf(left))} left`)
  const answer = state === "asked" ? [colors.dim(`  sovereign-ledger budget approve ${plain(extension)}, or budget deny ${plain(extension)}`)] : []
  return [head, ...parts, ...answer]
}

/** Below a budget: what may be spent beyond it, and by whose word. */
export function beyondLine({ extension, amounts, extends: extended }: ExtensionSummary, of: string): string {
  const spent = extended.find((one) => one.of === of)?.spent ?? {}
  return `  + up to ${amountsWords(amountsOf(amounts))} for one run (${plain(extension)}): ${amountsWords(amountsOf(spent))} spent of it`
}
