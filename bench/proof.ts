/**
 * Proofs, at two moments.
 *
 *   fresh   1,000 observed events of 505 B a second go to the built writer; fifty of them a second are watched: from right before the line is sent until
 *           this process holds the text of its inclusion proof against a head that the writer signed for it on demand. The entry is found by its id
 *           among what is new, as a stranger to its sequence has to. Baseline: bare commits of one row by the same driver and cipher, right after.
 *   large   at 1,000,000 entries: making the proof of a random entry against the last stored checkpoint, nothing kept from the proof before but the
 *           driver's pages; checking its hash path; its size. Calls during which the system gave the processor to somebody else are told apart. The command,
 *           whole process, beside it.
 */
import { setTimeout as sleep } from "node:timers/promises"
import type { RunOptions } from "../scripts/runnable.ts"
import { parseSignedCheckpoint } from "../src/format/checkpoint.ts"
import { leafHash } from "../src/format/header.ts"
import { rootFromInclusion } from "../src/format/merkle.ts"
import { proofText } from "../src/format/proof.ts"
import { factsOf } from "../src/journal/reader.ts"
import type { ServerLine } from "../src/surfaces/socket/protocol.ts"
import { socketPath } from "../src/surfaces/socket/socket-path.ts"
import { openLane, randomSender } from "../src/surfaces/socket/writer-link.ts"
import type { WriterConnection } from "../src/surfaces/socket/connection.ts"
import { headCheckpoint, type Note } from "../src/views/checkpoints.ts"
import { openForReading, type LedgerAccess } from "../src/views/ledger-access.ts"
import { proveEntry } from "../src/views/proof.ts"
import { interruptions } from "./interruptions.ts"
import { makeHome, type LedgerHome } from "./ledger-home.ts"
import { observeLine, toolCall } from "./payload.ts"
import { builtPackage, startWriterProcess, timedCommand } from "./processes.ts"
import { RawStore } from "./raw-store.ts"
import { atMost, median, quantile, shown, spread, type BenchRow } from "./samples.ts"
import { largeStore } from "./store.ts"

export const about = "from an event to its proof at 1,000 events/s; making, checking and size of a proof at 1,000,000 entries"

const eventsPerSecond = 1_000
const watchedPerSecond = 50
const probes = 100
const headerOnly = { id: false, facts: false, content: false }

export async function run({ args, say }: RunOptions): Promise<readonly BenchRow[]> {
  const quick = args.includes("--quick")
  const fresh = await measureFresh(quick ? { seconds: 2, repetitions: 2 } : { seconds: 5, repetitions: 5 }, say)
  const { home, entries } = await largeStore(args, say)
  return [...fresh, ...(await measureLarge(home, entries, quick ? 1_000 : 5_000))]
}

type Waits = { readonly proofMs: number[]; readonly commitMs: number[] }

async function measureFresh(sizes: { readonly seconds: number; readonly repetitions: number }, say: (words: string) => void): Promise<BenchRow[]> {
  const home = makeHome("proof")
  const writer = await startWriterProcess(home)
  const bench = await FreshBench.open(home)
  await bench.repetition(1)
  const repetitions: Waits[] = []
  for (let i = 0; i < sizes.repetitions; i++) {
    repetitions.push(await bench.repetition(sizes.seconds))
    say(`fresh proofs ${i + 1}/${sizes.repetitions}`)
  }
  bench.close()
  await writer.stop()
  const of = (pick: (waits: Waits) => number[], q: number) => repetitions.map((waits) => quantile(pick(waits), q))
  const proofs = (q: number) => of(({ proofMs }) => proofMs, q)
  say(`event to proof, p99 in ms (least | median | most): ${spread(proofs(0.99))}`)
  return [
    atMost(`event to proof at ${eventsPerSecond} events/s: p99`, median(proofs(0.99)), "ms", 10),
    shown("event to proof: p50", median(proofs(0.5)), "ms"),
    shown("bare commit: p50", median(of(({ commitMs }) => commitMs, 0.5)), "ms"),
    shown("bare commit: p99", median(of(({ commitMs }) => commitMs, 0.99)), "ms"),
  ]
}

class FreshBench {
  readonly #access: LedgerAccess
  readonly #observe: WriterConnection
  readonly #control: WriterConnection
  readonly #probe: RawStore
  readonly #signed: { answer: (note: string) => void }
  #sent = 0
  #seen: number

  constructor(
    access: LedgerAccess,
    lanes: { readonly observe: WriterConnection; readonly control: WriterConnection },
    probe: RawStore,
    signed: { answer: (note: string) => void },
  ) {
    this.#access = access
    this.#observe = lanes.observe
    this.#control = lanes.control
    this.#probe = probe
    this.#signed = signed
    this.#seen = access.reader.size()
  }

  static async open(home: LedgerHome): Promise<FreshBench> {
    const config = { guard: { tools: [], deny: [] }, userId: "bench", hashed: { promptText: false, toolArgs: false } }
    const link = { socketPath: socketPath(home.files.directory), role: "plugin" as const, config }
    const signed = { answer: (_: string) => {} }
    const line = (answer: ServerLine) => ("result" in answer ? signed.answer((answer.result as { note: string }).note) : undefined)
    const observe = await openLane(link, "observe", randomSender(), { line: () => {}, closed: () => {} })
    const control = await openLane(link, "control", randomSender(), { line, closed: () => {} })
    return new FreshBench(openForReading(home.files, home.secrets), { observe, control }, new RawStore(`${home.root}/probe.db`), signed)
  }

