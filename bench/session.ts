/**
 * One session of 500 turns: what a turn costs at its end, against its beginning. The host hands the whole history to several hooks at every turn.
 *
 * The built plugin and a real writer process. A turn is a prompt, three tool calls and an answer, about 6 kB, through the hooks the host calls for it, in its order.
 * Time is that of our handlers on the host's thread, a turn, against JSON.stringify of the turn's own messages in the same run; storage is the bytes of the
 * turn's entries and contents in the journal. Turns 51 to 100 are compared with turns 451 to 500, by their medians.
 */
import type { RunOptions } from "../scripts/runnable.ts"
import { openJournalDatabase } from "../src/journal/schema.ts"
import { openKeys } from "../src/operations/create-key.ts"
import { makeHome, type LedgerHome } from "./ledger-home.ts"
import { startPlugin, writerStatus, type PluginHost } from "./plugin-host.ts"
import { startWriterProcess } from "./processes.ts"
import { atMost, median, shown, spread, sum, type BenchRow } from "./samples.ts"

export const about = "a session of 500 turns: time and storage of a turn at its end / at its beginning"

const early = [50, 100] as const
const late = [450, 500] as const
const calls = 3
const words = "the build went through and every test of the suite passed on the second machine as well so the change is ready for review "

type Message = { readonly role: string; readonly content: unknown; readonly timestamp: number; readonly toolCallId?: string; readonly toolName?: string }
type Turn = { readonly handlersMs: number; readonly stringifyMs: number; readonly bytes: number }

export async function run({ args, say }: RunOptions): Promise<readonly BenchRow[]> {
  const repetitions = args.includes("--quick") ? 1 : 5
  const time: number[] = []
  const storage: number[] = []
  let shownTurns: readonly Turn[] = []
  for (let i = 0; i < repetitions; i++) {
    shownTurns = await oneSession()
    const part = ([from, to]: readonly [number, number], read: (turn: Turn) => number) => median(shownTurns.slice(from, to).map(read))
    time.push(part(late, share) / part(early, share))
    storage.push(part(late, ({ bytes }) => bytes) / part(early, ({ bytes }) => bytes))
    say(`session ${i + 1}/${repetitions}`)
  }
  say(`time at the end / at the beginning (least | median | most): ${spread(time)}`)
  const at = ([from, to]: readonly [number, number], read: (turn: Turn) => number) => median(shownTurns.slice(from, to).map(read))
  return [
    atMost("time of a turn: at its end / at its beginning", median(time), "x", 1.25),
    atMost("storage of a turn: at its end / at its beginning", median(storage), "x", 1.1),
    shown(
      "handlers of turn 51 to 100",
      at(early, ({ handlersMs }) => handlersMs),
      "ms",
    ),
    shown(
      "handlers of turn 451 to 500",
      at(late, ({ handlersMs }) => handlersMs),
      "ms",
    ),
    shown(
      "JSON.stringify of the turn's messages",
      at(late, ({ stringifyMs }) => stringifyMs),
      "ms",
    ),
    shown(
      "storage of a turn",
      at(late, ({ bytes }) => bytes),
      "B",
    ),
  ]
}

/** Time in units of the baseline taken beside it. */
function share({ handlersMs, stringifyMs }: Turn): number {
  return handlersMs / stringifyMs
}

async function oneSession(): Promise<readonly Turn[]> {
  const home = makeHome("session")
  const writer = await startWriterProcess(home)
  const host = await startPlugin(home)
  const history: Message[] = []
  const times: { readonly handlersMs: number; readonly stringifyMs: number; readonly entries: number }[] = []
  for (let n = 0; n < late[1]; n++) {
    const turn = messagesOf(n)
    const from = performance.now()
    const stringified = JSON.stringify(turn).length
    const stringifyMs = performance.now() - from
    if (stringified === 0) throw new Error("a turn without messages")
    const handlersMs = fireTurn(host, n, history, turn)
    history.push(...turn)
    await host.flush()
    times.push({ handlersMs, stringifyMs, entries: (await writerStatus(home)).entries })
  }
  host.close()
  await writer.stop()
  const bytes = bytesUpTo(
    home,
    times.map(({ entries }) => entries),
  )
  return times.map((time, n) => ({ ...time, bytes: (bytes[n] ?? 0) - (bytes[n - 1] ?? 0) }))
}

