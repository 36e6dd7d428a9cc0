/** Sources that are read on: what came is told once, whatever the host did with the rows before it, and as a reading of everything would tell it. */
import assert from "node:assert/strict"
import { appendFileSync, copyFileSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, test } from "node:test"
import { findSources, type Source } from "../../src/history/find-sources.ts"
import { Followers } from "../../src/history/follow/followers.ts"
import { sourceMark } from "../../src/history/follow/source-mark.ts"
import type { FromReader } from "../../src/history/read-sources.ts"
import { rowsOf } from "../../src/history/usage/rows-of.ts"
import { temporaryDirectory, type Ending } from "../ledger-fixture.ts"
import { editStore } from "../vectors/host-store/host-store.ts"
import { agentTables } from "./agent-store-tables.ts"

const startMs = 1_780_000_000_000

/** Reads what is new of every source; answers the input tokens of the rows told, each with where it took place. */
async function news(followers: Followers, home: string): Promise<readonly string[]> {
  const told: string[] = []
  for (const [index, source] of findSources(home).sources.entries()) {
    await new Promise<void>((resolve) => {
      const message = (said: FromReader) => {
        if ("batch" in said) {
          const { place } = said.batch
          told.push(...rowsOf(said.batch).map(({ input, kind }) => [input, place.channel, kind].filter((part) => part !== undefined).join(" ")))
        } else if ("done" in said) {
          assert.ok("read" in said, "problem" in said ? said.problem : "")
          resolve()
        }
      }
      followers.startReader({ message, gone: () => {} }).give({ index, source, latestMs: Number.MAX_SAFE_INTEGER, part: { index: 0, of: 1 } })
    })
  }
  return told
}

function call(input: number): object {
  const usage = { input, output: 1, cacheRead: 0, cacheWrite: 0 }
  const message = { role: "assistant", provider: "anthropic", model: "m", content: [], stopReason: "stop", timestamp: startMs + input, usage }
  return { type: "message", id: `row-${input}`, timestamp: new Date(startMs + input).toISOString(), message }
}

function asked(channel: string | undefined, text = "go on"): object {
  const transport = channel === undefined ? {} : { __openclaw: { transport: { channel } } }
  return {
    type: "message",
    id: `asked-${channel}-${text.length}`,
    timestamp: new Date(startMs).toISOString(),
    message: { role: "user", content: [{ type: "text", text }], timestamp: startMs, ...transport },
  }
}

const line = (row: object) => `${JSON.stringify(row)}\n`

function transcripts(t: Ending): { readonly home: string; readonly path: (name: string) => string } {
  const home = temporaryDirectory(t)
  const sessions = join(home, "agents", "main", "sessions")
  mkdirSync(sessions, { recursive: true })
  const path = (name: string) => join(sessions, name)
  writeFileSync(path("s.jsonl"), line({ type: "session", version: 3, id: "s", timestamp: new Date(startMs).toISOString() }))
  return { home, path }
}

