/** import, spend, look and budget simulate as an operator uses them, on a history of which everything is known. */
import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, test } from "node:test"
import { tryLock } from "../../src/vault/lock.ts"
import { trueCalls, writeAgentStore } from "../history/agent-store-history.ts"
import { writeStateStore } from "../history/state-store-history.ts"
import { unknownModel, writeTrueHistory, type Truth } from "../history/true-history.ts"
import { makeHome, type Home } from "./home.ts"

const dayMs = 86_400_000

type Figures = Readonly<Record<string, unknown>>

async function json(home: Home, command: string, exit = 0): Promise<Figures> {
  const said = await home.run(`${command} --json`)
  assert.equal(said.exit, exit, `${command}: ${said.stdout}${said.stderr}`)
  return JSON.parse(said.stdout) as Figures
}

function history(t: Parameters<typeof makeHome>[0]): { readonly home: Home; readonly host: string; readonly truth: Truth } {
  const home = makeHome(t)
  const host = join(home.directory, "old-machine")
  return { home, host, truth: writeTrueHistory(host, Date.now() - 10 * dayMs) }
}

/** Every file below a directory: its bytes, its times, whose it is. */
function stampsOf(directory: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    readdirSync(directory, { recursive: true, encoding: "utf8" })
      .sort()
      .map((name) => {
        const path = join(directory, name)
        const { mtimeMs, mode, ino, size } = lstatSync(path)
        const hash = lstatSync(path).isFile() ? createHash("sha256").update(readFileSync(path)).digest("hex") : ""
        return [name, [mtimeMs, mode, ino, size, hash].join()]
      }),
  )
}

/** A session of each agent, begun by the one before it, with one answer that cost 40 cents; noon of yesterday. */
function writeSubagents(host: string, keys: readonly string[]): void {
  const noonMs = Math.floor(Date.now() / dayMs) * dayMs - dayMs / 2
  for (const [index, key] of keys.entries()) {
    const directory = join(host, "agents", key.split(":")[1] ?? "", "sessions")
    mkdirSync(directory, { recursive: true })
    const [sessionId, spawnedBy, atMs] = [`session-${index}`, keys[index - 1], noonMs + index * 1_000]
    writeFileSync(join(directory, "sessions.json"), JSON.stringify({ [key]: { sessionId, spawnedBy, projectId: "p-1" } }))
    const usage = { input: 10, output: 1, cacheRead: 0, cacheWrite: 0, totalTokens: 11, cost: { total: 0.4 } }
    const message = { role: "assistant", provider: "nobody", model: "unheard-of", content: [], stopReason: "stop", timestamp: atMs, usage }
    const row = { type: "message", id: `row-${index}`, timestamp: new Date(atMs).toISOString(), message }
    writeFileSync(join(directory, `${sessionId}.jsonl`), `${JSON.stringify(row)}\n`)
  }
}

async function spent(home: Home): Promise<Figures> {
  return (await json(home, "spend --since 30d"))["total"] as Figures
}

function agree(total: Figures, truth: Truth): void {
  const { calls, input, output, cacheRead, cacheWrite, unpriced, costNanos } = total
  assert.deepEqual(
    { calls, input, output, cacheRead, cacheWrite, unpriced },
    {
      calls: truth.calls,
      input: truth.input,
      output: truth.output,
      cacheRead: truth.cacheRead,
      cacheWrite: truth.cacheWrite,
      unpriced: truth.unknown,
    },
  )
  const cost = Number(costNanos) / 1e9
  assert.ok(Math.abs(cost - truth.cost) <= truth.cost / 1_000, `${cost} is within a thousandth of ${truth.cost}`)
}

/** What each class of tokens cost comes to the cost of its call, but for a nano-dollar: of every call that has a price, and of no other. */
async function classesAddUp(home: Home, truth: Truth): Promise<void> {
  const classes = ["input", "output", "cache_read", "cache_write"].map((name) => `cost_${name}`).join(" + ")
  const query = `SELECT count(${classes}), sum(abs(${classes} - cost_total) > 1.1e-9) FROM governance`
  const { stdout, stderr } = await home.run(["sql", query, "--json"])
  assert.deepEqual((JSON.parse(stdout) as Figures)["rows"], [[truth.calls - truth.unknown, 0]], stderr)
}

