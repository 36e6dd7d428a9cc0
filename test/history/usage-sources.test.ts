/** What is found of a host's model calls in each kind of source, and that copies of a row are one call. */
import assert from "node:assert/strict"
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs"
import { dirname, join } from "node:path"
import { describe, test } from "node:test"
import { DatabaseSync } from "node:sqlite"
import { zstdCompressSync } from "node:zlib"
import { rowName } from "../../src/capture/row-identity.ts"
import { findSources } from "../../src/history/find-sources.ts"
import { temporaryDirectory } from "../ledger-fixture.ts"
import { editStore, makeHost } from "../vectors/host-store/host-store.ts"
import { writeJsonlCorpus } from "./jsonl-corpus.ts"
import { readHome, sumOf } from "./reading.ts"

const small = { seed: 7, files: 6, bytes: 400_000, agents: 2 }

function corpus(t: Parameters<typeof temporaryDirectory>[0]) {
  const home = temporaryDirectory(t)
  const truth = writeJsonlCorpus(home, small)
  const directory = join(home, "agents", "agent-0", "sessions")
  const first = join(directory, readdirSync(directory).sort()[0] ?? "")
  return { home, truth, directory, first, expected: { calls: truth.calls, ...truth.tokens } }
}

describe("model calls in a host's history", () => {
  test("of a store of today's host: plain rows, packed rows and those of a deleted session", async (t) => {
    const { stateDirectory } = makeHost(temporaryDirectory(t))
    const { rows, troubles, outcomes } = await readHome(stateDirectory)
    assert.deepEqual(troubles, [])
    assert.deepEqual(
      outcomes.map((outcome) => [outcome.source.kind, "read" in outcome && outcome.read.unreadable]),
      [
        ["agent-store", 0],
        ["state-store", 0],
      ],
    )
    assert.equal(rows.length, 31)
    assert.ok(
      rows.every(({ provider, model, run, response }) => provider === "mock" && model === "mock-1" && run !== "" && response.startsWith("chatcmpl-mock-")),
    )
    assert.equal(new Set(rows.map(({ response }) => response)).size, 31)
    assert.ok(rows.every(({ latencyMs, reportedNanos }) => latencyMs !== undefined && latencyMs < 60_000 && reportedNanos !== undefined))
  })

  test("whose names are not ASCII: a row has the name it has anywhere else", async (t) => {
    const home = temporaryDirectory(t)
    const directory = join(home, "agents", "main", "sessions")
    mkdirSync(directory, { recursive: true })
    const usage = { input: 3, output: 2, cacheRead: 0, cacheWrite: 0, totalTokens: 5 }
    const message = { role: "assistant", content: [], provider: "qwen", model: "通义", usage, stopReason: "stop", timestamp: 1_790_000_000_000 }
    const lines = ["通义", "plain", "größer"].map((model, index) => JSON.stringify({ id: `m${index}`, message: { ...message, model } }))
    writeFileSync(join(directory, "s.jsonl"), `${lines.join("\n")}\n`)
    const { rows } = await readHome(home)
    assert.deepEqual(
      rows.map(({ model }) => model),
      ["通义", "plain", "größer"],
    )
    const named = { message: "m0", atMs: message.timestamp, provider: "qwen", model: "通义", response: "", ...usage }
    assert.equal(rows[0]?.row, rowName(named))
  })

  test("of a store whose last rows stand in its log: it has changed when the log has", async (t) => {
    const { stateDirectory, agentStore } = makeHost(temporaryDirectory(t))
    const stamp = () => findSources(stateDirectory).sources.find(({ kind }) => kind === "agent-store")
    const before = stamp()
    const database = new DatabaseSync(agentStore, { enableForeignKeyConstraints: false })
    t.after(() => database.close())
    database.exec("PRAGMA wal_autocheckpoint = 0")
    database.exec(
      "INSERT INTO transcript_events(session_id, seq, event_json, created_at) SELECT session_id, seq + 100000, event_json, created_at FROM transcript_events LIMIT 1",
    )
    const { sizeBytes, modifiedMs } = stamp() ?? {}
    assert.notDeepEqual([sizeBytes, modifiedMs], [before?.sizeBytes, before?.modifiedMs])
  })

  test("of old transcripts, in every order of keys, to the token", async (t) => {
    const { home, expected } = corpus(t)
    const { rows, troubles } = await readHome(home)
    assert.deepEqual(troubles, [])
    assert.deepEqual(sumOf(rows), expected)
  })

  test("once, whatever copies of them there are: reset, deleted, packed, migrated, a checkpoint", async (t) => {
    const { home, directory, first, expected } = corpus(t)
    copyFileSync(first, `${first}.reset.2026-11-01T10-00-00.000Z`)
    copyFileSync(first, `${first}.deleted.2026-11-02T10-00-00Z.0123456789abcdef0123456789abcdef`)
    copyFileSync(first, `${first}.bak.2026-11-02T10-00-00Z`)
    copyFileSync(first, first.replace(".jsonl", ".checkpoint.01234567-0123-4123-8123-0123456789ab.jsonl"))
    writeFileSync(`${first}.reset.2026-11-03T10-00-00.000Z.zst`, zstdCompressSync(readFileSync(first)))
    const archive = join(dirname(directory), "session-sqlite-import-archive", "2026-11-04")
    mkdirSync(archive, { recursive: true })
    copyFileSync(first, join(archive, "gone.jsonl.migrated.2"))
    assert.deepEqual(sumOf((await readHome(home)).rows), expected)
    // Where the first of them is gone, each of the others stands in for it.
    for (const name of readdirSync(directory).filter((name) => !name.includes(".reset.2026-11-03") && name.startsWith(first.slice(directory.length + 1, -6)))) {
      rmSync(join(directory, name))
    }
    rmSync(archive, { recursive: true })
    assert.deepEqual(sumOf((await readHome(home)).rows), expected)
  })

  test("of a fork for the session they come from, and for the fork when that is gone", async (t) => {
    const { home, directory, first, expected } = corpus(t)
    const lines = readFileSync(first, "utf8").split("\n")
    const header = JSON.parse(lines[0] ?? "") as { id: string }
    const fork = { type: "session", version: 3, id: "fork-1", timestamp: "2027-01-01T00:00:00.000Z", parentSession: header.id }
    const own = {
      type: "message",
      id: "own-1",
      timestamp: "2027-01-01T00:01:00.000Z",
      message: { role: "assistant", model: "m", usage: { input: 5, output: 1 } },
    }
    writeFileSync(join(directory, "fork-1.jsonl"), [JSON.stringify(fork), ...lines.slice(1, -1), JSON.stringify(own), ""].join("\n"))
    const both = await readHome(home)
    assert.deepEqual(sumOf(both.rows), { ...expected, calls: expected.calls + 1, input: expected.input + 5, output: expected.output + 1 })
    assert.equal(both.rows.filter(({ place }) => place.sessionId === "fork-1").length, 1)
    rmSync(first)
    assert.deepEqual(sumOf((await readHome(home)).rows), sumOf(both.rows))
  })

  test("with what the list of sessions says of where they took place", async (t) => {
    const { home, directory, first } = corpus(t)
    const sessionId = first.slice(directory.length + 1, -6)
    const entry = {
      sessionId,
      chatType: "direct",
      lastChannel: "telegram",
      origin: { provider: "telegram", from: "telegram:777" },
      spawnedBy: "agent:agent-0:main",
    }
    writeFileSync(join(directory, "sessions.json"), JSON.stringify({ "agent:agent-0:telegram:direct:777": entry, broken: 5 }))
    const { rows } = await readHome(home)
    const place = { agent: "agent-0", sessionId, key: "agent:agent-0:telegram:direct:777", channel: "telegram", chatType: "direct", sender: "777" }
    assert.deepEqual(rows.find((row) => row.place.sessionId === sessionId)?.place, { ...place, parent: "agent:agent-0:main" })
  })

  test("of a heartbeat are told apart from what comes after it", async (t) => {
    const home = temporaryDirectory(t)
    const directory = join(home, "agents", "main", "sessions")
    mkdirSync(directory, { recursive: true })
    const said = (role: string, id: string, text: string) => ({
      type: "message",
      id,
      timestamp: "2026-05-01T10:00:00.000Z",
      message: { role, content: [{ type: "text", text }], ...(role === "assistant" ? { usage: { input: 3, output: 1 } } : {}) },
    })
    const rows = [
      said("user", "1", "Read HEARTBEAT.md if it exists. If nothing needs attention, reply HEARTBEAT_OK."),
      said("assistant", "2", "let me see"),
      said("assistant", "3", "HEARTBEAT_OK"),
      said("user", "4", "hello"),
      said("assistant", "5", "hi"),
    ]
    writeFileSync(join(directory, "s.jsonl"), rows.map((row) => `${JSON.stringify(row)}\n`).join(""))
    assert.deepEqual(
      (await readHome(home)).rows.map(({ kind }) => kind),
      ["heartbeat", "heartbeat", undefined],
    )
  })
})

