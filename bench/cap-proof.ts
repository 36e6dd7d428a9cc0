/**
 * A cap proof of a month with 100,000 postings, each of a hold of its own, and as many events that are none of the ledger's: made, and verified offline from the
 * file alone, in processor time of the whole command, as the bench `verify` has it. The baseline in the same turn reads the same lines, hashes them once and
 * parses every fact as JSON: what no verifier of it can do without.
 */
import { createHash } from "node:crypto"
import { closeSync, openSync, statSync, writeSync } from "node:fs"
import { join } from "node:path"
import type { RunOptions } from "../scripts/runnable.ts"
import { parseVerifierKey } from "../src/format/checkpoint.ts"
import type { NewEvent } from "../src/format/event.ts"
import { parseBudget } from "../src/ledger/budget-rule.ts"
import { entryOf } from "../src/operations/entry-of.ts"
import { openLedger } from "../src/operations/open-ledger.ts"
import { LedgerBook } from "../src/operations/spend/ledger-book.ts"
import { fileSource } from "../src/verify/file-source.ts"
import { verifyCapProof } from "../src/verify/cap-proof.ts"
import { shortLinesOf } from "../src/verify/lines.ts"
import { writeCapProof } from "../src/views/cap-proof.ts"
import { openForReading } from "../src/views/ledger-access.ts"
import { parseLabel } from "../src/views/period-label.ts"
import { benchVersion, makeHome, type LedgerHome } from "./ledger-home.ts"
import { builtPackage, peakMemory, timedCommand } from "./processes.ts"
import { atMost, median, shown, spread, type BenchRow } from "./samples.ts"

export const about = "a cap proof of a month with 100,000 postings: making it, its size, verifying it offline"

const monthMs = Date.UTC(2026, 10, 1)
const atOnce = 250
const account = { account: "agent:main" as const, against: "spent:anthropic/claude-sonnet-4-5" as const }
const spend = { agent: "main", model: "claude-sonnet-4-5", provider: "anthropic", session: "00112233445566778899aabbccddeeff" }
const price = { input: "3000000000", output: "15000000000", cacheRead: "300000000", cacheWrite: "3750000000", source: "library" }

export async function run({ args, say }: RunOptions): Promise<readonly BenchRow[]> {
  const quick = args.includes("--quick")
  const postings = quick ? 20_000 : 100_000
  const home = makeHome("cap-proof")
  say(`recording ${postings} postings`)
  fill(home, postings)
  const file = join(home.root, "month.cap-proof")
  const makeMs = await make(home, file)
  const access = openForReading(home.files, home.secrets)
  const { verifierKey } = access.keys.store
  access.close()
  const { cliPath } = await builtPackage()
  const command = [process.execPath, "--no-warnings", cliPath, "verify", "--cap-proof", file, "--key", verifierKey, "--data-dir", join(home.root, "none")]
  const measured = { base: [] as number[], verify: [] as number[], cpu: [] as number[], wall: [] as number[] }
  for (let i = 0; i < (quick ? 3 : 5); i++) {
    measured.base.push(cpuMs(() => baseline(file)))
    measured.verify.push(cpuMs(() => checked(file, verifierKey)))
    const { cpuMs: whole, wallMs } = timedCommand(command)
    measured.cpu.push(whole)
    measured.wall.push(wallMs)
    say(`verify ${i + 1}/${quick ? 3 : 5}`)
  }
  const peakBytes = await peakMemory(command)
  const words = `a cap proof with ${postings.toLocaleString("en")} postings`
  say(`offline verification, s of processor time (least | median | most): ${spread(measured.cpu.map((ms) => ms / 1_000))}`)
  return [
    atMost(`offline verification of ${words}, processor time`, median(measured.cpu) / 1_000, "s", 3),
    atMost(
      "the same in one process / hashing its lines and parsing their JSON",
      median(measured.verify.map((ms, i) => ms / (measured.base[i] ?? Number.NaN))),
      "x",
      4,
    ),
    shown("the command on the clock", median(measured.wall) / 1_000, "s"),
    shown(`making ${words}`, makeMs / 1_000, "s"),
    shown(`${words}, as a file`, statSync(file).size / 1e6, "MB"),
    atMost("offline verification, largest resident memory", peakBytes / 1_048_576, "MB", 200),
  ]
}