function messagesOf(n: number): Message[] {
  const at = 1_795_000_000_000 + n * 60_000
  const steps = Array.from({ length: calls }, (_, i): Message[] => [
    { role: "assistant", content: [{ type: "toolCall", id: `call_${n}_${i}`, name: "exec", arguments: { command: "npm test" } }], timestamp: at + i * 2 + 1 },
    { role: "toolResult", toolCallId: `call_${n}_${i}`, toolName: "exec", content: [{ type: "text", text: textOf(n, 1_200) }], timestamp: at + i * 2 + 2 },
  ])
  const answer: Message = { role: "assistant", content: [{ type: "text", text: textOf(n, 1_000) }], timestamp: at + 50 }
  return [{ role: "user", content: [{ type: "text", text: textOf(n, 400) }], timestamp: at }, ...steps.flat(), answer]
}

function textOf(n: number, length: number): string {
  return `${n} ${words.repeat(Math.ceil(length / words.length))}`.slice(0, length)
}

/** The hooks of one turn in the host's order, each with the history the host hands it; other objects every time, as the host copies them. */
function fireTurn(host: PluginHost, n: number, history: readonly Message[], turn: readonly Message[]): number {
  const runId = `${String(n).padStart(8, "0")}-22fd-407f-b1f3-86d727e674df`
  const ctx = {
    runId,
    agentId: "main",
    sessionKey: "agent:main:long",
    sessionId: "382e1bf3-0d77-48d3-8a96-2cd8de392c80",
    modelProviderId: "mock",
    modelId: "mock-1",
    trigger: "user",
  }
  const before = structuredClone(history) as Message[]
  const after = structuredClone([...history, ...turn]) as Message[]
  const prompt = textOf(n, 400)
  const firings: [hook: string, event: object][] = [
    ["before_agent_reply", { cleanedBody: prompt }],
    ["before_model_resolve", { prompt }],
    ["agent_turn_prepare", { prompt, messages: before, queuedInjections: [] }],
    ["before_prompt_build", { prompt, messages: before }],
    ["before_agent_run", { prompt, messages: before }],
    ["llm_input", { runId, prompt, historyMessages: before, provider: "mock", model: "mock-1", systemPrompt: words }],
    ...Array.from({ length: calls }, (_, i): [string, object][] => [
      ["model_call_started", { runId, callId: `${runId}:model:${i + 1}`, provider: "mock", model: "mock-1" }],
      ["model_call_ended", { runId, callId: `${runId}:model:${i + 1}`, provider: "mock", model: "mock-1", outcome: "completed", durationMs: 5 }],
      ["before_tool_call", { toolName: "exec", toolCallId: `call_${n}_${i}`, runId, params: { command: "npm test" } }],
      [
        "after_tool_call",
        { toolName: "exec", toolCallId: `call_${n}_${i}`, runId, params: { command: "npm test" }, result: { content: turn[i * 2 + 2]?.content } },
      ],
    ]).flat(),
    ["before_agent_finalize", { messages: after, lastAssistantMessage: textOf(n, 1_000) }],
    ["agent_end", { runId, messages: after, success: true, durationMs: 50 }],
    ["llm_output", { runId, provider: "mock", model: "mock-1", assistantTexts: [textOf(n, 1_000)], usage: { input: 600, output: 50 } }],
  ]
  const tookMs = firings.map(([hook, event]) => {
    const from = performance.now()
    void host.handler(hook)(event, ctx)
    return performance.now() - from
  })
  return sum(tookMs)
}

/** Bytes of entries and contents in the journal, before each of these sequences. */
function bytesUpTo(home: LedgerHome, sequences: readonly number[]): readonly number[] {
  const { keys } = openKeys(home.files, home.secrets)
  const journal = openJournalDatabase(home.files, keys, { readonly: true })
  try {
    const entries = journal.prepare("SELECT sum(length(header) + length(facts)) FROM entries WHERE sequence < ?").pluck()
    const chunks = journal.prepare("SELECT sum(length(sealed)) FROM chunks WHERE number <= (SELECT max(place) / 1024 FROM entries WHERE sequence < ?)").pluck()
    return sequences.map((sequence) => Number(entries.get(sequence)) + Number(chunks.get(sequence)))
  } finally {
    journal.close()
  }
}
