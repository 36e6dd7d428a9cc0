/** Delegation as it stands on record: its settings as a gateway told them last, who works for whom, what that came to, and every verdict. */
import { objectOf, stringOf, type JsonObject } from "../base/json.ts"
import { agentOf } from "../format/session-agent.ts"
import { evolveOrchestrator } from "../policy/orchestrator/evolve.ts"
import { parseOrchestrator, type OrchestratorRule } from "../policy/orchestrator/orchestrator-rule.ts"
import { emptyOrchestrator, type OrchestratorState } from "../policy/orchestrator/state.ts"
import { eachInViews } from "../projections/orchestrator-state.ts"
import { SessionTexts } from "../projections/session-texts.ts"
import { contentOf, listEvents } from "./event-list.ts"
import type { LedgerAccess } from "./ledger-access.ts"

export type OrchestratorRuleView = Pick<
  OrchestratorRule,
  "injectOrchestratorPrompt" | "enforceMainDelegation" | "autoRetryFailedSubagents" | "maxRetriesPerTask" | "threadBinding" | "frontSessions" | "warnings"
> & {
  readonly enabled: boolean
  readonly retryOutcomes: readonly string[]
  readonly mainTools: readonly string[]
  readonly orchestratorTools: readonly string[]
  readonly ownPrompt: boolean
  readonly ownContract: boolean
}

export type WorkerView = {
  readonly session: string
  readonly status: string
  readonly label: string | null
  readonly task: string | null
  readonly spawner: string
  readonly begunAt: string
  readonly updatedAt: string
  readonly costNanos: string
}

export type BindingView = {
  readonly session: string
  readonly orchestrator: string
  readonly boundAt: string
  readonly usedAt: string
  /** Whose account it spends from, and its workers. */
  readonly account: string
  readonly workers: number
  /** Of the orchestrator alone. */
  readonly costNanos: string
  /** With all of its workers, and theirs. */
  readonly totalNanos: string
}

export type OrchestratorStatus = {
  readonly rule: OrchestratorRuleView | null
  readonly bindings: readonly BindingView[]
  /** The one that changed last first. */
  readonly workers: readonly WorkerView[]
  /** Of the last day. `untold`: on record before it was sent, and nobody said what became of it. */
  readonly day: {
    readonly bound: number
    readonly joined: number
    readonly refused: number
    readonly passed: number
    readonly retried: number
    readonly exhausted: number
    readonly untold: number
  }
}

const dayMs = 86_400_000
const mostShown = 50

export function orchestratorStatus(access: LedgerAccess, nowMs: number): OrchestratorStatus {
  const { state, texts } = standing(access)
  const cost = costs(access)
  const keyOf = (session: string) => texts.key(session) ?? session
  const workers = [...state.workers.values()].toReversed()
  const costOf = (session: string) => cost(texts.key(session))
  const below = (spawner: string, depth = 0): readonly string[] => {
    const own = depth > deepest ? [] : workers.filter((worker) => worker.spawner === spawner).map(({ child }) => child)
    return [...own, ...own.flatMap((child) => below(child, depth + 1))]
  }
  return {
    rule: ruleOf(access),
    bindings: [...state.bindings.values()].toReversed().map(({ front, orchestrator, boundAtMs, usedAtMs }) => {
      const [key, all] = [keyOf(front), below(orchestrator)]
      const total = all.reduce((sum, child) => sum + costOf(child), costOf(orchestrator))
      return {
        ...{ session: key, orchestrator: keyOf(orchestrator), boundAt: new Date(boundAtMs).toISOString(), usedAt: new Date(usedAtMs).toISOString() },
        ...{ account: `agent:${agentOf(key) ?? "unknown"}`, workers: all.length },
        ...{ costNanos: String(costOf(orchestrator)), totalNanos: String(total) },
      }
    }),
    workers: workers.slice(0, mostShown).map(({ child, spawner, status, begunAtMs, updatedAtMs }) => {
      const { label, task } = texts.spawn(child)
      return {
        ...{ session: keyOf(child), status, label: stringOf(label) ?? null, task: stringOf(task) ?? null, spawner: keyOf(spawner) },
        ...{ begunAt: new Date(begunAtMs).toISOString(), updatedAt: new Date(updatedAtMs).toISOString(), costNanos: String(costOf(child)) },
      }
    }),
    day: {
      ...countsSince(access, nowMs - dayMs),
      untold: [...state.told.values()].filter(({ atMs, outcome }) => atMs >= nowMs - dayMs && outcome === "unknown").length,
    },
  }
}

/** The host bounds how deep sessions nest; a circle somebody made up ends here. */
const deepest = 8

