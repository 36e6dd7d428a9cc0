/** A gateway whose writer is played, for tests of doors: what was asked, observed, aborted and emitted. */
import assert from "node:assert/strict"
import { CaptureMemory } from "../../src/capture/capture-memory.ts"
import type { HookRow } from "../../src/capture/hook-row.ts"
import { hookRows } from "../../src/capture/hook-rows.ts"
import { HarnessLoader } from "../../src/host/harness.ts"
import { LatestModels } from "../../src/host/host-models.ts"
import { modelDoors } from "../../src/host/install-model-doors.ts"
import { Permits } from "../../src/host/permits.ts"
import { ReplyWays } from "../../src/host/reply-ways.ts"
import type { SharedLedger } from "../../src/host/shared-ledger.ts"
import { WrappedCalls } from "../../src/host/wrapped-calls.ts"
import type { Doors } from "../../src/ledger/doors.ts"

export type Fields = Readonly<Record<string, unknown>>
export const ctx = { runId: "r1", sessionId: "s1", sessionKey: "agent:main:main", agentId: "main", modelProviderId: "mock", modelId: "big" }
export const call = { runId: "r1", provider: "mock", model: "big", callId: "r1:model:1" }

export function doorRig(doors: Doors | undefined = { hard: true }) {
  const asked: Fields[] = []
  const observed: { readonly hook: string; readonly event: Fields }[] = []
  const aborted: string[] = []
  const emitted: unknown[] = []
  const state: { refuses: string | undefined; doors: Doors | undefined; fails: boolean; size: object; more: object } = {
    refuses: undefined,
    doors,
    fails: false,
    size: {},
    more: {},
  }
  const client = {
    get doors() {
      return state.doors
    },
    gate: async (line: string) => {
      await Promise.resolve()
      asked.push((JSON.parse(`{"n":1${line}`) as { p: Fields }).p)
      if (state.fails) throw new RangeError("no writer")
      if (state.refuses !== undefined) return { verdict: "deny", words: state.refuses }
      return {
        verdict: "allow",
        ...state.more,
        permit: { hold: `model:00112233445566aa-${asked.length}`, attempt: 1, provider: "mock", model: asked.at(-1)?.["model"], ...state.size },
      }
    },
    lost: () => {},
  }
  const parts = {
    client,
    permits: new Permits(),
    wrapped: new WrappedCalls(),
    replyWays: new ReplyWays(),
    lastModels: new LatestModels(),
    chosenModels: new LatestModels(),
    memory: new CaptureMemory(),
  }
  const models = { compactionModel: () => undefined, primaryModel: () => ({ provider: "mock", model: "primary" }) }
  const ledger = { ...parts, ...models, tellNewPrices: () => {}, maxPayloadBytes: 1e6, blocks: false, doorsFile: undefined } as unknown as SharedLedger
  const harness = new HarnessLoader(() =>
    Promise.resolve({ abortAgentHarnessRun: (id: string) => (aborted.push(id), true), emitAgentEvent: (event: unknown) => void emitted.push(event) }),
  )
  const observe = (_: SharedLedger, { hook: name }: HookRow, told: unknown) => void observed.push({ hook: name, event: told as Fields })
  const fire = (hook: string, event: Fields, of: Fields = ctx): unknown => {
    const row = hookRows.find((one) => one.hook === hook) ?? assert.fail()
    return modelDoors[hook]?.({ row, ledger: () => ledger, harness, observe })(event, of)
  }
  return { ledger, harness, observe, state, asked, observed, aborted, emitted, fire }
}