describe("a history of which everything is known", () => {
  test("is known again after its host was upgraded: only what came with the upgrade is new", async (t) => {
    const home = makeHome(t)
    const host = join(home.directory, "old-machine")
    const agentStore = join(host, "agents", "main", "agent", "openclaw-agent.sqlite")
    const write = (agentSchema: number, stateSchema: number) => {
      writeAgentStore(agentStore, agentSchema)
      writeStateStore(join(host, "state", "openclaw.sqlite"), stateSchema, { full: agentStore, relative: "agents/main/agent/openclaw-agent.sqlite" })
    }
    await json(home, "key create")
    for (const [agentSchema, stateSchema, before] of [
      [9, 3, 0],
      [14, 9, 9],
      [23, 18, 14],
    ] as const) {
      write(agentSchema, stateSchema)
      const imported = await json(home, `import ${host}`)
      assert.equal(imported["recorded"], trueCalls(agentSchema).length - trueCalls(before).length, `schema ${agentSchema}`)
    }
    const { calls, input } = (await json(home, "spend --since 2026-01-01"))["total"] as Figures
    const truth = trueCalls(23)
    assert.deepEqual([calls, input], [truth.length, truth.reduce((sum, call) => sum + call.input, 0)])
  })

  test("is imported to the token, twice to the same, and the host's files stay as they were", async (t) => {
    const { home, host, truth } = history(t)
    const before = stampsOf(host)
    const dry = await json(home, `import ${host} --usage-only --dry-run`, 1)
    assert.equal(dry["recorded"], truth.calls)
    assert.ok(!existsSync(join(home.directory, ".openclaw")), "a dry run makes nothing")
    await json(home, "key create")
    const imported = await json(home, `import ${host} --usage-only`, 1)
    assert.deepEqual([imported["recorded"], imported["unreadable"]], [truth.calls, 1])
    agree(await spent(home), truth)
    const unpriced = (await json(home, "spend --since 30d"))["unpriced"]
    assert.deepEqual(unpriced, [{ model: unknownModel, calls: truth.unknown }])
    await classesAddUp(home, truth)
    const again = await json(home, `import ${host} --usage-only`)
    assert.deepEqual([again["recorded"], (again["sources"] as Figures)["read"]], [0, 0])
    const whole = await json(home, `import ${host}`, 1)
    assert.equal(whole["recorded"], 0)
    assert.ok(Number((whole["events"] as Figures)["recorded"]) > truth.calls)
    agree(await spent(home), truth)
    assert.equal((await json(home, `import ${host}`))["recorded"], 0)
    assert.deepEqual(stampsOf(host), before)
    assert.equal((await json(home, "verify"))["verdict"], "valid")
  })

  test("counts a row once that tells no time of its message, whichever kind of import read it first", async (t) => {
    const home = makeHome(t)
    const sessions = join(home.directory, "host", "agents", "main", "sessions")
    mkdirSync(sessions, { recursive: true })
    const timestamp = new Date(Date.now() - dayMs).toISOString()
    const message = { role: "assistant", provider: "anthropic", model: "claude-haiku-4-5", usage: { input: 5, output: 1 } }
    writeFileSync(join(sessions, "s.jsonl"), `${JSON.stringify({ type: "message", id: "1", timestamp, message })}\n`)
    await json(home, "key create")
    const recorded = async (kind: string) => (await json(home, `import ${join(home.directory, "host")}${kind}`))["recorded"]
    assert.deepEqual([await recorded(" --usage-only"), await recorded("")], [1, 0])
    assert.equal((await spent(home))["calls"], 1)
  })

  test("is added up by agent, job and kind; by day in a zone; as CSV", async (t) => {
    const { home, host, truth } = history(t)
    await json(home, "key create")
    await json(home, `import ${host}`, 1)
    agree(await spent(home), truth)
    const rows = async (by: string) => (await json(home, `spend --since 30d --by ${by}`))["rows"] as readonly (Figures & { readonly keys: Figures })[]
    const calls = async (by: string) => Object.fromEntries((await rows(by)).map((row) => [String(row.keys[by]), row["calls"]]))
    assert.deepEqual(await calls("agent"), truth.byAgent)
    assert.deepEqual((await calls("cron"))["nightly"], truth.jobs["nightly"])
    const { costNanos } = await spent(home)
    const sums = "sum(input_tokens), sum(output_tokens), sum(cache_read_tokens), sum(cache_write_tokens), sum(imported)"
    for (const [view, cost] of [
      ["llm_usage_events", "cost_nanos"],
      ["governance", "cost_total_nanos"],
    ]) {
      const asked = await home.run(["sql", `SELECT count(*), ${sums}, sum(${cost}) FROM ${view}`, "--json"])
      const { calls, input, output, cacheRead, cacheWrite } = truth
      assert.deepEqual((JSON.parse(asked.stdout) as Figures)["rows"], [[calls, input, output, cacheRead, cacheWrite, calls, Number(costNanos)]], asked.stderr)
    }
    await classesAddUp(home, truth)
    assert.equal((await calls("kind"))["heartbeat"], truth.heartbeats)
    const byDay = await rows("day --tz Pacific/Auckland")
    assert.equal(
      byDay.reduce((sum, row) => sum + Number(row["calls"]), 0),
      truth.calls,
    )
    const { stdout } = await home.run("usage --since 30d --by agent,model --csv")
    const [head = "", ...lines] = stdout.trimEnd().split("\r\n")
    const at = head.split(",").indexOf("calls")
    assert.equal(
      lines.reduce((sum, line) => sum + Number(line.split(",")[at]), 0),
      truth.calls,
    )
  })

  test("that was recorded without the note that it was read is not recorded again, messages without ids of their own among it", async (t) => {
    const { home, host } = history(t)
    await json(home, "key create")
    const first = await json(home, `import ${host}`, 1)
    // A source that has another time is read again, as one is whose import was cut off.
    for (const name of readdirSync(host, { recursive: true, encoding: "utf8" })) {
      const path = join(host, name)
      if (lstatSync(path).isFile()) utimesSync(path, new Date(), new Date())
    }
    const again = await json(home, `import ${host}`, 1)
    assert.ok(Number((again["sources"] as Figures)["read"]) > 3)
    assert.ok(Number((first["events"] as Figures)["recorded"]) > 50)
    assert.deepEqual([again["recorded"], (again["events"] as Figures)["recorded"]], [0, 0])
  })

  test("is imported by one command at a time", async (t) => {
    const { home, host } = history(t)
    await json(home, "key create")
    const lock = tryLock(join(home.directory, ".openclaw", "sovereign-ledger", "import.lock.sqlite"))
    await home.check({ command: `import ${host}`, exit: 2, stderr: /Another import into the ledger .* is running[^]*the same command records/ })
    lock?.release()
    await json(home, `import ${host}`, 1)
    const spent = await home.run("spend --since 1h")
    assert.match(spent.stdout, /The latest model call on record is of \d{4}-\d\d-\d\d \d\d:\d\d UTC/)
  })

  test("is looked at without a ledger, and leaves nothing behind", async (t) => {
    const { home, host, truth } = history(t)
    const before = stampsOf(home.directory)
    const seen = await json(home, `look ${host}`)
    const total = seen["total"] as Figures
    assert.deepEqual([total["calls"], total["input"], total["output"]], [truth.calls, truth.input, truth.output])
    assert.equal((seen["heartbeat"] as Figures)["calls"], truth.heartbeats)
    assert.ok(Number(((seen["unseen"] as Figures)["branch"] as Figures)["calls"]) > 0)
    assert.deepEqual(stampsOf(home.directory), before)
    const { stdout, exit } = await home.run(`look ${host}`)
    assert.equal(exit, 0)
    assert.match(stdout, /Top burners[^]*Nobody asked for[^]*does not count[^]*would have saved/)
    assert.ok(stdout.split("\n").length <= 45, "one screen")
    writeFileSync(join(host, "openclaw.json"), "{ broken")
    const { stdout: unpriced, stderr, exit: still } = await home.run(`look ${host}`)
    assert.deepEqual([still, /Top burners/.test(unpriced)], [0, true], stderr)
    assert.match(stderr, /cannot be read[^]*Cost is told by published prices\.$/m)
  })

  for (const depth of ["", " --usage-only"])
    test(`of a subagent of a subagent is spent for the agent that began it, in a simulation of budgets too${depth}`, async (t) => {
      const home = makeHome(t)
      const host = join(home.directory, "old-machine")
      writeSubagents(host, ["agent:main:main", "agent:worker:subagent:one", "agent:deep:subagent:two"])
      const policy = join(home.directory, "policy.json")
      writeFileSync(policy, JSON.stringify([{ name: "mine", limit: "1usd", per: "day", match: ["agent=main"] }]))
      await json(home, "key create")
      await json(home, `import ${host}${depth}`)
      for (const more of [` --raw ${host}`, ""]) {
        const { blocked } = await json(home, `budget simulate --file ${policy} --since 3d${more}`)
        const [mine, ...others] = blocked as readonly Figures[]
        assert.deepEqual([mine?.["by"], mine?.["calls"], others], ["mine", 1, []], more)
      }
      const asked = await home.run(["sql", "SELECT agent, project, parent_session IS NULL FROM llm_usage_events ORDER BY timestamp", "--json"])
      assert.deepEqual((JSON.parse(asked.stdout) as Figures)["rows"], [
        ["main", "p-1", 1],
        ["worker", "p-1", 0],
        ["deep", "p-1", 0],
      ])
    })

  test("says what is wrong with what somebody typed", async (t) => {
    const home = makeHome(t)
    await home.check({ command: "import /nowhere", exit: 2, stderr: /no OpenClaw history in \/nowhere[^]*or the home it lies in/ })
    await home.check({ command: "look /nowhere", exit: 2, stderr: /no OpenClaw history/ })
    await home.check({ command: "spend --by nothing", exit: 2, stderr: /--by takes provider, model/ })
    await home.check({ command: "spend --tz Mars/Base", exit: 2, stderr: /IANA zone/ })
    await home.check({ command: "usage --since never", exit: 2, stderr: /--since takes/ })
    await home.check({ command: "usage --since 2026-02-29", exit: 2, stderr: /a day such as 2026-11-20/ })
    await home.check({ command: "budget simulate", exit: 2, stderr: /--file POLICY/ })
  })
})