describe("what is wrong with a history is named, and the rest is read", () => {
  test("cut files, broken zstd, lines of garbage", async (t) => {
    const { home, directory, first, expected } = corpus(t)
    truncateSync(first, readFileSync(first, "utf8").trimEnd().lastIndexOf("\n") + 40)
    writeFileSync(join(directory, "broken.jsonl.reset.2026-11-03T10-00-00.000Z.zst"), "no zstd at all")
    writeFileSync(
      join(directory, "garbage.jsonl"),
      '{"usage": {\n\0\0"usage"\n[1, "usage"]\n{"message":{"usage":{"input":2}},"id":"x","timestamp":"2026-05-01T10:00:00.000Z"}\n',
    )
    const { rows, outcomes } = await readHome(home)
    assert.ok(sumOf(rows).calls >= expected.calls, "only the cut line may be lost, and one was added")
    assert.equal(outcomes.filter((outcome) => "problem" in outcome).length, 1)
    const unreadable = outcomes.map((outcome) => ("read" in outcome ? outcome.read.unreadable : 0))
    assert.ok(unreadable.includes(3), "three lines of garbage")
  })

  test("stores of another version, and files that are none", async (t) => {
    const { stateDirectory, agentStore } = makeHost(temporaryDirectory(t))
    const other = join(stateDirectory, "agents", "other", "agent", "openclaw-agent.sqlite")
    cpSync(dirname(dirname(agentStore)), dirname(dirname(other)), { recursive: true })
    editStore(other, (database) => database.exec("PRAGMA user_version = 99"))
    const third = join(stateDirectory, "agents", "third", "agent", "openclaw-agent.sqlite")
    mkdirSync(dirname(third), { recursive: true })
    writeFileSync(third, "no database, but long enough to be taken for one ".repeat(100))
    const { rows, outcomes } = await readHome(stateDirectory)
    assert.equal(rows.length, 31)
    const problems = outcomes.flatMap((outcome) => ("problem" in outcome ? [outcome.problem] : []))
    assert.equal(problems.length, 2)
    assert.ok(problems.some((problem) => problem.includes("version 99")))
  })

  test("symbolic links are not followed, whatever they lead to", async (t) => {
    const { home, directory, first, expected } = corpus(t)
    const outside = join(temporaryDirectory(t), "outside.jsonl")
    renameSync(first, outside)
    symlinkSync(outside, first)
    symlinkSync("/dev/zero", join(directory, "endless.jsonl"))
    symlinkSync(directory, join(home, "agents", "linked"))
    const { rows, troubles } = await readHome(home)
    assert.ok(sumOf(rows).calls < expected.calls)
    assert.deepEqual(
      troubles.map(({ path, problem }) => [path.slice(home.length), problem]).sort(),
      [
        ["/agents/agent-0/sessions/endless.jsonl", "it is a symbolic link"],
        [first.slice(home.length), "it is a symbolic link"],
        ["/agents/linked", "it is a symbolic link"],
      ].sort(),
    )
  })

  test("a directory of ten million names costs no more than those that are looked at", async (t) => {
    const { home, expected } = corpus(t)
    let asked = 0
    const file = { isFile: () => true, isDirectory: () => false, isSymbolicLink: () => false }
    const folder = { isFile: () => false, isDirectory: () => true, isSymbolicLink: () => false }
    function* list(directory: string) {
      const real = directory.endsWith("agents") ? folder : file
      for (const name of readdirSync(directory)) yield { ...real, name }
      if (directory.endsWith("agent-0/sessions")) for (let count = 0; count < 10_000_000; count++, asked++) yield { ...file, name: `noise-${count}` }
    }
    const { rows, troubles } = await readHome(home, { list, mostNames: 5_000 })
    assert.deepEqual(sumOf(rows), expected)
    assert.ok(asked <= 5_001)
    assert.deepEqual(
      troubles.map(({ problem }) => problem),
      ["it has more than 5000 names; the others were not looked at"],
    )
  })

  test("a line longer than any the host writes is passed over", async (t) => {
    const { home, directory, first, expected } = corpus(t)
    const [head = ""] = readFileSync(first, "utf8").split("\n")
    const endless = join(directory, "endless.jsonl")
    writeFileSync(endless, `${head}\n{"message":{"usage":{"input":1},"x":"`)
    for (let part = 0; part < 70; part++) appendFileSync(endless, "x".repeat(2 ** 20))
    appendFileSync(endless, `"}}\n{"id":"after","timestamp":"2026-05-01T10:00:00.000Z","message":{"usage":{"input":9}}}\n`)
    const { rows, outcomes } = await readHome(home)
    assert.equal(sumOf(rows).input, expected.input + 9)
    assert.ok(outcomes.some((outcome) => "read" in outcome && outcome.read.unreadable === 1))
  })

  test("forged rows under the ids of true ones hide nothing", async (t) => {
    const { home, directory, expected } = corpus(t)
    const forged: string[] = []
    for (const name of readdirSync(directory)) {
      for (const line of readFileSync(join(directory, name), "utf8")
        .split("\n")
        .filter((line) => line.includes('"usage":') && line.includes('"assistant"'))) {
        const row = JSON.parse(line) as { message: { usage: object; timestamp: number } }
        forged.push(JSON.stringify({ ...row, message: { ...row.message, usage: { ...row.message.usage, input: 0 } } }))
        forged.push(JSON.stringify({ ...row, message: { ...row.message, timestamp: 1 } }))
      }
    }
    writeFileSync(join(directory, "0-forged.jsonl"), `${forged.join("\n")}\n`)
    const { rows } = await readHome(home)
    const without = rows.filter(({ place }) => place.sessionId !== "0-forged")
    assert.deepEqual(sumOf(without), expected)
  })
})
