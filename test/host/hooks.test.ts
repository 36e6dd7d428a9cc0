/** Hook handlers and what hosts can hand them: nothing is thrown into the host, and what cannot be read is counted or, where it is guarded, denied. */
import assert from "node:assert/strict"
import fc from "fast-check"
import { after, before, describe, test } from "node:test"
import { nasty, runs } from "../capture/nasty.ts"
import { makeRig, until, type Rig } from "../writer/rig.ts"
import { builtVersion } from "../writer/versions.ts"
import { dropSharedClient, registerCopy, type PluginCopy } from "./fake-host.ts"
import plugin from "../../src/plugin.ts"

const throwing = (name: string) => ({
  get [name]() {
    throw new Error(`${name} must not be read`)
  },
})

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}

const hostile = () =>
  new Proxy(
    {},
    {
      get: () => {
        throw new Error("get")
      },
      ownKeys: () => {
        throw new Error("ownKeys")
      },
      getPrototypeOf: () => {
        throw new Error("getPrototypeOf")
      },
    },
  )

const events: Readonly<Record<string, () => unknown>> = {
  "nothing": () => undefined,
  "null": () => null,
  "a number": () => 7,
  "a function": () => () => {},
  "a getter that throws (toolName)": () => throwing("toolName"),
  "a getter that throws (params)": () => ({ toolName: "read", params: throwing("inner") }),
  "a getter that throws (sessionKey)": () => throwing("sessionKey"),
  "a revoked proxy": revoked,
  "a proxy that throws at everything": hostile,
  "a cycle": () => {
    const event: Record<string, unknown> = { toolName: "read" }
    event["params"] = event
    return event
  },
  "very much of it": () => ({ toolName: "read", result: "x".repeat(5_000_000), prompt: "y".repeat(5_000_000) }),
}

describe("hook handlers", () => {
  let rig: Rig
  let copy: PluginCopy
  let unguarded: PluginCopy
  before(async () => {
    dropSharedClient()
    rig = makeRig(undefined)
    const { directory } = await builtVersion("1.2.3")
    unguarded = registerCopy({ default: plugin }, { rig, rootDir: directory, config: { guard: { tools: [], deny: [] } } })
    copy = registerCopy({ default: plugin }, { rig, rootDir: directory, config: { guard: { tools: ["*"], deny: [] } } })
  })
  after(async () => {
    dropSharedClient()
    await rig.end()
  })

  test("every hook has a handler", () => assert.ok(copy.hooks.length >= 17 && copy.hooks.includes("before_tool_call")))

  for (const [name, make] of Object.entries(events)) {
    test(`given ${name}, as event or context: no handler throws`, async () => {
      for (const hook of unguarded.hooks) {
        for (const [event, ctx] of [
          [make(), {}],
          [{ toolName: "read" }, make()],
          [make(), make()],
        ]) {
          assert.equal(await unguarded.fire(hook, event, ctx), undefined, `${hook}: without a guard nothing is held up`)
        }
      }
      unguarded.update(make())
    })

    test(`a guarded call given ${name}: allowed on record, or denied with words, never an exception`, async () => {
      const answer = (await copy.fire("before_tool_call", make(), make())) as { block?: boolean; blockReason?: string } | undefined
      if (answer !== undefined) {
        assert.equal(answer.block, true)
        assert.match(answer.blockReason ?? "", /^Sovereign Ledger refused /)
      }
    })
  }

  test("whatever is handed over", async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...unguarded.hooks), nasty, nasty, async (hook, event, ctx) => {
        await unguarded.fire(hook, event(), ctx())
      }),
      runs(300),
    )
  })

  test("afterwards the writer is alive and the ledger sound", async () => {
    await copy.dispose()
    await unguarded.dispose()
    assert.equal(rig.entries("writer.started").length, 1)
    assert.equal(rig.verify().verdict, "valid")
    await until(() => rig.entries("tool.returned").length > 0, "what could be read is on record")
  })
})
