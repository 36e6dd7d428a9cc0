/** The tools over the Model Context Protocol: a real process, spoken to over its standard input and output. */
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { after, before, describe, test } from "node:test"
import { objectOf, type JsonObject } from "../../src/base/json.ts"
import { agentTools } from "../../src/surfaces/agent-tools/tool-list.ts"
import { answerLine, type McpServer } from "../../src/surfaces/mcp/mcp-server.ts"
import { makeRig, type Ended } from "../writer/rig.ts"
import { fillTwoSessions, otherSession, ownCalls, ownDirectory, ownSession } from "./session-ledger.ts"

type Reply = { readonly id: unknown; readonly result?: JsonObject; readonly error?: { readonly code: number; readonly message: string } }

const request = (id: unknown, method: string, params?: object) => ({ jsonrpc: "2.0", id, method, params })
const call = (id: unknown, name: string, told?: unknown) => request(id, "tools/call", { name, arguments: told })
const lined = (messages: readonly unknown[]) => messages.map((message) => `${typeof message === "string" ? message : JSON.stringify(message)}\n`).join("")

describe("messages", () => {
  const server: McpServer = {
    name: "test",
    version: "1",
    tools: [{ name: "one", title: "One", description: "one", inputSchema: { type: "object" }, annotations: {} }],
    call: (name, told) => ({ structured: { name, told: (told ?? null) as JsonObject }, isError: told === "bad" }),
  }
  const say = (message: unknown) => {
    const answer = answerLine(server, typeof message === "string" ? message : JSON.stringify(message))
    return answer === undefined ? undefined : (JSON.parse(answer) as Reply)
  }

  test("versions are agreed on: the client's where it is known, else the newest here", () => {
    const agreed = (version: unknown) =>
      say(request(1, "initialize", { protocolVersion: version, capabilities: {}, clientInfo: {} }))?.result?.["protocolVersion"]
    assert.deepEqual(["2025-11-25", "2025-06-18", "2024-11-05", "2099-01-01", 7].map(agreed), [
      "2025-11-25",
      "2025-06-18",
      "2024-11-05",
      "2025-11-25",
      "2025-11-25",
    ])
  })

  test("a call is answered as text and as it is; what is wrong with it is in the result, and what is no call an error", () => {
    assert.deepEqual(say(call("a", "one", { x: 1 })), {
      jsonrpc: "2.0",
      id: "a",
      result: { content: [{ type: "text", text: '{"name":"one","told":{"x":1}}' }], structuredContent: { name: "one", told: { x: 1 } }, isError: false },
    })
    assert.equal(say(call(2, "one", "bad"))?.result?.["isError"], true)
    assert.deepEqual(say(request(3, "ping"))?.result, {})
    for (const name of ["two", "", 7, null, "__proto__", "constructor"]) assert.equal(say(call(4, name as string))?.error?.code, -32602)
    assert.equal(say(request(5, "resources/list"))?.error?.code, -32601)
  })

  test("what is no request is refused, and what wants no answer has none", () => {
    const refusals: readonly (readonly [unknown, number])[] = [
      ["{", -32700],
      ["[]", -32600],
      [[request(1, "ping")], -32600],
      ["null", -32600],
      [{ id: 1, method: "ping" }, -32600],
      [{ jsonrpc: "2.0", id: null, method: "ping" }, -32600],
      [{ jsonrpc: "2.0", id: { a: 1 }, method: "ping" }, -32600],
      [{ jsonrpc: "2.0", id: 1.5, method: "ping" }, -32600],
      [{ jsonrpc: "2.0", id: 1 }, -32600],
      [`${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`, -32600],
    ]
    for (const [message, code] of refusals) assert.equal(say(message)?.error?.code, code, JSON.stringify(message).slice(0, 80))
    for (const message of [
      { jsonrpc: "2.0", method: "notifications/initialized" },
      { jsonrpc: "2.0", method: "tools/call" },
      { jsonrpc: "2.0", id: 9, result: {} },
    ])
      assert.equal(say(message), undefined)
  })
})