describe("a transcript", () => {
  test("is read on behind its last whole line, under whatever name", async (t) => {
    const { home, path } = transcripts(t)
    const followers = new Followers(undefined)
    appendFileSync(path("s.jsonl"), line(call(1)) + line(call(2)))
    assert.deepEqual(await news(followers, home), ["1", "2"])
    assert.deepEqual(await news(followers, home), [])
    const [first, rest] = [line(call(3)).slice(0, 50), line(call(3)).slice(50)]
    appendFileSync(path("s.jsonl"), first)
    assert.deepEqual(await news(followers, home), [])
    appendFileSync(path("s.jsonl"), rest)
    assert.deepEqual(await news(followers, home), ["3"])
    renameSync(path("s.jsonl"), path("s.jsonl.reset.2026-06-01T10-00-00.000Z"))
    appendFileSync(path("s.jsonl.reset.2026-06-01T10-00-00.000Z"), line(call(4)))
    writeFileSync(path("s.jsonl"), line(call(5)))
    assert.deepEqual((await news(followers, home)).toSorted(), ["4", "5"])
  })

  test("that was copied, cut or replaced is read from its beginning", async (t) => {
    const { home, path } = transcripts(t)
    const followers = new Followers(undefined)
    appendFileSync(path("s.jsonl"), line(call(1)) + line(call(2)))
    await news(followers, home)
    copyFileSync(path("s.jsonl"), path("other.jsonl"))
    assert.deepEqual(await news(followers, home), ["1", "2"])
    writeFileSync(path("s.jsonl"), line(call(7)))
    assert.deepEqual(await news(followers, home), ["7"], "it is shorter")
    writeFileSync(path("other.jsonl"), line(call(8)) + line(call(9)) + line(call(10)) + line(call(11)))
    assert.deepEqual(await news(followers, home), ["8", "9", "10", "11"], "it is longer, and another one at the beginning")
    rmSync(path("s.jsonl"))
    writeFileSync(path("s.jsonl"), line(call(12)))
    assert.deepEqual(await news(followers, home), ["12"], "whether it has the number of the one before or not")
  })

  test("tells of a call what was said before it, also where that was read long ago or by somebody else", async (t) => {
    const { home, path } = transcripts(t)
    const followers = new Followers(undefined)
    appendFileSync(path("s.jsonl"), line(asked("telegram")))
    assert.deepEqual(await news(followers, home), [])
    appendFileSync(path("s.jsonl"), line(call(1)))
    assert.deepEqual(await news(followers, home), ["1 telegram"])
    const late = new Followers(undefined)
    for (const source of findSources(home).sources) late.beginAt(source)
    appendFileSync(path("s.jsonl"), line(call(2)))
    for (const one of [followers, late]) assert.deepEqual(await news(one, home), ["2 telegram"])
    appendFileSync(path("s.jsonl"), line(asked(undefined, "Read HEARTBEAT.md; reply HEARTBEAT_OK.")))
    await news(followers, home)
    appendFileSync(path("s.jsonl"), line(call(3)))
    assert.deepEqual(await news(followers, home), ["3 heartbeat"])
  })
})

type Insert = (session: string, seq: number, row: object) => void

function store(t: Ending, version: number) {
  const home = temporaryDirectory(t)
  const path = join(home, "agents", "main", "agent", "openclaw-agent.sqlite")
  mkdirSync(join(path, ".."), { recursive: true })
  editStore(path, (database) => {
    for (const sql of agentTables(version)) database.exec(sql)
    database.exec(`PRAGMA user_version = ${version}`)
  })
  const edit = (sql: string) => editStore(path, (database) => database.exec(sql))
  const add = (change: (insert: Insert) => void) =>
    editStore(path, (database) => {
      database.exec("BEGIN")
      const statement = database.prepare("INSERT INTO transcript_events(session_id, seq, event_json, created_at) VALUES (?, ?, ?, ?)")
      change((session, seq, row) => statement.run(session, seq, JSON.stringify(row), startMs + seq))
      database.exec("COMMIT")
    })
  return { home, path, edit, add }
}

