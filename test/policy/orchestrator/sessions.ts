/** A session that people talk to, its orchestrator and its workers, as the policy sees them: events decided are followed at once. */
import type { OrchestratorEventFacts } from "../../../src/format/facts/orchestrator.ts"
import { decideEnded, decideSendFailed, decideSessionEnded, decideStarted, type Ended, type Started } from "../../../src/policy/orchestrator/decide-course.ts"
import { decideTool, type Called, type ToolVerdict } from "../../../src/policy/orchestrator/decide-tool.ts"
import type { OrchestratorEvent, WorkerOutcome } from "../../../src/policy/orchestrator/events.ts"
import { evolveOrchestrator } from "../../../src/policy/orchestrator/evolve.ts"
import { parseOrchestrator, type OrchestratorRule } from "../../../src/policy/orchestrator/orchestrator-rule.ts"
import { emptyOrchestrator } from "../../../src/policy/orchestrator/state.ts"

export const front = "front"

export function sessions(settings: object = {}) {
  const rule = parseOrchestrator({ enabled: true, ...settings }) as OrchestratorRule
  const state = emptyOrchestrator()
  const all: OrchestratorEvent[] = []
  const follow = (events: readonly OrchestratorEvent[]) => {
    for (const event of events) {
      evolveOrchestrator(state, event)
      all.push(event)
    }
    return events
  }
  let calls = 0
  let nowMs = 1_000
  const tool = (name: string, called: Partial<Called> = {}): ToolVerdict => {
    const session = called.session ?? front
    const asked = { session, run: "run-1", call: `call-${calls++}`, isFrontKey: session.startsWith("front"), task: "task", target: undefined, filled: [] }
    const { events, verdict } = decideTool(state, rule, { atMs: nowMs, tool: name, ...asked, ...called })
    follow(events)
    return verdict
  }
  const started = (call: string, result: Partial<Started> = {}) => {
    const session = result.session ?? front
    const told = { atMs: nowMs, session, call, isFrontKey: session.startsWith("front"), accepted: true, childRun: `run-of-${call}`, task: "task" }
    return follow(decideStarted(state, { ...told, child: `child-of-${call}`, ...result }))
  }
  return {
    rule,
    state,
    all,
    tool,
    started,
    wait: (ms: number) => void (nowMs += ms),
    ofType: <T extends keyof OrchestratorEventFacts>(type: T) =>
      all.filter((event) => event.type === type).map(({ facts }) => facts as OrchestratorEventFacts[T]),
    /** Starts a session and binds it, or has it join. */
    spawn: (session: string, call: string, task = "task") => {
      const verdict = tool("sessions_spawn", { session, call, task })
      started(call, { session })
      return verdict
    },
    ended: (child: string, outcome: WorkerOutcome, more: Partial<Ended> = {}) => {
      const { events, retry } = decideEnded(state, rule, { atMs: nowMs, child, run: undefined, outcome, id: `word-${calls++}`, mayRetry: true, ...more })
      follow(events)
      return retry
    },
    sendFailed: (target?: string) => follow(decideSendFailed(state, { atMs: nowMs, session: front, target })),
    sessionEnded: (reason: string, session = front) => follow(decideSessionEnded(state, { atMs: nowMs, session, reason })),
  }
}