/** A month by the rules: a hold, something else that happens, the settlement. */
function fill(home: LedgerHome, postings: number): void {
  const ledger = openLedger(home.files, home.secrets, { nowMs: Date.now(), version: benchVersion })
  const book = new LedgerBook()
  const give = (command: Parameters<LedgerBook["give"]>[0]) => {
    const { decision, events } = book.give(command)
    if ("refused" in decision) throw new Error(`the ledger refused: ${decision.refused.why}`)
    return events
  }
  let batch: NewEvent[] = [...give({ do: "set-budget", atMs: monthMs - 1_000, rule: parseBudget({ name: "monthly", limits: ["5000usd"], per: "month" }) })]
  const stepMs = Math.floor((30 * 86_400_000) / postings)
  const flush = (atMs: number) => {
    ledger.journal.append(
      batch.map((event) => entryOf(event, ledger.scopes, atMs)),
      atMs,
    )
    batch = []
  }
  for (let n = 0; n < postings; n++) {
    const [id, atMs] = [`call-${n.toString(36)}`, monthMs + n * stepMs]
    const basis = { door: "model" as const, run: `run-${n >> 3}`, inputTokens: 4_000 + (n % 900), outputTokens: 200 + (n % 77), price }
    const held = { moneyNanos: 90_000_000n, tokens: 60_000n, calls: 1n }
    batch.push(...give({ do: "hold", id, atMs, ttlMs: 600_000, spend, parts: [{ ...account, amounts: held }], basis }), observed(n))
    const cost = { moneyNanos: BigInt(15_000_000 + (n % 1_000) * 1_000), tokens: BigInt(4_200 + (n % 900)), calls: 1n }
    const settled = { grade: "exact" as const, usage: `usage-${n}`, basis, parts: [{ account: account.account, amounts: cost }] }
    batch.push(...give({ do: "settle", id, attempt: 1, atMs: atMs + 5, ...settled }))
    if (n % atOnce === atOnce - 1) flush(Date.now())
  }
  batch.push(...give({ do: "spend", id: "after", atMs: monthMs + 30 * 86_400_000 + 1, account: "agent:main", spend, amounts: { calls: 1n } }))
  flush(Date.now())
  ledger.close()
}

function observed(n: number): NewEvent {
  return { type: "model.called", id: `model.called:${n}`, facts: { provider: "anthropic", model: "claude-sonnet-4-5", run: `run-${n >> 4}`, call: `c${n}` } }
}

async function make(home: LedgerHome, path: string): Promise<number> {
  const access = openForReading(home.files, home.secrets)
  const file = openSync(path, "wx", 0o600)
  const from = performance.now()
  const question = { budget: "monthly", label: parseLabel("2026-11"), generatedAt: new Date().toISOString() }
  await writeCapProof(access, question, async (text) => void writeSync(file, text))
  const tookMs = performance.now() - from
  closeSync(file)
  access.close()
  return tookMs
}

function checked(file: string, verifierKey: string): void {
  const { verdict } = verifyCapProof(fileSource(file), { key: parseVerifierKey(verifierKey) })
  if (verdict !== "valid") throw new Error(`the proof is ${verdict}`)
}

function baseline(file: string): void {
  const hash = createHash("sha256")
  for (const line of shortLinesOf(fileSource(file))) {
    hash.update(line)
    const facts = line.indexOf("{")
    if (facts >= 0) JSON.parse(line.toString("utf8", facts))
  }
  hash.digest()
}

function cpuMs(work: () => void): number {
  const from = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(from)
  return (user + system) / 1_000
}