describe("an agent's store", () => {
  for (const version of [4, 9, 14, 23])
    test(`of schema ${version} is read on behind its last row`, async (t) => {
      const { home, add } = store(t, version)
      const followers = new Followers(undefined)
      add((insert) => [1, 2, 3].forEach((input) => insert("a", input, call(input))))
      assert.deepEqual(await news(followers, home), ["1", "2", "3"])
      assert.deepEqual(await news(followers, home), [])
      add((insert) => insert("b", 0, call(4)))
      assert.deepEqual(await news(followers, home), ["4"])
    })

  test("whose last rows were taken away and written anew is read from before them", async (t) => {
    const { home, add, edit } = store(t, 23)
    const followers = new Followers(undefined)
    add((insert) => Array.from({ length: 200 }, (_, at) => insert("a", at, call(at + 1))))
    assert.equal((await news(followers, home)).length, 200)
    edit("DELETE FROM transcript_events WHERE session_id = 'a' AND seq >= 198")
    add((insert) => [198, 199].forEach((seq) => insert("b", seq, call(1_000 + seq)))) // in the places of those that are gone
    const told = await news(followers, home)
    assert.ok(told.includes("1198") && told.includes("1199"))
    assert.ok(told.length < 200, "not everything is read again")
    // Every row has another place now.
    edit(`CREATE TABLE kept AS SELECT * FROM transcript_events WHERE seq % 2 = 1; DELETE FROM transcript_events;
      INSERT INTO transcript_events SELECT * FROM kept; DROP TABLE kept`)
    add((insert) => insert("c", 0, call(5_000)))
    assert.ok((await news(followers, home)).includes("5000"))
    edit("DELETE FROM transcript_events")
    assert.deepEqual(await news(followers, home), [])
    add((insert) => insert("d", 0, call(6_000)))
    assert.deepEqual(await news(followers, home), ["6000"])
  })

  test("is read in steps where much came, and says that there is more", async (t) => {
    const { home, add } = store(t, 14)
    const followers = new Followers(undefined)
    add((insert) => Array.from({ length: 4_500 }, (_, at) => insert("a", at, call(at + 1))))
    const [source] = findSources(home).sources as readonly [Source]
    const steps: number[] = []
    do steps.push((await news(followers, home)).length)
    while (followers.isUnfinished(source))
    assert.deepEqual(steps, [2_000, 2_000, 500])
  })

  test("tells of a call by which channel it was asked for, also where that was read by somebody else", async (t) => {
    const { home, add, edit } = store(t, 23)
    edit("INSERT INTO session_windows(session_id, session_key, created_at, updated_at) VALUES ('a', 'agent:main:main', 1, 1)")
    const followers = new Followers(undefined)
    add((insert) => insert("a", 0, asked("telegram")))
    assert.deepEqual(await news(followers, home), [])
    const late = new Followers(undefined)
    for (const source of findSources(home).sources) late.beginAt(source)
    add((insert) => insert("a", 1, call(1)))
    for (const one of [followers, late]) assert.deepEqual(await news(one, home), ["1 telegram"])
    add((insert) => insert("a", 2, asked("discord")))
    add((insert) => insert("a", 3, call(2)))
    for (const one of [followers, late]) assert.deepEqual(await news(one, home), ["2 discord"])
  })

  test("looks like another one after every commit, and like itself where nothing came", (t) => {
    const { home, add, path } = store(t, 14)
    const mark = () => findSources(home).sources.map(sourceMark).join("\n")
    const seen = [mark()]
    add((insert) => insert("a", 0, call(1)))
    editStore(path, (database) => {
      database.exec("PRAGMA journal_mode = WAL")
      for (let seq = 1; seq <= 20; seq++) {
        seen.push(mark())
        database.prepare("INSERT INTO transcript_events(session_id, seq, event_json, created_at) VALUES ('a', ?, '{}', 0)").run(seq)
        if (seq % 7 === 0) database.exec("PRAGMA wal_checkpoint(TRUNCATE)")
        seen.push(mark())
        assert.equal(mark(), seen.at(-1))
      }
    })
    const changes = seen.filter((one, at) => at > 0 && one !== seen[at - 1]).length
    assert.ok(changes >= 21, `${changes} changes were seen`)
  })

  test("looks like another one where neither size nor time of its files say so", (t) => {
    const { path, home } = store(t, 14)
    editStore(path, (database) => {
      database.exec("PRAGMA journal_mode = WAL")
      const write = () => {
        database.exec("PRAGMA wal_checkpoint(RESTART)")
        database.exec("INSERT OR REPLACE INTO transcript_events(session_id, seq, event_json, created_at) VALUES ('a', 1, hex(randomblob(20)), 0)")
        for (const suffix of ["", "-wal"]) utimesSync(path + suffix, 1_000, 1_000)
        return findSources(home).sources as readonly [Source]
      }
      write()
      const [[before], mark] = [write(), findSources(home).sources.map(sourceMark)[0]]
      const [after] = write()
      assert.deepEqual([after.sizeBytes, after.modifiedMs], [before.sizeBytes, before.modifiedMs])
      assert.notEqual(sourceMark(after), mark)
    })
  })
})
