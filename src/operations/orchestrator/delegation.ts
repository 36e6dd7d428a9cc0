/** Delegation as the intake has it: nothing is loaded and nothing is looked at until a gateway wants it. */
import type { CapturedCall } from "../../capture/hook-row.ts"
import { jobOf } from "../../capture/hooks/run-kind.ts"
import { stringOf } from "../../base/json.ts"
import type { NewEvent } from "../../format/event.ts"
import { agentOf } from "../../format/session-agent.ts"
import { orchestratorSetting, type OrchestratorSetting } from "../../policy/orchestrator/orchestrator-setting.ts"
import type { Followed, OrchestratorBook, ToolAnswer } from "./orchestrator-book.ts"

/** Own words of a gateway on delegation, see `capture/hooks/own.ts`. */
export const orchestrationHook = "orchestration"

/** What tells who pays. */
const paying: ReadonlySet<string> = new Set(["before_tool_call", "before_agent_run", "before_model_resolve", "call-wanted"])
const nothing = { events: [] } as const

export class Delegation {
  readonly #load: (() => OrchestratorBook) | undefined
  #book: OrchestratorBook | undefined

  constructor(load: (() => OrchestratorBook) | undefined) {
    this.#load = load
  }

  /** The settings of a gateway; undefined where it is off, and where they cannot be read: nothing is judged then. */
  settingOf(told: unknown): OrchestratorSetting | undefined {
    try {
      const setting = orchestratorSetting(told)
      if (setting) this.#book ??= this.#load?.()
      return setting
    } catch {
      return undefined
    }
  }

  tool(call: CapturedCall, setting: OrchestratorSetting | undefined): ToolAnswer {
    return setting && this.#book ? this.#book.tool(call, setting) : nothing
  }

  follow(call: CapturedCall, setting: OrchestratorSetting | undefined, asked: { readonly id: string; readonly mayAnswer: boolean }): Followed {
    return setting && this.#book && call.hook === orchestrationHook ? this.#book.follow(call, setting, asked) : nothing
  }

  /** A gateway that was started again does not know who began a session that goes on; what it spends is theirs all the same. */
  withPayer(call: CapturedCall): CapturedCall {
    const session = stringOf(call.picked["session"])
    if (!this.#book || session === undefined || !paying.has(call.hook)) return call
    const front = this.#book.frontOf(session)
    if (front === undefined) return call
    const { payer = agentOf(front), job = jobOf({ sessionKey: front }) } = call.picked
    return { ...call, picked: { ...call.picked, payer, ...(job === undefined ? {} : { job }) } }
  }

  /** What is erased is kept nowhere. */
  entered({ type }: NewEvent): void {
    // The keys are destroyed in the same turn of the event loop.
    if (this.#book && (type === "content.erased" || type === "erasure.repeated")) setImmediate(() => this.#book?.forgetTexts())
  }
}