describe("sovereign-ledger mcp", () => {
  const rig = makeRig({ after })
  const directory = ownDirectory({ after })
  const places = ["--data-dir", rig.directory, "--key-file", rig.keyFile, "--head-note", rig.files.headNote]
  const serve = (words: readonly string[], messages: readonly unknown[], env = {}): Promise<Ended> =>
    rig.run(["mcp", ...words, ...places], { input: lined(messages), env })
  const replies = ({ stdout }: Ended) =>
    stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Reply)
  const structured = (reply: Reply | undefined) => objectOf(reply?.result?.["structuredContent"])
  const hello = [
    request(0, "initialize", { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "0" } }),
    { jsonrpc: "2.0", method: "notifications/initialized" },
  ]

  before(() => fillTwoSessions(rig))

  test("serves one session: its tools, its receipts, its directory, in order", async () => {
    const ended = await serve(
      ["--session", ownSession, "--directory", directory],
      [
        ...[...hello, request(1, "tools/list"), call(2, "peac_receipts.status"), call(3, "peac_receipts.query", { limit: 2 }), "", "{"],
        ...[call(4, "peac_receipts.export_bundle", { output_path: "out" }), call(5, "peac_receipts.verify", { path: "out" })],
        ...[call(6, "peac_receipts.query", { session: otherSession }), call(7, "peac_receipts.verify", { path: "../x" }), call(8, "exec", {})],
      ],
    )
    assert.deepEqual([ended.status, ended.stderr], [0, ""])
    const said = replies(ended)
    assert.deepEqual(
      said.map(({ id }) => id),
      [0, 1, 2, 3, null, 4, 5, 6, 7, 8],
    )
    const [started, list, status, query, broken, written, checked, foreign, outside, unknown] = said
    assert.deepEqual(objectOf(started?.result?.["serverInfo"])["name"], "sovereign-ledger")
    const tools = list?.result?.["tools"] as readonly { name: string; inputSchema: object; annotations: { readOnlyHint: boolean } }[]
    assert.deepEqual(
      tools.map(({ name, inputSchema }) => [name, inputSchema]),
      agentTools.map(({ name, parameters }) => [name, parameters]),
    )
    assert.deepEqual(
      tools.flatMap(({ name, annotations }) => (annotations.readOnlyHint ? [] : [name])),
      ["peac_receipts.export_bundle"],
    )
    assert.equal(objectOf(structured(status)["receipts"])["count"], ownCalls)
    assert.deepEqual([structured(query)["total"], structured(query)["truncated"]], [ownCalls, true])
    assert.equal(broken?.error?.code, -32700)
    assert.deepEqual([structured(written)["status"], structured(checked)["valid"]], ["ok", true])
    assert.ok(readFileSync(join(directory, "out", "manifest.json")).length > 0)
    for (const reply of [foreign, outside]) assert.deepEqual([reply?.result?.["isError"], structured(reply)["status"]], [true, "error"])
    assert.equal(unknown?.error?.code, -32602)
    assert.ok(!ended.stdout.includes("theirs") && !ended.stdout.includes("secret_tool"))
  })

  test("the session may stand in a variable; without one, or with a directory that is none, it does not begin; without a directory no file is touched", async () => {
    const byVariable = await serve([], [call(1, "peac_receipts.status"), call(2, "peac_receipts.export_bundle")], { SOVEREIGN_LEDGER_SESSION: otherSession })
    const [status, written] = replies(byVariable)
    assert.equal(objectOf(structured(status)["receipts"])["count"], 5)
    assert.match(String(structured(written)["error"]), /No directory is known/)
    const refusals = await Promise.all([
      serve([], hello),
      serve(["--session", ownSession, "--directory", join(directory, "not-there")], hello),
      serve(["--session", ownSession, "--directory", rig.keyFile], hello),
      serve(["--session", ownSession], ["x".repeat(1_100_000)]),
    ])
    assert.deepEqual(
      refusals.map(({ status, stdout }) => [status, stdout]),
      refusals.map(() => [2, ""]),
    )
    for (const [index, words] of [/Say whose record: --session KEY/, /which is not there/, /which is no directory/, /longer than 1,048,576 bytes/].entries())
      assert.match(refusals[index]?.stderr ?? "", words)
  })

  test("a ledger that cannot be opened is told to the operator, and not to the agent", async () => {
    const ended = await rig.run(["mcp", "--session", ownSession, "--data-dir", join(rig.root, "no-ledger")], {
      input: lined([call(1, "peac_receipts.status")]),
    })
    const [status] = replies(ended)
    assert.match(String(structured(status)["error"]), /cannot be read for this session at present \(store\.absent\)/)
    assert.ok(!ended.stdout.includes(rig.root) && ended.stderr.includes(rig.root))
  })
})