function standing(access: LedgerAccess): { readonly state: OrchestratorState; readonly texts: SessionTexts } {
  const state = emptyOrchestrator()
  const texts = new SessionTexts((sequence) => contentAt(access, sequence))
  access.ask((views) =>
    eachInViews(views, (event, sequence) => {
      evolveOrchestrator(state, event)
      texts.note(event, { sequence })
    }),
  )
  return { state, texts }
}

function contentAt(access: LedgerAccess, sequence: number): JsonObject | undefined {
  const entry = access.reader.entry(sequence)
  const { text } = entry ? contentOf(access, entry) : {}
  return text === undefined ? undefined : (objectOf(JSON.parse(text)) as JsonObject)
}

/** What the calls of a session came to, in nano-dollars. */
function costs(access: LedgerAccess): (key: string | undefined) => bigint {
  const known = new Map<string, bigint>()
  const ask = (scope: string) =>
    access.ask((views) =>
      views
        .prepare("SELECT coalesce(sum(cost), 0) FROM usage_session_days WHERE session IN (SELECT id FROM usage_sessions WHERE scope = ?)")
        .safeIntegers()
        .pluck()
        .get(scope),
    ) as bigint
  return (key) => {
    if (key === undefined) return 0n
    const found = known.get(key) ?? (access.scopes?.idsOfSession(key) ?? []).reduce((sum, id) => sum + ask(id.toString("hex")), 0n)
    known.set(key, found)
    return found
  }
}

function countsSince(access: LedgerAccess, sinceMs: number): Omit<OrchestratorStatus["day"], "untold"> {
  const rows = access.ask((views) => views.prepare("SELECT type, count(*) AS count FROM orchestrator_events WHERE at_ms >= ? GROUP BY type").all(sinceMs)) as {
    type: string
    count: number
  }[]
  const of = (type: string) => rows.find((row) => row.type === `orchestrator.${type}`)?.count ?? 0
  return { bound: of("bound"), joined: of("joined"), refused: of("refused"), passed: of("passed"), retried: of("retried"), exhausted: of("exhausted") }
}

/** Null where no gateway ever told of one, or the last one has it off. */
function ruleOf(access: LedgerAccess): OrchestratorRuleView | null {
  const [loaded] = listEvents(access, { type: "config.loaded" }, 1, 0).events
  const { written, texts } = objectOf((loaded && contentAt(access, loaded.sequence))?.["orchestrator"])
  const rule = ruleIn(written)
  if (!rule) return null
  const { enabled, injectOrchestratorPrompt, enforceMainDelegation, autoRetryFailedSubagents, maxRetriesPerTask, threadBinding, frontSessions, warnings } = rule
  const { prompt, contract } = objectOf(texts)
  return {
    ...{ enabled, injectOrchestratorPrompt, enforceMainDelegation, autoRetryFailedSubagents, maxRetriesPerTask, threadBinding, frontSessions, warnings },
    ...{ retryOutcomes: [...rule.outcomes], mainTools: [...rule.mainTools], orchestratorTools: [...rule.orchestratorTools] },
    ...{ ownPrompt: stringOf(prompt) !== undefined, ownContract: stringOf(contract) !== undefined },
  }
}

function ruleIn(written: unknown): OrchestratorRule | undefined {
  try {
    return parseOrchestrator(written)
  } catch {
    return undefined
  }
}

export type OrchestratorLogRow = {
  readonly sequence: number
  readonly at: string
  readonly what: string
  readonly session: string
  /** The session that was started, or whose run it is. */
  readonly child: string | null
  readonly tool: string | null
  readonly why: string | null
  readonly attempt: number | null
}

/** Newest first. */
export function orchestratorLog(
  access: LedgerAccess,
  { sinceMs, limit }: { readonly sinceMs: number | undefined; readonly limit: number },
): readonly OrchestratorLogRow[] {
  const { texts } = standing(access)
  const rows = access.ask((views) =>
    views
      .prepare("SELECT sequence, type, session, at_ms AS atMs, facts FROM orchestrator_events WHERE at_ms >= ? ORDER BY sequence DESC LIMIT ?")
      .all(sinceMs ?? 0, limit),
  ) as { sequence: number; type: string; session: string; atMs: number; facts: string }[]
  return rows.map(({ sequence, type, session, atMs, facts }) => {
    const { child, tool, why, outcome, attempt, attempts, success } = objectOf(JSON.parse(facts))
    const count = attempt ?? attempts
    return {
      ...{ sequence, at: new Date(atMs).toISOString(), what: type.replace("orchestrator.", ""), session: texts.key(session) ?? session },
      child: stringOf(child) === undefined ? null : (texts.key(String(child)) ?? String(child)),
      tool: stringOf(tool) ?? null,
      why: stringOf(why) ?? stringOf(outcome) ?? (typeof success === "boolean" ? (success ? "sent" : "not sent") : null),
      attempt: typeof count === "number" ? count : null,
    }
  })
}
