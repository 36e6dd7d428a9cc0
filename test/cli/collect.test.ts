/** collect as an operator uses it: on a host that works while it is followed. */
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { describe, test } from "node:test"
import { tryLock } from "../../src/vault/lock.ts"
import { settled } from "../history/collect-kill-run.ts"
import { LiveHost } from "../history/live-host.ts"
import { writeTrueHistory } from "../history/true-history.ts"
import { cliSource, jsonOf, makeHome, type Home, type Session } from "./home.ts"

type Status = {
  readonly calls: number
  readonly events: number
  readonly sources: number
  readonly passes: number
  readonly troubles: readonly { path: string; problem: string }[]
}

function statuses(session: Session): readonly Status[] {
  const lines = session.stdout().split("\n").slice(0, -1)
  return lines.map((line) => JSON.parse(line) as Status)
}

/** Waits for a status that fits: they come every second. */
async function statusWhere(session: Session, fits: (status: Status) => boolean): Promise<Status> {
  const untilMs = performance.now() + 120_000
  for (;;) {
    const found = statuses(session).find(fits)
    if (found) return found
    assert.ok(performance.now() < untilMs, `no such status: ${session.stdout().slice(-1_000)}`)
    await sleep(50)
  }
}

function collecting(home: Home, host: string): Session {
  return home.start(["collect", "--openclaw-home", host, "--status-every", "1", "--json"])
}

async function calls(home: Home): Promise<readonly unknown[]> {
  const said = await home.run(["sql", "SELECT count(*), sum(input_tokens) FROM llm_usage_events", "--json"])
  return (jsonOf(said)["rows"] as readonly (readonly unknown[])[])[0] ?? []
}

