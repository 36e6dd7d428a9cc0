/** A ledger with so many model calls of the last month, recorded as an import records them, and its views brought up to date. */
import { CommitQueue } from "../src/operations/commit-queue.ts"
import { Importing } from "../src/operations/import/importing.ts"
import { openLedger } from "../src/operations/open-ledger.ts"
import { Prices } from "../src/operations/spend/prices.ts"
import { UsageBatcher, type UsageBatch } from "../src/history/usage/batch.ts"
import { openForReading } from "../src/views/ledger-access.ts"
import { chance, pick } from "../test/history/jsonl-corpus.ts"
import { benchVersion, type LedgerHome } from "./ledger-home.ts"

const models = [
  ["anthropic", "claude-sonnet-4-5"],
  ["openai", "gpt-5.2"],
  ["google", "gemini-2.5-pro"],
  ["anthropic", "claude-haiku-4-5"],
] as const
const sessions = 2_000
const monthMs = 30 * 86_400_000

export async function fillUsage(home: LedgerHome, calls: number): Promise<void> {
  const nowMs = Date.now()
  const ledger = openLedger(home.files, home.secrets, { nowMs, version: benchVersion })
  const failed = (error: unknown) => {
    throw error
  }
  const queue = new CommitQueue({ append: (entries, marks) => ledger.journal.append(entries, nowMs, marks), idle: () => {}, failed })
  const prices = new Prices()
  const importing = new Importing({ ledger, queue, nowMs: () => nowMs, pricesFor: () => prices })
  let waiting: UsageBatch[] = []
  const record = async () => {
    const done = importing.take({ usage: waiting })
    waiting = []
    queue.drain()
    await done
  }
  const random = chance(3)
  const whole = (most: number) => Math.floor(random() * most)
  for (let session = 0; session < sessions; session++) {
    const place = {
      agent: `agent-${session % 8}`,
      sessionId: `session-${session}`,
      key: `agent:agent-${session % 8}:telegram:group:${session}`,
      channel: "telegram",
    }
    const batcher = new UsageBatcher(0, place, false, (batch) => waiting.push(batch))
    const startMs = nowMs - monthMs + whole(monthMs - 86_400_000)
    for (let call = 0; call < calls / sessions; call++) {
      const [provider, model] = pick(models, random)
      batcher.add({
        row: `${session.toString(36)}_${call.toString(36)}`.padEnd(16, "-"),
        atMs: startMs + call * 60_000,
        latencyMs: whole(20_000),
        provider,
        model,
        api: "messages",
        stopReason: "stop",
        input: whole(4_000),
        output: 1 + whole(900),
        cacheRead: whole(60_000),
        cacheWrite: whole(4_000),
        cacheWrite1h: 0,
        reasoning: 0,
        reportedNanos: undefined,
        run: "",
        response: "",
        kind: undefined,
        unseen: "",
      })
    }
    batcher.flush()
    if (waiting.length > 100) await record()
  }
  await record()
  ledger.close()
  const access = openForReading(home.files, home.secrets)
  access.ask(() => {})
  access.close()
}
