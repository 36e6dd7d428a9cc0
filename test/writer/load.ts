/** Events and gates with names of their own, handed to a client as fast as asked, and the count of what the journal holds of them. */
import assert from "node:assert/strict"
import { setTimeout as sleep } from "node:timers/promises"
import { hookRows } from "../../src/capture/hook-rows.ts"
import type { Fault } from "../../src/base/fault.ts"
import { hookLine } from "../../src/host/hook-line.ts"
import type { LedgerClient } from "../../src/host/ledger-client.ts"
import type { Recorded } from "./rig.ts"

const maxBytes = 262_144
/** Calls observed at once. */
const burst = 5

/** The line of a hook's call, as the plugin makes it. */
export function lineOf(hook: (typeof hookRows)[number]["hook"], event: unknown, ctx: unknown = { sessionKey: "agent:main:main" }, atMs = Date.now()): string {
  const row = hookRows.find((candidate) => candidate.hook === hook)
  assert.ok(row, `there is no hook ${hook}`)
  return hookLine(row, event, ctx, { atMs, maxBytes }) ?? assert.fail("nothing was picked")
}

export function observeCall(client: LedgerClient, call: string, text = "some result"): void {
  client.observe("after_tool_call", Date.now(), lineOf("after_tool_call", { toolName: "read", toolCallId: call, result: text, durationMs: 3 }))
}

export function gateCall(client: LedgerClient, call: string, tool = "guarded_exec"): ReturnType<LedgerClient["gate"]> {
  return client.gate(lineOf("before_tool_call", { toolName: tool, toolCallId: call, params: { command: "ls" } }))
}

export type Load = {
  /** Calls handed over to be observed. */
  readonly observed: string[]
  /** Gates that were answered with a verdict. */
  readonly answered: string[]
  readonly refused: Fault[]
  /** Ends the load and waits for the last answers. */
  readonly stop: () => Promise<void>
  readonly end: () => void
}

/** Observers and gates without a pause, until stopped. Calls are named `<name>-o<n>` and `<name>-g<lane>-<n>`. */
export function startLoad(client: LedgerClient, name: string, options: { readonly gates?: number; readonly observersEveryMs?: number } = {}): Load {
  const observed: string[] = []
  const answered: string[] = []
  const refused: Fault[] = []
  const state = { going: true }
  const observing = async () => {
    while (state.going) {
      for (let i = 0; i < burst; i++) {
        const call = `${name}-o${observed.length}`
        observed.push(call)
        observeCall(client, call)
      }
      await sleep(options.observersEveryMs ?? 10)
    }
  }
  const asking = async (lane: number) => {
    for (let n = 0; state.going; n++) {
      const call = `${name}-g${lane}-${n}`
      const answer = await gateCall(client, call)
      if (answer instanceof Error) {
        refused.push(answer)
        await sleep(50)
      } else {
        answered.push(call)
        await sleep(1)
      }
    }
  }
  const running = [observing(), ...Array.from({ length: options.gates ?? 4 }, (_, lane) => asking(lane))]
  return {
    observed,
    answered,
    refused,
    end: () => void (state.going = false),
    stop: async () => {
      state.going = false
      await Promise.all(running)
    },
  }
}

/** Every observed call and every answered gate stands in the journal exactly once, and no gate twice. */
export function assertOnce(entries: readonly Recorded[], loads: readonly Pick<Load, "observed" | "answered">[]): void {
  const counts = { "tool.returned": new Map<unknown, number>(), "tool.invoked": new Map<unknown, number>() }
  for (const { type, facts } of entries) {
    if (type !== "tool.returned" && type !== "tool.invoked") continue
    counts[type].set(facts["call"], (counts[type].get(facts["call"]) ?? 0) + 1)
  }
  for (const load of loads) {
    const wrong = (type: keyof typeof counts, calls: readonly string[]) => calls.filter((call) => counts[type].get(call) !== 1)
    assert.deepEqual(wrong("tool.returned", load.observed), [], "observed events that are not there exactly once")
    assert.deepEqual(wrong("tool.invoked", load.answered), [], "answered gates that are not there exactly once")
  }
  assert.deepEqual(
    Object.values(counts).flatMap((map) => [...map].filter(([, count]) => count > 1)),
    [],
    "calls that are there more than once",
  )
}
