/** Kills the writer under load, again and again, and holds what is on disk against what was answered. */
import assert from "node:assert/strict"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { pathToFileURL } from "node:url"
import type { LinkOptions } from "../../src/surfaces/socket/writer-link.ts"
import { assertOnce, startLoad, type Load } from "./load.ts"
import { cliSource, makeRig, until, type Rig } from "./rig.ts"

export async function killRun(kills: number, say: (words: string) => void = () => {}): Promise<void> {
  const rig = makeRig(undefined)
  const link = slowDisk(rig)
  const clients = [rig.client({}, link), rig.client({}, link)]
  const loads = clients.map((client, index) => startLoad(client, `c${index}`))
  try {
    for (let kill = 1; kill <= kills; kill++) {
      await workGoesOn(loads)
      await sleep(50 + Math.random() * 350)
      const { pid } = await rig.status()
      process.kill(pid, "SIGKILL")
      await anotherServes(rig, pid)
      await workGoesOn(loads)
      say(`kill ${kill}: ${await assertSound(rig)} entries, valid; ${loads.map((load) => load.answered.length).join(" + ")} gates answered`)
    }
    await Promise.all(loads.map((load) => load.stop()))
    await Promise.all(clients.map((client) => client.flush(20_000)))
    const entries = rig.entries()
    assertOnce(entries, loads)
    const refused = loads.flatMap((load) => load.refused.map((fault) => fault.message))
    assert.deepEqual(refused, [], "gates that were refused although a new writer could be had")
    assert.deepEqual(
      entries.filter(({ type }) => type === "capture.gap"),
      [],
    )
    assert.deepEqual(rig.logged, [])
    assert.equal(entries.filter(({ type }) => type === "writer.started").length, kills + 1, "one writer a kill, and the first")
    assert.equal(rig.verify().verdict, "valid")
  } finally {
    for (const load of loads) load.end()
    await rig.end()
  }
}

/** A disk on which a commit takes a while: most kills fall between the beginning of one and its end. */
function slowDisk(rig: Rig): () => Promise<LinkOptions> {
  const { program } = rig.link()
  assert.ok(program)
  const slow = join(rig.root, "slow.mjs")
  writeFileSync(slow, `process.argv.push("--commit-delay-ms", "8")\nawait import(${JSON.stringify(pathToFileURL(cliSource).href)})\n`)
  return () => Promise.resolve(rig.link({ program: { ...program, file: () => Promise.resolve(slow) } }))
}

/** Answers that left before the kill still arrive after it: that some did says nothing of the next writer. */
async function anotherServes(rig: Rig, killed: number): Promise<void> {
  const serves = () =>
    rig.status().then(
      ({ pid }) => pid !== killed,
      () => false, // nobody yet
    )
  await until(serves, "another writer serves", 30_000)
}

async function workGoesOn(loads: readonly Load[]): Promise<void> {
  const before = loads.map((load) => load.answered.length)
  await until(() => loads.every((load, index) => load.answered.length > (before[index] ?? 0)), "both clients are answered", 30_000)
}

/** What an operator sees while the load goes on: no alarm of any kind. */
async function assertSound(rig: Rig): Promise<number> {
  const places = ["--json", "--data-dir", rig.directory, "--key-file", rig.keyFile, "--head-note", rig.files.headNote]
  const verify = await rig.run(["verify", ...places])
  const { verdict, problems, entries } = JSON.parse(verify.stdout) as { verdict: string; problems: unknown; entries: number }
  assert.deepEqual([verify.status, verdict, problems], [0, "valid", []], "verify beside the new writer")
  const status = await rig.run(["status", ...places])
  const { problem, integrity } = JSON.parse(status.stdout) as { problem: unknown; integrity: { headNote: string } }
  assert.deepEqual([status.status, problem, integrity.headNote], [0, null, "agrees"], "status beside the new writer")
  return entries
}
