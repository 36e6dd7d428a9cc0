/** Which model a run is to use while a budget runs low: the furthest step that is reached, never one that is dearer than what the run would have had. */
import { canonicalJson } from "../base/canonical-json.ts"
import type { LedgerEventFacts, Spend } from "../format/facts/ledger.ts"
import { matching } from "./budgets.ts"
import type { CommandOf } from "./commands.ts"
import type { Decision } from "./decision.ts"
import { stepsFor, stepsOf, usedOf, wasTold } from "./downgrades.ts"
import type { LedgerState } from "./state.ts"

export function decideSteps({ downgrades }: LedgerState, { steps }: CommandOf<"set-downgrades">, atMs: number): Decision {
  if (canonicalJson(stepsOf(downgrades)) === canonicalJson(steps)) return { events: [], repeated: true }
  return { events: [{ type: "downgrades.set", facts: { atMs, steps } }] }
}

export function decideDowngrade(state: LedgerState, command: CommandOf<"downgrade">, atMs: number): Decision {
  const { run, from, spend, tells } = command
  const tried = (run === undefined ? undefined : state.downgrades.runs.get(run)?.tried) ?? []
  const steps = stepsFor(state, spend)
  // Whoever is as far down the chain already stays there.
  const beyond = steps.slice(steps.findLastIndex(({ step }) => step.model === from) + 1)
  for (const { step, budget } of beyond.toReversed()) {
    const used = usedOf(budget, atMs)
    if (used.usedPercent < step.at || tried.includes(step.model) || isRuledOut(state, command, step.model)) continue
    const { agent, session } = spend
    const about = given({ run, agent, session, from })
    const facts: LedgerEventFacts["model.downgraded"] = { atMs, ...about, to: step.model, budget: step.budget, levelPercent: step.at, ...used }
    const told = tells && !wasTold(state, budget, facts, atMs)
    return { events: [{ type: "model.downgraded", facts: { ...facts, ...(told ? { told } : {}) } }] }
  }
  return { events: [] }
}

/** Dearer, or priced by nobody where money is counted: its calls would be refused. */
function isRuledOut(state: LedgerState, { spend, account, dearer, unpriced }: CommandOf<"downgrade">, model: string): boolean {
  return dearer.includes(model) || (unpriced.includes(model) && countsMoney(state, { ...spend, model, provider: model.slice(0, model.indexOf("/")) }, account))
}

function countsMoney(state: LedgerState, spend: Spend, account: CommandOf<"downgrade">["account"]): boolean {
  const bounded = (state.accounts.get(account)?.allotted.moneyNanos ?? 0n) > 0n
  return bounded || matching(state.index, spend).some(({ limited }) => limited.includes("moneyNanos"))
}

function given<T extends object>(fields: T): { readonly [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> }
}
