/** Kills the writer under load, again and again, and holds what is on disk against what was answered. */
import assert from "node:assert/strict"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { pathToFileURL } from "node:url"
import { Fault } from "../../src/base/fault.ts"
import type { HandedOver } from "../../src/operations/hand-over-key.ts"
import { askWriter, type LinkOptions } from "../../src/surfaces/socket/writer-link.ts"
import { readKeyStore } from "../../src/vault/key-store.ts"
import { makeSuccessor } from "../../src/vault/successor.ts"
import { LeftCheckpoints } from "./left-checkpoints.ts"
import { assertOnce, startLoad, type Load } from "./load.ts"
import { cliSource, makeRig, until, type Rig } from "./rig.ts"

export type KillRun = {
  readonly entries: number
  readonly checkpoints: number
  readonly pairs: number
  readonly handOvers: number
  /** Kills that fell between the first and the last durable step of a hand-over. */
  readonly halfWay: number
}

/** What the writer is asked to do right before a kill, besides its load, and for how long at most: each kind of write gets its share of the kills. */
const orders = [
  { name: "nothing more", withinMs: 90 },
  { name: "a hand-over", withinMs: 400 },
  { name: "checkpoints", withinMs: 90 },
] as const

/** Of many kills each leaves less behind, so that the journal can be verified after the last one as after the first. */
const loadOf = (kills: number) => (kills > 10 ? { observersEveryMs: 500, gates: 2 } : { observersEveryMs: 50, gates: 4 })

/** Ledgers beside each other, and the clients of each: most of a kill is waiting, and a short journal is verified quickly. Two clients race for the next writer. */
const clientsOf = [2, 2, 1, 1]

/**
 * So many kills in all, shared out among ledgers. After every `lookEvery`th of a ledger all of it is looked at: what a kill leaves behind stays, so a later
 * look finds it, too, and looking takes longer than everything else.
 */
export async function killRuns(kills: number, say: (words: string) => void = () => {}, lookEvery = 1): Promise<KillRun> {
  const lanes = Math.min(clientsOf.length, kills)
  const shares = Array.from({ length: lanes }, (_, lane) => Math.floor((kills + lane) / lanes))
  const of = (lane: number) => ({ clients: clientsOf[lane] ?? 2, lookEvery, say: (words: string) => say(`ledger ${lane + 1}, ${words}`) })
  const runs = await Promise.all(shares.map((share, lane) => killRun(share, of(lane))))
  const sum = (part: (run: KillRun) => number) => runs.reduce((total, run) => total + part(run), 0)
  return {
    entries: sum((run) => run.entries),
    checkpoints: sum((run) => run.checkpoints),
    pairs: sum((run) => run.pairs),
    handOvers: sum((run) => run.handOvers),
    halfWay: sum((run) => run.halfWay),
  }
}

type One = { readonly clients: number; readonly lookEvery: number; readonly say: (words: string) => void }

async function killRun(kills: number, { clients: count, lookEvery, say }: One): Promise<KillRun> {
  const rig = makeRig(undefined)
  const link = slowDisk(rig)
  const clients = Array.from({ length: count }, () => rig.client({}, link))
  const loads = clients.map((client, index) => startLoad(client, `c${index}`, loadOf(kills)))
  const custodian = new Custodian(rig)
  let halfWay = 0
  try {
    for (let kill = 1; kill <= kills; kill++) {
      await workGoesOn(loads)
      const order = orders[kill % orders.length] ?? orders[0]
      await sleep(50 + Math.random() * 200)
      const { pid } = await rig.status()
      const ordered = custodian.order(order.name)
      await sleep(Math.random() * order.withinMs)
      process.kill(pid, "SIGKILL")
      if (readKeyStore(rig.directory).pending) halfWay++
      await ordered
      // A connection may still be taken on behalf of a process that is being ended, and answers of it may still be on their way.
      await until(() => isServedByAnother(rig, pid), "another writer serves")
      await workGoesOn(loads)
      await custodian.order("checkpoints")
      if (kill % lookEvery !== 0 && kill < kills) continue
      rig.reading((access) => custodian.left.assertConsistent(access))
      say(
        `kill ${kill} (${order.name}): ${await assertSound(rig)} entries, valid; ${loads.map((load) => load.answered.length).join(" + ")} gates answered, ${custodian.left.pairs} pairs consistent`,
      )
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
    const handOvers = entries.filter(({ type }) => type === "signer.replaced").map(({ sequence }) => sequence)
    const answered = custodian.handedOver.map(({ sequence }) => sequence)
    assert.deepEqual(
      answered.filter((sequence) => !handOvers.includes(sequence)),
      [],
      "hand-overs that were answered and are no entry",
    )
    rig.reading((access) => custodian.left.assertConsistent(access))
    const { count: checkpoints, pairs } = custodian.left
    return { entries: entries.length, checkpoints, pairs, handOvers: handOvers.length, halfWay }
  } finally {
    for (const load of loads) load.end()
    await rig.end()
  }
}

/** Somebody who orders checkpoints and hand-overs, and keeps every checkpoint that left the writer. */
class Custodian {
  readonly left = new LeftCheckpoints()
  readonly handedOver: HandedOver[] = []
  readonly #rig: Rig

  constructor(rig: Rig) {
    this.#rig = rig
  }

  async order(order: (typeof orders)[number]["name"]): Promise<void> {
    if (order === "a hand-over") await this.#handOver()
    if (order === "checkpoints") for (let count = 0; count < 5; count++) await this.#checkpoint()
    const { headNote } = this.#rig.files
    if (existsSync(headNote)) this.left.take(readFileSync(headNote, "utf8"))
  }

  async #handOver(): Promise<void> {
    const successor = this.#rig.reading(({ keys }) => makeSuccessor(keys))
    const done = await this.#ask<HandedOver>("replace-signer", { successor })
    if (!done) return
    this.handedOver.push(done)
    this.left.take(done.checkpoint)
  }

  async #checkpoint(): Promise<void> {
    const done = await this.#ask<{ readonly note: string }>("checkpoint")
    if (done) this.left.take(done.note)
  }

  /** Undefined when the writer died meanwhile. */
  async #ask<T>(action: "checkpoint" | "replace-signer", more: object = {}): Promise<T | undefined> {
    try {
      return (await askWriter(this.#rig.link({ program: undefined }), action, 10_000, more)) as T
    } catch (error) {
      if (error instanceof Fault && error.code === "writer.unreachable") return undefined
      throw error
    }
  }
}

/** A disk on which a commit takes a while: most kills fall between the beginning of one and its end. */
export function slowDisk(rig: Rig, changes: Partial<LinkOptions> = {}): () => Promise<LinkOptions> {
  const { program } = rig.link()
  assert.ok(program)
  const slow = join(rig.root, "slow.mjs")
  writeFileSync(slow, `process.argv.push("--commit-delay-ms", "8")\nawait import(${JSON.stringify(pathToFileURL(cliSource).href)})\n`)
  return () => Promise.resolve(rig.link({ ...changes, program: { ...program, file: () => Promise.resolve(slow) } }))
}

export async function isServedByAnother(rig: Rig, pid: number): Promise<boolean> {
  const serving = await rig.status().catch((error: unknown) => (error instanceof Fault ? undefined : Promise.reject(error)))
  return serving !== undefined && serving.pid !== pid
}

async function workGoesOn(loads: readonly Load[]): Promise<void> {
  const before = loads.map((load) => load.answered.length)
  await until(() => loads.every((load, index) => load.answered.length > (before[index] ?? 0)), "every client is answered")
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