  /** Events at their pace, some of them watched; a late turn of the event loop sends what is due at once. */
  async repetition(seconds: number): Promise<Waits> {
    const waits: Waits = { proofMs: [], commitMs: [] }
    const from = performance.now()
    const until = this.#sent + seconds * eventsPerSecond
    const began = this.#sent
    const send = () => {
      const due = Math.min(until, began + ((performance.now() - from) / 1_000) * eventsPerSecond)
      while (this.#sent < due) this.#send()
    }
    const timer = setInterval(send, 1)
    for (let i = 0; i < seconds * watchedPerSecond; i++) {
      const waitMs = from + (i * 1_000) / watchedPerSecond - performance.now()
      if (waitMs > 0) await sleep(waitMs)
      waits.proofMs.push(await this.#watchOne())
    }
    clearInterval(timer)
    // Not in between: a commit here holds this process up, and with it the events that are due, and the disk is the writer's.
    for (let i = 0; i < probes; i++) {
      const commitFrom = performance.now()
      this.#probe.commitOneRow()
      waits.commitMs.push(performance.now() - commitFrom)
    }
    this.#probe.moveLog()
    return waits
  }

  close(): void {
    for (const part of [this.#observe, this.#control, this.#access, this.#probe]) part.close()
  }

  async #watchOne(): Promise<number> {
    const from = performance.now()
    const call = this.#send()
    for (;;) {
      const text = await this.#sign()
      const checkpoint = parseSignedCheckpoint(text)
      if (!checkpoint) throw new Error("the writer signed no checkpoint")
      const proof = this.#proofOf(call, { text, checkpoint })
      if (proof !== undefined) return performance.now() - from
    }
  }

  #proofOf(call: string, note: Note): string | undefined {
    for (const entry of this.#access.reader.entries(this.#seen, note.checkpoint.size - 1)) {
      this.#seen = entry.sequence + 1
      if (factsOf(entry)["call"] === call) return proofText(proveEntry(this.#access, entry, note, headerOnly))
    }
    return undefined
  }

  #sign(): Promise<string> {
    const note = new Promise<string>((resolve) => (this.#signed.answer = resolve))
    this.#control.send('{"ask":1,"do":"sign"}\n')
    return note
  }

  /** The host's id of the call that was sent. */
  #send(): string {
    const call = toolCall(2 * this.#sent++)
    this.#observe.send(observeLine(call, this.#sent))
    return String(call.ctx["toolCallId"] ?? call.event["toolCallId"])
  }
}

async function measureLarge(home: LedgerHome, entries: number, proofs: number): Promise<BenchRow[]> {
  const access = openForReading(home.files, home.secrets)
  const head = headCheckpoint(access, undefined)
  const { size, root, text } = head.checkpoint
  const made = { makeMs: [] as number[], whollyMs: [] as number[], checkMs: [] as number[], bytes: 0, fileBytes: 0 }
  for (let i = -proofs / 10; i < proofs; i++) {
    const entry = access.reader.entry(Math.floor(Math.random() * size))
    if (!entry) throw new Error("an entry is missing")
    const before = interruptions()
    const from = performance.now()
    const proof = proveEntry(access, entry, head, headerOnly)
    const madeMs = performance.now() - from
    const interrupted = interruptions() !== before
    const checkFrom = performance.now()
    const good = rootFromInclusion(leafHash(proof.header), entry.sequence, size, proof.path)?.equals(root)
    const checkedMs = performance.now() - checkFrom
    if (!good) throw new Error("a proof does not hold")
    if (i < 0) continue
    made.makeMs.push(madeMs)
    if (interrupted) continue
    made.whollyMs.push(madeMs)
    made.checkMs.push(checkedMs)
    made.bytes = Math.max(made.bytes, proof.header.length + 32 * proof.path.length + text.length)
    made.fileBytes = Math.max(made.fileBytes, Buffer.byteLength(proofText(proof)) + 1)
  }
  access.close()
  const { cliPath } = await builtPackage()
  const places = ["--data-dir", home.files.directory, "--key-file", home.keyFile, "--head-note", home.files.headNote]
  const whole = Array.from({ length: 5 }, () => timedCommand([process.execPath, "--no-warnings", cliPath, "prove", "4711", ...places]))
  const words = `at ${entries} entries`
  return [
    atMost(`${words}, make: p99`, quantile(made.whollyMs, 0.99), "ms", 1.5),
    shown(`${words}, make: p50`, quantile(made.whollyMs, 0.5), "ms"),
    shown(`${words}, make, interrupted ones too: p99`, quantile(made.makeMs, 0.99), "ms"),
    atMost(`${words}, check of the hash path: p99`, quantile(made.checkMs, 0.99), "ms", 0.1),
    shown(`${words}, check of the hash path: p50`, quantile(made.checkMs, 0.5), "ms"),
    atMost(`${words}, header, path and signed text: most`, made.bytes, "B", 1_000),
    shown(`${words}, as a file, signature and key too: most`, made.fileBytes, "B"),
    shown(`${words}, the command prove: clock`, median(whole.map(({ wallMs }) => wallMs)) / 1_000, "s"),
  ]
}