describe("a collector", () => {
  test("records once what an import would, and is done", async (t) => {
    const home = makeHome(t)
    const host = join(home.directory, "old-machine")
    const truth = writeTrueHistory(host, Date.now() - 10 * 86_400_000)
    await home.run("key create")
    const first = jsonOf<Status>(await home.run(`collect --openclaw-home ${host} --once --json`))
    assert.equal(first.calls, truth.calls)
    assert.ok(first.events > truth.calls)
    assert.deepEqual(first.troubles, [], "a line that is still being written is no trouble")
    const again = jsonOf<Status & { readonly changed: number }>(await home.run(`collect --openclaw-home ${host} --once --json`))
    assert.deepEqual([again.calls, again.events, again.changed], [0, 0, 0], "what was noted as read is not read again")
    const imported = await home.run(`import ${host} --json`)
    assert.deepEqual([jsonOf(imported)["recorded"], (jsonOf(imported)["sources"] as { unchanged: number }).unchanged], [0, first.sources])
  })

  test("follows a store and files of lines through everything a host does, and ends in order", { timeout: 300_000 }, async (t) => {
    const home = makeHome(t)
    const host = new LiveHost(join(home.directory, "host"), 21)
    await home.run("key create")
    const collector = collecting(home, host.home)
    await statusWhere(collector, () => true)
    for (let happening = 0; happening < 400; happening++) {
      host.happen()
      if (happening % 40 === 0) host.restart()
      await sleep(10)
    }
    host.finish()
    const { truth } = host
    await statusWhere(collector, (status) => status.calls >= truth.calls)
    // Quiet now: what comes is found again behind it.
    await sleep(1_100)
    host.callInStore("one")
    host.callInFile("old")
    await statusWhere(collector, (status) => status.calls >= truth.calls)
    collector.child.kill("SIGTERM")
    const { exit, stderr } = await collector.ended
    assert.deepEqual([exit, stderr], [0, ""])
    assert.deepEqual(await calls(home), [truth.calls, truth.input], "followed, and not read again")
    await settled(home, host, 21)
    host.close()
  })

  test("is one for a ledger, lets an import go first, and says so", async (t) => {
    const home = makeHome(t)
    const host = new LiveHost(join(home.directory, "host"), 5)
    host.close()
    await home.run("key create")
    const directory = join(home.directory, ".openclaw", "sovereign-ledger")
    const other = tryLock(join(directory, "collect.lock.sqlite"))
    await home.check({
      command: `collect --openclaw-home ${host.home} --once`,
      exit: 2,
      stderr: /Another collector of the ledger in .* is running\.[^]*One is enough/,
    })
    other?.release()
    const importing = tryLock(join(directory, "import.lock.sqlite"))
    await home.check({ command: `collect --openclaw-home ${host.home} --once`, exit: 2, stderr: /Another import into the ledger/ })
    importing?.release()
    await home.check({ command: `collect --openclaw-home ${host.home} --once`, exit: 0, stdout: /^\S+ 2 sources; recorded 0 calls/ })
    await home.check({ command: "collect --openclaw-home /nowhere --once", exit: 2, stderr: /no OpenClaw history in \/nowhere/ })
    await home.check({ command: "collect --interval-sec 0", exit: 2, stderr: /--interval-sec takes a whole number from 1/ })
  })

  test("names what it cannot read, and goes on with the others", async (t) => {
    const home = makeHome(t)
    const host = new LiveHost(join(home.directory, "host"), 6)
    const broken = join(host.home, "agents", "broken", "agent", "openclaw-agent.sqlite")
    mkdirSync(join(broken, ".."), { recursive: true })
    writeFileSync(broken, "no store at all ".repeat(64))
    host.callInStore("one")
    await home.run("key create")
    const said = await home.run(`collect --openclaw-home ${host.home} --once --json`)
    const { calls: recorded, troubles } = JSON.parse(said.stdout) as Status
    assert.deepEqual([said.exit, recorded, troubles.map(({ path }) => path)], [1, 1, [broken]])
    assert.match(troubles[0]?.problem ?? "", /not a database/)
    rmSync(broken)
    host.callInStore("one")
    const better = jsonOf<Status>(await home.run(`collect --openclaw-home ${host.home} --once --json`))
    assert.deepEqual([better.calls, better.troubles], [1, []])
    host.close()
  })

  test("knows a file by its number and what is in it, not by its name", async (t) => {
    const home = makeHome(t)
    const host = new LiveHost(join(home.directory, "host"), 8)
    await home.run("key create")
    const collector = collecting(home, host.home)
    host.callInFile("old")
    await statusWhere(collector, (status) => status.calls === 1)
    const name = host.renameFile()
    writeFileSync(`${name}.tmp`, readFileSync(name)) // the same bytes in another file, under a name the host does not use
    renameSync(`${name}.tmp`, name)
    host.callInFile("old")
    await statusWhere(collector, (status) => status.calls === 2)
    host.cutFile()
    await statusWhere(collector, (status) => status.calls === 3)
    collector.child.kill("SIGINT")
    assert.equal((await collector.ended).exit, 0)
    assert.deepEqual(await calls(home), [host.truth.calls, host.truth.input])
    host.close()
  })

  test("reads a home that it cannot write to", { skip: canMount() ? false : "needs root and mount namespaces" }, async (t) => {
    const home = makeHome(t)
    const host = new LiveHost(join(home.directory, "host"), 9)
    host.callInStore("one")
    host.callInFile("old")
    await home.run("key create")
    chmodSync(host.home, 0o755)
    const collect = `"${process.execPath}" --no-warnings "${cliSource}" collect --openclaw-home "${host.home}" --once --json`
    const mounted = (before: string) =>
      home.start(["-m", "sh", "-ec", `mount --bind "${host.home}" "${host.home}"; mount -o remount,ro,bind "${host.home}"; ${before} ${collect}`], ["unshare"])
    const live = await mounted(`! touch "${host.home}/x" 2>/dev/null;`).ended
    assert.deepEqual([live.exit, (JSON.parse(live.stdout) as Status).calls], [0, 2], live.stderr)
    assert.ok(!existsSync(join(host.home, "x")))
    host.callInStore("two")
    host.close() // the host has stopped: no log, no index of one
    const stopped = await mounted("").ended
    assert.deepEqual([stopped.exit, (JSON.parse(stopped.stdout) as Status).calls], [0, 1], stopped.stderr)
    assert.deepEqual(await calls(home), [host.truth.calls, host.truth.input])
  })
})

function canMount(): boolean {
  return process.getuid?.() === 0 && spawnSync("unshare", ["-m", "true"]).status === 0
}
