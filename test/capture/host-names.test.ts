/**
 * Our list of hooks, diagnostics and streams against the installed host's own types: a host that has one more, or one less, fails here and not in
 * somebody's record.
 */
import assert from "node:assert/strict"
import { readdirSync, readFileSync } from "node:fs"
import { describe, test } from "node:test"
import { recordedStreams } from "../../src/capture/hooks/agent-event.ts"
import { diagnosticKinds } from "../../src/capture/hooks/diagnostic.ts"
import { hookRows } from "../../src/capture/hook-rows.ts"

const types = new URL("../../node_modules/openclaw/dist/", import.meta.url)
const files = readdirSync(types)
  .filter((file) => file.endsWith(".d.ts"))
  .sort()

/** The text of the first type file that matches, and what matched. */
function declared(pattern: RegExp, named: RegExp): string {
  for (const file of files.filter((file) => named.test(file))) {
    const found = pattern.exec(readFileSync(new URL(file, types), "utf8"))
    if (found) return found[1] ?? ""
  }
  return assert.fail(`no type file of the host matches ${pattern}`)
}

const literals = (text: string): readonly string[] => [...text.matchAll(/"([^"]+)"/g)].map(([, word = ""]) => word).sort()

describe("what the host can tell", () => {
  test("every typed hook has a row, and every row of a typed hook has a hook", () => {
    const hooks = literals(declared(/^type PluginHookName = ([^;]+);$/m, /^(?:cli-backend|hook)/))
    assert.ok(hooks.length >= 42, `${hooks.length} hooks`)
    assert.deepEqual(
      hookRows
        .filter((row) => row.source === undefined)
        .map((row) => row.hook)
        .sort(),
      hooks,
    )
  })

  test("the hooks that need conversation access are those the host withholds", () => {
    const page = readFileSync(new URL("../docs/plugins/hooks.md", types), "utf8")
    const [said = ""] = /^- Non-bundled plugins need explicit[^]*?(?=^- )/m.exec(page) ?? []
    const named = [...new Set([...said.matchAll(/`([a-z]+(?:_[a-z]+)+)`/g)].map(([, name = ""]) => name))]
    const hooks = new Set(hookRows.map((row) => row.hook))
    assert.deepEqual(
      hookRows
        .filter((row) => row.gated)
        .map((row) => row.hook)
        .sort(),
      named.filter((name) => hooks.has(name)).sort(),
    )
  })

  test("every kind of diagnostic is told, repeated or sampled", () => {
    const text = declared(/\/\/#region src\/infra\/diagnostic-events\.d\.ts([^]*?)\ntype DiagnosticEventPayload =/, /^diagnostic-events/)
    const process = declared(/type DiagnosticChildProcessSpawnFields = \{([^}]*)\}/, /^diagnostic-events/)
    const kinds = [...`${text}${process}`.matchAll(/^ {2}type: ("[^;]+);$/gm)].flatMap(([, words = ""]) => literals(words))
    const ours = Object.values(diagnosticKinds).flat()
    assert.equal(new Set(ours).size, ours.length, "each in one list")
    assert.deepEqual([...new Set(kinds)].sort(), ours.toSorted())
  })

  test("every stream of a run is recorded or known to be counted", () => {
    const streams = literals(declared(/^type AgentEventStream = ([^;]+);$/m, /^cli-backend/))
    const counted = ["assistant", "command_output", "item", "patch", "plan", "thinking", "tool", "usage"]
    const untyped = ["run_status"]
    assert.deepEqual([...recordedStreams, ...counted].sort(), [...streams, ...untyped].sort())
  })
})

describe("the list of rows", () => {
  test("no name stands twice", () => {
    const names = hookRows.map((row) => row.hook)
    assert.deepEqual(names, [...new Set(names)])
  })

  test("what is no typed hook says where its calls come from", () => {
    assert.deepEqual(
      hookRows.flatMap((row) => (row.source === undefined ? [] : [`${row.hook} ${row.source}`])),
      [
        "transcript transcript",
        "diagnostic diagnostic",
        "agent-event agent-event",
        "quota own",
        "hook-unavailable own",
        "guard-disabled own",
        "gateway-signal own",
        "call-stopped own",
        "call-told own",
        "extension-answered own",
        "orchestration own",
        "alert-told own",
        "approval-resolved own",
      ],
    )
  })
})
