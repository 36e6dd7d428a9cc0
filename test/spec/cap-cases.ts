/**
 * Ledgers whose budgets have been through a month, and cap proofs of them: as the product makes them, and as somebody might who has the signing key and wants
 * to show less than there is. The journal itself nobody can change: its tree is signed.
 */
import { capEndText, capEntryText, capHeadText, capStatementLine, isShown, parseCapEntry, parseCapHead, type CapHead } from "../../src/format/cap-proof.ts"
import { factsHash, saltedText } from "../../src/format/commitment.ts"
import { consistencyProof } from "../../src/format/consistency.ts"
import { encodeHeader, headerOffset, leafHash, parseHeader } from "../../src/format/header.ts"
import { Frontier, peaksOf, rangeRoot } from "../../src/format/merkle.ts"
import { factsOf, type StoredEntry } from "../../src/journal/reader.ts"
import { parseBudget, type BudgetWords } from "../../src/ledger/budget-rule.ts"
import type { Command } from "../../src/ledger/commands.ts"
import { Signer } from "../../src/vault/signer.ts"
import { CapTally } from "../../src/verify/cap-tally.ts"
import { writeCapProof, type WrittenCapProof } from "../../src/views/cap-proof.ts"
import type { LedgerAccess } from "../../src/views/ledger-access.ts"
import { parseLabel } from "../../src/views/period-label.ts"
import { signedHead } from "../../src/views/signed-head.ts"
import type { Ending } from "../ledger-fixture.ts"
import { cents, dayMs, minuteMs, spentLedger, type SpentLedger } from "../views/spent-ledger.ts"

export const november = Date.UTC(2026, 10, 1)
export const december = Date.UTC(2026, 11, 1)
export const generatedAt = "2026-12-02T10:00:00.000Z"

const main = { agent: "main", model: "claude-sonnet-4-5", provider: "anthropic" }

export const rule = (words: Partial<BudgetWords> = {}): BudgetWords => ({ name: "monthly", limits: ["10usd"], per: "month", match: ["agent=main"], ...words })
export const setBudget = (words: BudgetWords, atMs: number): Command => ({ do: "set-budget", atMs, rule: parseBudget(words) })
export const hold = (id: string, atMs: number, amount: number, agent = "main"): Command => ({
  do: "hold",
  id,
  atMs,
  ttlMs: 10 * minuteMs,
  spend: { ...main, agent },
  parts: [{ account: `agent:${agent}`, amounts: { ...cents(amount), calls: 1n } }],
})
export const settle = (id: string, atMs: number, amount: number, agent = "main"): Command => ({
  do: "settle",
  id,
  attempt: 1,
  atMs,
  grade: "exact",
  parts: [{ account: `agent:${agent}`, amounts: { ...cents(amount), calls: 1n } }],
})
export const spendOf = (id: string, atMs: number, amount: number): Command => ({
  do: "spend",
  id,
  atMs,
  spend: main,
  account: "agent:main",
  amounts: cents(amount),
})
const release = (id: string, atMs: number): Command => ({ do: "release", id, attempt: 1, atMs, reason: "not sent" })
const expire = (id: string, atMs: number): Command => ({ do: "expire", id, attempt: 1, atMs })
const at = (day: number, minute = 0) => november + (day - 1) * dayMs + minute * minuteMs

export type CapLedger = SpentLedger & { readonly access: () => LedgerAccess }

export function capLedger(t: Ending): CapLedger {
  const spent = spentLedger(t)
  return { ...spent, access: () => spent.ledger.read() }
}

type MonthOptions = { readonly isOver?: boolean; readonly handOvers?: number; readonly isExtended?: boolean }

/** $1.50 are missing, up to $2 are granted, and $0.50 of them are spent; after it there is room again. */
const beyond: readonly Command[] = [
  { ...hold("x", at(21), 800), do: "ask", id: "MORE42", door: "model", session: "s", run: "r", most: cents(200), ttlMs: 60 * minuteMs } as Command,
  { do: "grant", id: "MORE42", reason: "an owner", atMs: at(21, 1) },
  { ...hold("x", at(21, 2), 800), draw: { run: "r2", session: "s" } } as Command,
  settle("x", at(21, 3), 700),
  setBudget(rule({ limits: ["30usd", "40 calls"] }), at(21, 4)),
]

/** October to December of a monthly budget: every way a hold ends, of its own and of another budget, a changed limit, and what hangs over each end. */
export function wholeMonth(t: Ending, options: MonthOptions = {}): CapLedger {
  const made = capLedger(t)
  const { give, ledger } = made
  ledger.append(9)
  give(
    setBudget(rule(), at(-3)),
    setBudget(rule({ name: "other", match: ["agent=other"] }), at(-3)),
    hold("october", at(0, 1_435), 200),
    hold("unlike", at(0, 1_436), 70, "other"),
    hold("a", at(2), 300),
    settle("october", at(2, 1), 150),
    settle("unlike", at(2, 2), 50, "other"),
  )
  ledger.append(11)
  give(hold("b", at(3), 120), hold("c", at(3), 90), hold("theirs", at(3), 400, "other"), settle("a", at(3, 1), 280), release("b", at(3, 2)))
  for (let round = 0; round < (options.handOvers ?? 0); round++) {
    ledger.handOver()
    ledger.append(3)
  }
  give(
    expire("c", at(3, 12)),
    settle("c", at(3, 13), 80),
    hold("d", at(9), 110),
    { do: "consume", id: "d", attempt: 1, atMs: at(9, 1) },
    expire("d", at(9, 12)),
    setBudget(rule({ limits: ["12usd", "40 calls"] }), at(15)),
    spendOf("e", at(16), 60),
    {
      do: "correct",
      id: "f",
      atMs: at(17),
      corrects: "e",
      debit: "agent:main",
      credit: "spent:unattributed",
      amounts: cents(20),
      spend: main,
      reason: "charged by mistake",
    },
    hold("g", at(20), 100),
    settle("g", at(20, 1), options.isOver ? 900 : 40),
  )
  if (options.isExtended) give(...beyond)
  ledger.append(13)
  if (options.isOver)
    give({ do: "unfreeze", atMs: at(20, 5), target: { budget: "monthly" }, reason: "looked at" }, setBudget(rule({ limits: ["30usd", "40 calls"] }), at(20, 6)))
  give(
    hold("last", at(30, 1_439), 130),
    settle("theirs", at(30, 1_439), 390, "other"),
    hold("next", december + minuteMs, 500),
    settle("last", december + 2 * minuteMs, 125),
    settle("next", december + 3 * minuteMs, 400),
  )
  ledger.append(17)
  return made
}

