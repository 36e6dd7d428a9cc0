/** Rows and files of a host that are not as they should be: whatever stands in them, a reader answers, and never throws. */
import assert from "node:assert/strict"
import { readFileSync, writeFileSync } from "node:fs"
import { describe, test } from "node:test"
import { zstdDecompressSync } from "node:zlib"
import fc from "fast-check"
import { readHostStores } from "../../src/history/stores/host-stores.ts"
import { noFindings } from "../../src/history/stores/records.ts"
import { readTranscriptEvent } from "../../src/history/stores/transcript-event.ts"
import { temporaryDirectory } from "../ledger-fixture.ts"
import { readHome } from "./reading.ts"
import { editStore, hostStoreVector, insertRow, makeHost } from "../vectors/host-store/host-store.ts"

const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER }
const limits = { busyMs: 50, tries: 2, mostCopyBytes: 2 ** 30 }
const place = { agent: "main", session: "s", createdMs: 1_795_183_700_000 }

const events = (hostStoreVector().agent.tables.find(({ name }) => name === "transcript_events")?.rows ?? []).map((row) => {
  const { event_json: json, event_zstd: packed } = row as { event_json?: string; event_zstd?: { base64: string } }
  return json ?? zstdDecompressSync(Buffer.from(packed?.base64 ?? "", "base64")).toString("utf8")
})

/** What may stand where the host has something else. */
const anything = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>(null, "", "x".repeat(5_000), -1, 1e300, Number.NaN, [], {}, { __proto__: 1 }, "\ud800", "\u0000", "~pseudonym", true),
)

describe("stores that are not as they should be", () => {
  test("an event with any part of it replaced is read, or passed over", () => {
    fc.assert(
      fc.property(fc.constantFrom(...events), fc.array(fc.tuple(fc.nat(), anything), { minLength: 1, maxLength: 4 }), (text, changes) => {
        const event: unknown = JSON.parse(text)
        for (const [where, value] of changes) replacePart(event, where, value)
        const found = noFindings()
        readTranscriptEvent(event, place, everything, found)
        for (const { callSha256, call } of found.toolCalls) assert.ok(/^[0-9a-f]{64}$/.test(callSha256) && (call ?? "").length <= 1_024)
        for (const { run } of found.runs) assert.ok(typeof run === "string" && run !== "")
        for (const { atMs } of found.modelCalls) assert.ok(Number.isFinite(atMs))
      }),
      { numRuns: 4_000 },
    )
  })

  test("an event that is no event at all is passed over", () => {
    fc.assert(
      fc.property(anything, (event) => readTranscriptEvent(event, { ...place, createdMs: undefined }, everything, noFindings())),
      { numRuns: 1_000 },
    )
  })

  test("rows with any value in any column are read or counted", (t) => {
    const host = makeHost(temporaryDirectory(t))
    const vector = hostStoreVector()
    const columnValue = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.bigInt(-(2n ** 62n), 2n ** 62n),
      fc.double(),
      fc.constant(null),
      fc.uint8Array({ maxLength: 40 }),
    )
    const tables = [
      { path: host.agentStore, store: vector.agent, names: ["transcript_events", "session_transcript_archives", "trajectory_runtime_events"] },
      { path: host.stateStore, store: vector.state, names: ["audit_events", "agent_databases"] },
    ]
    for (const { path, store, names } of tables) {
      editStore(path, (database) => {
        for (const name of names) {
          const table = store.tables.find((table) => table.name === name)
          const columns = database.prepare("SELECT name FROM pragma_table_info(?)").all(name)
          database.exec(`DROP TABLE ${name}; CREATE TABLE ${name}(${columns.map((column) => String(column["name"])).join(", ")})`)
          for (const row of table?.rows ?? []) insertRow(database, name, row)
          for (const [index, row] of (table?.rows ?? []).entries()) {
            const column = fc.sample(fc.constantFrom(...Object.keys(row)), { numRuns: 1, seed: index })[0] ?? ""
            const value = fc.sample(columnValue, { numRuns: 1, seed: index + 1_000 })[0]
            if (column !== "session_id") insertRow(database, name, { ...row, [column]: value })
          }
        }
      })
    }
    const { stores } = readHostStores(host.stateDirectory, everything, limits)
    assert.ok(stores.every(({ state }) => state === "read" || state === "absent" || state === "unreadable"))
    assert.deepEqual(
      stores.slice(0, 2).map(({ state }) => state),
      ["read", "read"],
    )
    assert.ok((stores[1]?.rows ?? 0) > 76 && (stores[0]?.rows ?? 0) >= 63)
  })

  for (const [what, sql] of [
    [
      "a view with rows without end",
      "DROP TABLE transcript_events; CREATE VIEW transcript_events AS WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT 's' AS session_id, n AS seq, '{}' AS event_json, 1 AS created_at, NULL AS event_zstd, NULL AS event_utf8_bytes, NULL AS navigation_json FROM c",
    ],
    ["a view that nobody reads", "CREATE VIEW other AS SELECT 1"],
    ["a column that is computed", "CREATE TABLE other(a INTEGER, b TEXT GENERATED ALWAYS AS (printf('%.*c', 900000000, 'x')))"],
  ] as const)
    test(`a store with ${what} is not read, and the others are`, async (t) => {
      const { stateDirectory, agentStore } = makeHost(temporaryDirectory(t))
      editStore(agentStore, (database) => database.exec(sql))
      const { outcomes } = await readHome(stateDirectory)
      assert.deepEqual(
        outcomes.map((outcome) => ("problem" in outcome ? outcome.problem.replace(/^\w+/, "x") : "read")),
        ["x is computed and not stored, which nothing in the host's stores is", "read"],
      )
    })

  test("files with bytes changed anywhere are read, refused or named as damaged", (t) => {
    const host = makeHost(temporaryDirectory(t))
    const whole = readFileSync(host.agentStore)
    const seen = new Set<string>()
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 60 }), fc.nat(whole.length), (changes, cut) => {
        const bytes = Buffer.from(cut % 9 === 0 ? whole.subarray(0, cut) : whole)
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
        writeFileSync(host.agentStore, bytes)
        const store = readHostStores(host.stateDirectory, everything, limits).stores.find(({ name }) => name === "agent main")
        seen.add(store?.state ?? "not listed")
      }),
      { numRuns: 120 },
    )
    assert.ok(seen.has("read") && seen.has("unreadable"), [...seen].join())
  })
})

/** Replaces the part number `where` of a value, counted through all of it. */
function replacePart(value: unknown, where: number, by: unknown): void {
  const parts: [Record<string, unknown>, string][] = []
  const walk = (part: unknown): void => {
    if (typeof part !== "object" || part === null) return
    for (const key of Object.keys(part)) {
      parts.push([part as Record<string, unknown>, key])
      walk((part as Record<string, unknown>)[key])
    }
  }
  walk(value)
  const [parent, key] = parts[where % parts.length] ?? []
  if (parent !== undefined && key !== undefined) parent[key] = by
}
