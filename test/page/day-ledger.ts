/**
 * A ledger as an operator finds it after some days: turns of three sessions with prompts, model calls, tools, refusals and money, budgets in several states, a gap, an alert;
 * and, in every text that an agent or a sender has a say in, markup that would run if it were ever taken for more than text.
 */
import type { NewEvent } from "../../src/format/event.ts"
import { parseBudget } from "../../src/ledger/budget-rule.ts"
import type { Command } from "../../src/ledger/commands.ts"
import { entryOf } from "../../src/operations/entry-of.ts"
import { LedgerBook } from "../../src/operations/spend/ledger-book.ts"
import { temporaryLedger, type Ending, type TestLedger } from "../ledger-fixture.ts"

/** Were it ever markup, the page's title would say so. */
export const markup = `"><script>document.title='owned'</script><img src=x onerror="document.title='owned'"><a href="javascript:document.title='owned'">x</a>`
export const hidden = "a\u202eb\u200bc\u0007d"

const sessions = ["agent:main:main", "agent:main:telegram:direct:4242", `agent:research:${markup}`]
const models = [
  ["anthropic", "claude-sonnet-4-5", 31_000_000],
  ["openai", "gpt-5-mini", 4_200_000],
  ["anthropic", "claude-haiku-4-5", 900_000],
] as const
const tools = ["exec", "read", "web_fetch", `mcp__x__${markup}`]
const dayMs = 86_400_000
const turnEveryMs = 23 * 60_000

export type DayLedger = { readonly ledger: TestLedger; readonly nowMs: number; readonly record: (atMs: number, ...events: readonly NewEvent[]) => void }

export function dayLedger(t: Ending, nowMs = Date.now(), days = 3): DayLedger {
  const ledger = temporaryLedger(t)
  const record: DayLedger["record"] = (atMs, ...events) => {
    const { journal, scopes } = ledger.open()
    journal.append(
      events.map((event) => entryOf(event, scopes, atMs)),
      atMs,
    )
  }
  const book = new LedgerBook()
  const give = (atMs: number, command: Command) => record(atMs, ...book.give(command).events)
  const fromMs = nowMs - days * dayMs
  for (const [name, limits, per, mode] of [
    ["daily", ["4usd"], "day", "block"],
    ["monthly", ["60usd", "40m tokens"], "month", "block"],
    ["night", ["1usd"], "rolling 8h", "warn"],
  ] as const)
    give(fromMs, { do: "set-budget", atMs: fromMs, rule: parseBudget({ name, limits, per, mode }) })
  let turn = 0
  for (let atMs = fromMs; atMs < nowMs - 60_000; atMs += turnEveryMs) {
    for (const { afterMs, events, spend } of turnAt(turn, atMs)) {
      if (events.length > 0) record(atMs + afterMs, ...events)
      if (spend) give(atMs + afterMs, { ...spend, atMs: atMs + afterMs })
    }
    turn++
  }
  record(nowMs - 50_000, {
    type: "capture.gap",
    id: "gap",
    facts: { reason: "queue full", count: 3, byType: { llm_input: 3 }, fromMs: nowMs - 60_000, toMs: nowMs - 55_000 },
  })
  ledger.checkpoint()
  return { ledger, nowMs, record }
}

type Step = { readonly afterMs: number; readonly events: readonly NewEvent[]; readonly spend?: Omit<Extract<Command, { do: "spend" }>, "atMs"> }

/** A prompt, a model call, a tool that may be refused or fail, a second call, an answer. */
function turnAt(n: number, atMs: number): readonly Step[] {
  const scope = { session: sessions[n % sessions.length] ?? "", sender: n % 3 === 1 ? "telegram:4242" : "" }
  const [run, agent] = [`run-${n}`, n % 3 === 2 ? "research" : "main"]
  const [tool, said] = [tools[n % tools.length] ?? "", n % 5 === 0 ? markup : n % 7 === 0 ? hidden : `What happened on day ${n}?`]
  const id = (name: string) => `${name}:${n}`
  const denied = n % 6 === 4
  return [
    {
      afterMs: 0,
      events: [
        {
          type: "message.received",
          id: id("got"),
          scope,
          facts: { channel: "telegram", length: said.length, run },
          content: { text: said, sender: scope.sender },
        },
      ],
    },
    {
      afterMs: 400,
      events: [
        {
          type: "prompt.submitted",
          id: id("prompt"),
          scope,
          facts: { run, agent, promptLength: said.length, historyMessages: n, images: 0 },
          content: { prompt: said },
        } as unknown as NewEvent,
      ],
    },
    call(n, { scope, run, agent, afterMs: 3_400, atMs, part: "a" }),
    {
      afterMs: 3_900,
      events: [
        {
          type: "tool.invoked",
          id: id("tool"),
          scope,
          facts: { tool, call: `c${n}`, guarded: denied, verdict: denied ? "deny" : "allow", run },
          content: { command: `echo ${said}` },
        },
      ],
    },
    {
      afterMs: 6_100,
      events: [
        denied
          ? { type: "tool.denied", id: id("result"), scope, facts: { tool, call: `c${n}`, run, deniedBy: "guard.deny exec" }, content: { reason: said } }
          : {
              type: "tool.returned",
              id: id("result"),
              scope,
              facts: { tool, call: `c${n}`, run, failed: n % 9 === 0, durationMs: 2_150, resultBytes: 900 },
              content: { result: said },
            },
      ] as unknown as NewEvent[],
    },
    call(n, { scope, run, agent, afterMs: 9_800, atMs, part: "b" }),
    {
      afterMs: 10_300,
      events: [
        {
          type: "message.sent",
          id: id("sent"),
          scope,
          facts: { channel: "telegram", length: 40, success: true },
          content: { text: `Answer ${n} ${said}` },
        } as unknown as NewEvent,
      ],
    },
  ]
}

type Call = {
  readonly scope: { readonly session: string; readonly sender: string }
  readonly run: string
  readonly agent: string
  readonly afterMs: number
  readonly atMs: number
  readonly part: string
}

function call(n: number, { scope, run, agent, afterMs, atMs, part }: Call): Step {
  const [provider, model, nanos] = models[n % models.length] ?? models[0]
  const row = `row-${n}-${part}`
  const tokens = { inputTokens: 900 + n, outputTokens: 140, cacheReadTokens: 5_000, cacheWriteTokens: 70 }
  const facts = {
    role: "assistant",
    row,
    atMs: atMs + afterMs,
    ...tokens,
    computedNanos: String(nanos),
    provider,
    model,
    agent,
    run,
    latencyMs: 2_900,
    stopReason: "stop",
  }
  return {
    afterMs,
    events: [{ type: "usage.reported", id: row, scope, facts } as unknown as NewEvent],
    spend: {
      do: "spend",
      id: row,
      spend: { agent, model, provider },
      account: `agent:${agent}`,
      amounts: { moneyNanos: BigInt(nanos), tokens: 6_110n },
      usage: row,
    },
  }
}