export async function proofOf(access: LedgerAccess, period: string | undefined, budget = "monthly"): Promise<WrittenCapProof & { readonly text: string }> {
  let text = ""
  const label = period === undefined ? undefined : parseLabel(period)
  const written = await writeCapProof(access, { budget, label, generatedAt }, async (part) => void (text += part))
  return { ...written, text }
}

export type Forgery = {
  readonly first?: number
  readonly last?: number
  readonly startMs?: number
  readonly endMs?: number
  /** What is shown of an entry: all, its header, or nothing at all. */
  readonly show?: (entry: StoredEntry) => "all" | "header" | "nothing"
  readonly budget?: string
}

/** A file that fits together in itself, and is signed by the ledger's key: what it shows of the journal is what the forger chose. */
export function forged(access: LedgerAccess, good: CapHead, last: number, forgery: Forgery): string {
  const { signer, chain, size } = signedHead(access)
  const subtrees = access.reader.subtrees(size)
  const { endMs = good.endMs, show = () => "all" } = forgery
  const bounds = { startMs: forgery.startMs ?? good.startMs, ...(endMs === undefined ? {} : { endMs }) }
  const first = forgery.first ?? good.first
  const head: CapHead = { ...good, ...bounds, budget: forgery.budget ?? good.budget, first, before: peaksOf(subtrees, first) }
  const tally = new CapTally(head, () => {})
  const lines: string[] = []
  for (const entry of access.reader.entries(first, forgery.last ?? last)) {
    const shown = show(entry)
    if (shown === "nothing") continue
    const { header, headerBytes, saltedFacts } = entry
    const told = shown === "all" && isShown(header.type) ? saltedFacts : undefined
    lines.push(capEntryText(headerBytes, told))
    tally.take(entry.sequence, header.type, told && factsOf(entry))
  }
  const tree = { origin: chain.origin, size, root: rangeRoot(subtrees, 0, size) }
  const statement = signer.note({ ...tree, origin: capStatementLine(generatedAt, head, tree.origin, tally.result) })
  const after = consistencyProof(subtrees, tally.result.last + 1, size)
  return `${[capHeadText(head), ...lines, capEndText({ entries: lines.length, after, statement })].join("\n")}\n`
}

const nonsenseSigner = new Signer("sovereign-ledger/0123456789abcdef", Buffer.alloc(32, 7))

/** The entries of a proof and one more, as a journal of their own that ends with it: what only the holder of a key can write. */
export function signedWith(text: string, more: { readonly type: string; readonly facts: object | string }): { readonly text: string; readonly key: string } {
  const [headLine = "", ...lines] = text.trimEnd().split("\n")
  const parsed = parseCapHead(headLine)
  if (!("head" in parsed)) throw new Error("it has no head")
  const { head } = parsed
  const entries = lines.slice(0, -1).map((line) => parseCapEntry(Buffer.from(line)))
  const last = parseHeader(entries.at(-1)?.header ?? Buffer.alloc(0))
  const salted = saltedText(Buffer.alloc(16, 3), typeof more.facts === "string" ? more.facts : JSON.stringify({ id: `${more.type}:x`, ...more.facts }))
  const previousHash = leafHash(entries.at(-1)?.header ?? Buffer.alloc(0))
  const header = encodeHeader({
    ...last,
    sequence: last.sequence + 1,
    type: more.type,
    factsHash: factsHash(salted.subarray(0, 16), salted.toString("utf8", 16)),
    previousHash,
  })
  entries.push({ header, saltedFacts: salted })
  const tree = Frontier.over(head.first, head.before)
  const tally = new CapTally(head, () => {})
  if (!tree) throw new Error("it has no tree")
  for (const [at, entry] of entries.entries()) {
    tree.push(leafHash(entry?.header ?? Buffer.alloc(0)))
    const type = entry?.header.toString("latin1", headerOffset.type) ?? ""
    tally.take(head.first + at, type, entry?.saltedFacts && factsOf({ saltedFacts: entry.saltedFacts }))
  }
  const checkpoint = { origin: nonsenseSigner.name, size: tree.size, root: tree.root() }
  const anew = { ...head, checkpoint: nonsenseSigner.note(checkpoint), verifierKey: nonsenseSigner.verifierKey }
  const statement = nonsenseSigner.note({ ...checkpoint, origin: capStatementLine(generatedAt, anew, checkpoint.origin, tally.result) })
  const written = entries.map((entry) => capEntryText(entry?.header ?? Buffer.alloc(0), entry?.saltedFacts))
  return {
    text: `${[capHeadText(anew), ...written, capEndText({ entries: written.length, after: [], statement })].join("\n")}\n`,
    key: nonsenseSigner.verifierKey,
  }
}
