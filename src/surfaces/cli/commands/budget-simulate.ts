/** sovereign-ledger budget simulate */
import { Parents } from "../../../format/parents.ts"
import { RowNameSet } from "../../../format/row-name-set.ts"
import { Fault, problemOf } from "../../../base/fault.ts"
import { parseJson5 } from "../../../base/json5.ts"
import { objectOf } from "../../../base/json.ts"
import type { BudgetRule } from "../../../format/facts/ledger.ts"
import { findSources } from "../../../history/find-sources.ts"
import { rowsOf } from "../../../history/usage/rows-of.ts"
import { parseAllowanceList } from "../../../ledger/allowance-rule.ts"
import { parseBudgetList } from "../../../ledger/budget-list.ts"
import { refusalWords } from "../../../ledger/refusals.ts"
import { Simulation, type PastCall } from "../../../ledger/simulate.ts"
import { parsePrices } from "../../../operations/spend/parse-prices.ts"
import { quickCost } from "../../../prices/quick-cost.ts"
import { eachPastCall, spendOf } from "../../../views/past-calls.ts"
import { blockedJson, simulationText } from "../../render/simulation-text.ts"
import type { CommandContext, CommandRow, Flags } from "../command.ts"
import { freshPart } from "../history/fresh-part.ts"
import { hostHome, spendSettings } from "../history/home.ts"
import { readHistory } from "../history/readers.ts"
import { readText } from "../input-file.ts"
import { timeOf } from "../times.ts"
import { reading } from "./events.ts"

export const budgetSimulate: CommandRow = {
  path: "budget simulate",
  summary: "What would these budgets have refused of what was spent, when, and what would that have saved",
  options: [
    { flags: "--file <policy>", words: "budgets as in the setting of that name: a JSON list, or an object with budgets; - reads standard input" },
    { flags: "--since <time>", words: "from this time on: 24h or 30d back from now, a day such as 2026-11-20, or ISO 8601 with an offset (default: 30d)" },
    { flags: "--until <time>", words: "up to this time, in the same words (default: now)" },
    { flags: "--raw [home]", words: "the host's own history instead of the ledger's: needs no ledger, records nothing" },
  ],
  reportsFaults: true,
  help: `Decided by the same code that decides in the gateway, in the order in which the calls were made. A call counts with what it came to; the gateway holds the most
that a call can come to, and refuses a little earlier. After a refusal the rest of that run is counted as not made. What a subagent spent counts
for the agent that began it, too, where the history says which that was.
Allowances of a policy are left out, and that is said.

Examples:
  sovereign-ledger budget simulate --file policy.json --since 30d
  sovereign-ledger budget simulate --file policy.json --raw ~/.openclaw --json
  echo '[{"name": "daily", "limit": "5usd", "per": "day"}]' | sovereign-ledger budget simulate --file -`,
  run: simulate,
}

async function simulate(context: CommandContext, flags: Flags): Promise<number> {
  const { nowMs, terminal, json } = context
  const fromMs = timeOf(flags, "since", nowMs) ?? nowMs - 30 * 86_400_000
  const toMs = timeOf(flags, "until", nowMs) ?? nowMs + 1
  if (toMs <= fromMs) throw new Fault("cli.usage", { problem: "--until must be after --since." })
  const { rules, leavesOut } = policyIn(flags)
  if (leavesOut) terminal.note("The allowances of this policy are left out: only what budgets would have refused is told.")
  const simulation = new Simulation(rules, fromMs)
  if (flags["raw"] === undefined) {
    void context.places // says what keeps the ledger from being opened
    await reading(context, async (access) => {
      eachPastCall(access, fromMs, toMs, (call) => simulation.add(call))
      return 0
    })
  } else {
    const home = hostHome(typeof flags["raw"] === "string" ? flags["raw"] : undefined, context.files.directory, process.env)
    for (const call of await rawCalls(context, home, fromMs, toMs)) simulation.add(call)
  }
  const report = simulation.report()
  const window = { since: new Date(fromMs).toISOString(), until: new Date(toMs).toISOString() }
  if (json) {
    const { calls, allowedCalls, spentNanos, allowedNanos, savedNanos, blocked, examples } = report
    const amounts = { spentNanos: String(spentNanos), allowedNanos: String(allowedNanos), savedNanos: String(savedNanos) }
    const told = examples.map(({ atMs, spend, refusal }) => ({ at: new Date(atMs).toISOString(), spend, words: refusalWords(refusal) }))
    const body = {
      schemaVersion: 1,
      ...window,
      ...(leavesOut ? { leftOut: ["allowances"] } : {}),
      calls,
      allowedCalls,
      ...amounts,
      blocked: blocked.map(blockedJson),
      examples: told,
    }
    await terminal.write(`${JSON.stringify(body)}\n`)
  } else await terminal.write(simulationText(report, window, terminal))
  return 0
}

/** Allowances depend on what accounts held besides, of which a history says nothing. */
type Policy = { readonly rules: readonly BudgetRule[]; readonly leavesOut: boolean }

function policyIn(flags: Flags): Policy {
  const file = flags["file"] as string | undefined
  if (file === undefined) throw new Fault("cli.usage", { problem: "Say which budgets: --file POLICY." })
  const text = readText(file)
  let written: unknown
  try {
    written = parseJson5(text)
  } catch (error) {
    throw new Fault("cli.usage", { problem: `${file === "-" ? "Standard input" : file} is no JSON: ${problemOf(error)}.` }, error)
  }
  const { budgets, allowances } = objectOf(written)
  return { rules: parseBudgetList(Array.isArray(written) ? written : budgets), leavesOut: parseAllowanceList(allowances ?? []).length > 0 }
}

async function rawCalls({ nowMs, terminal }: CommandContext, home: string, fromMs: number, toMs: number): Promise<readonly PastCall[]> {
  const { prices } = parsePrices(spendSettings(home, process.env))
  const { sources, troubles } = findSources(home)
  const seen = new RowNameSet()
  const [calls, parents]: [PastCall[], Parents] = [[], new Parents(Number.POSITIVE_INFINITY)]
  let wrong = troubles.length
  await readHistory(sources, nowMs, {
    onBatch: (batch) => {
      parents.note(batch.place.key, batch.place.parent)
      const fresh = freshPart(batch, (names, at) => seen.add(names, at))
      for (const row of fresh ? rowsOf(fresh) : []) {
        if (row.atMs < fromMs || row.atMs >= toMs) continue
        const { provider, model, run, atMs } = row
        const price = prices.priceOf(provider || undefined, model || undefined, atMs)
        const nanos = price ? quickCost(price)(row) : row.reportedNanos || undefined
        const { agent, channel, job: cron, key, sessionId } = batch.place
        const tokens = BigInt(row.input + row.output + row.cacheRead + row.cacheWrite)
        const spend = spendOf({ agent, provider, model, channel, cron, session: key ?? sessionId })
        calls.push({ atMs, run, tokens, moneyNanos: nanos === undefined ? undefined : BigInt(nanos), spend })
      }
    },
    onDone: (outcome) => void ("problem" in outcome && wrong++),
  })
  if (wrong > 0) terminal.note(`${wrong} sources could not be read: sovereign-ledger import --dry-run names each.`)
  // Who began whom is known when everything was read.
  const paid = calls.map((call): PastCall => ({ ...call, spend: spendOf({ ...call.spend, payer: parents.payerOf(call.spend.session) }) }))
  return paid.sort((a, b) => a.atMs - b.atMs)
}
