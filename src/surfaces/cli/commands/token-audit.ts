/** sovereign-ledger token-audit show | tail | prompt */
import { onStopSignal } from "../../../base/stop-signals.ts"
import { callsAfter, lastCalls, lastLargePrompt } from "../../../views/token-audit.ts"
import type { LedgerAccess } from "../../../views/ledger-access.ts"
import { callLine, largePromptText } from "../../render/audit-text.ts"
import type { CommandContext, CommandRow, Flags } from "../command.ts"
import { wholeNumber } from "../numbers.ts"
import { fileAt, reading } from "./events.ts"

const shownByDefault = 50
const pollEveryMs = 300
const mostAtOnce = 1_000

export const tokenAuditShow: CommandRow = {
  path: "token-audit show",
  summary: "The latest model calls, a line each: when, who, which model, how many tokens",
  options: [{ flags: "--last <n>", words: `how many (default ${shownByDefault})`, parse: wholeNumber("--last", 1, 1_000_000) }],
  help: `Each call once, retries and revisions included, also those that were imported. In the order of the record, which is not always that of their times.

Examples:
  sovereign-ledger token-audit show --last 20
  sovereign-ledger token-audit show --json | jq '.calls[].usage.total'`,
  run: (context, flags) =>
    reading(context, async (access) => {
      const calls = lastCalls(access, (flags["last"] as number | undefined) ?? shownByDefault)
      const { terminal, json, nowMs } = context
      const body = { schemaVersion: 1, generatedAt: new Date(nowMs).toISOString(), calls }
      const lines = calls.length === 0 ? "No model call is on record.\n" : calls.map((call) => callLine(call, terminal)).join("")
      await terminal.write(json ? `${JSON.stringify(body)}\n` : lines)
      return 0
    }),
}

export const tokenAuditTail: CommandRow = {
  path: "token-audit tail",
  summary: "Model calls as they are recorded, until Ctrl-C",
  options: [{ flags: "--last <n>", words: "begin with so many that are on record already (default 10)", parse: wholeNumber("--last", 0, 1_000_000) }],
  help: `With --json one line a call (NDJSON): timestamp, sessionId, runId, provider, model, usage {input, output, cacheRead, cacheWrite, total}, costNanos.

Examples:
  sovereign-ledger token-audit tail
  sovereign-ledger token-audit tail --json >> calls.ndjson`,
  run: tail,
}

export const tokenAuditPrompt: CommandRow = {
  path: "token-audit prompt",
  summary: "The last prompt that was larger than is warned of: its sizes, and how it began",
  help: `A prompt counts with its system prompt and the JSON of its history; the setting largePromptChars says of how many characters is warned. What is kept of the
texts is sealed, 2,000 characters each, and goes with an erasure. Needs the host's permission to read conversations.

Examples:
  sovereign-ledger token-audit prompt
  sovereign-ledger token-audit prompt --json | jq .largePrompt.lengths`,
  run: (context) =>
    reading(context, async (access) => {
      const found = lastLargePrompt(access)
      const { terminal, json, nowMs } = context
      const body = { schemaVersion: 1, generatedAt: new Date(nowMs).toISOString(), largePrompt: found }
      await terminal.write(json ? `${JSON.stringify(body)}\n` : largePromptText(found, terminal))
      return 0
    }),
}

async function tail(context: CommandContext, flags: Flags): Promise<number> {
  const stop = new AbortController()
  const forget = onStopSignal(() => stop.abort())
  const place = { number: undefined as number | undefined, first: (flags["last"] as number | undefined) ?? 10 }
  try {
    // A journal that was written anew takes the place of the one that is read, which then never changes again; its calls have other numbers.
    while (!stop.signal.aborted) {
      const file = fileAt(context.files.journal)
      await reading(context, (access) => followFile(context, access, { file, place, signal: stop.signal }))
      place.first = 0
      place.number = undefined
    }
    return 0
  } finally {
    forget()
  }
}

type Following = { readonly file: string | undefined; readonly place: { number: number | undefined; readonly first: number }; readonly signal: AbortSignal }

async function followFile(context: CommandContext, access: LedgerAccess, { file, place, signal }: Following): Promise<void> {
  const { terminal, json } = context
  const write = async (calls: ReturnType<typeof lastCalls>) => {
    for (const call of calls) {
      place.number = call.number
      await terminal.write(json ? `${JSON.stringify(call)}\n` : callLine(call, terminal))
    }
  }
  if (place.number === undefined) {
    const [latest] = lastCalls(access, 1)
    if (place.first > 0) await write(lastCalls(access, place.first))
    place.number ??= latest?.number ?? 0
  }
  let version = -1
  while (!signal.aborted && fileAt(context.files.journal) === file) {
    if (access.reader.dataVersion() !== version) {
      version = access.reader.dataVersion()
      access.refresh()
      for (;;) {
        const calls = callsAfter(access, place.number, mostAtOnce)
        await write(calls)
        if (calls.length < mostAtOnce) break
      }
    }
    await new Promise((resolve) => setTimeout(resolve, pollEveryMs))
  }
}
