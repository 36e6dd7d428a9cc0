/** sovereign-ledger orchestrator status | log | prompt */
import { Fault } from "../../../base/fault.ts"
import { builtInContract, builtInPrompt } from "../../../policy/orchestrator/texts.ts"
import { orchestratorLog, orchestratorStatus } from "../../../views/orchestrator.ts"
import { orchestratorLine, orchestratorStatusText } from "../../render/orchestrator-text.ts"
import type { CommandRow } from "../command.ts"
import { wholeNumber } from "../numbers.ts"
import { timeOf } from "../times.ts"
import { reading } from "./events.ts"

export const orchestratorStatusRow: CommandRow = {
  path: "orchestrator status",
  summary: "Who works for whom, what it came to, and how often work was refused or given out again",
  help: `Delegation is off unless the plugin's setting orchestrator switches it on. What an orchestrator and its workers spend comes from the account of the session they work for.

Examples:
  sovereign-ledger orchestrator status
  sovereign-ledger orchestrator status --json`,
  run: (context) =>
    reading(context, async (access) => {
      const { terminal, json, nowMs } = context
      const status = orchestratorStatus(access, nowMs)
      const body = { schemaVersion: 1, generatedAt: new Date(nowMs).toISOString(), ...status }
      await terminal.write(json ? `${JSON.stringify(body)}\n` : orchestratorStatusText(status, terminal))
      return 0
    }),
}

export const orchestratorLogRow: CommandRow = {
  path: "orchestrator log",
  summary: "Every verdict on delegation, every binding, worker and retry, newest last",
  options: [
    { flags: "--last <n>", words: "how many (default 50)", parse: wholeNumber("--last", 1, 100_000) },
    { flags: "--since <time>", words: "from this time on: 30m, 24h or 7d back from now, a day, or ISO 8601 with an offset" },
  ],
  help: `Examples:
  sovereign-ledger orchestrator log --since 24h
  sovereign-ledger orchestrator log --last 5 --json`,
  run: (context, flags) =>
    reading(context, async (access) => {
      const { terminal, json, nowMs } = context
      const rows = orchestratorLog(access, { sinceMs: timeOf(flags, "since", nowMs), limit: (flags["last"] ?? 50) as number })
      if (json) await terminal.write(`${JSON.stringify({ schemaVersion: 1, generatedAt: new Date(nowMs).toISOString(), events: rows })}\n`)
      else
        await terminal.write(
          rows.length === 0
            ? "Nothing was handed on yet.\n"
            : rows
                .toReversed()
                .map((row) => orchestratorLine(row, terminal))
                .join(""),
        )
      return 0
    }),
}

const builtIn: ReadonlyMap<string | undefined, string> = new Map([
  ["front", builtInPrompt],
  ["contract", builtInContract],
])

export const orchestratorPrompt: CommandRow = {
  path: "orchestrator prompt",
  summary: "A built-in text, to be changed in a file of your own",
  argument: { name: "<which>", words: "front: what front sessions are told; contract: what an orchestrator is told before its task" },
  help: `The settings promptFile and contractFile name the files whose texts are used instead. {maxRetries} and {requester} stand for the number of retries and the front session's key.

Examples:
  sovereign-ledger orchestrator prompt front > front.md
  sovereign-ledger orchestrator prompt contract --json`,
  run: async ({ terminal, json }, _flags, which) => {
    const text = builtIn.get(which)
    if (text === undefined)
      throw new Fault("cli.usage", { problem: `There is no text ${JSON.stringify(which)}; there are ${[...builtIn.keys()].join(" and ")}.` })
    await terminal.write(json ? `${JSON.stringify({ schemaVersion: 1, which, text })}\n` : `${text}\n`)
    return 0
  },
}
