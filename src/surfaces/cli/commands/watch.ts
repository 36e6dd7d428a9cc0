/** sovereign-ledger watch */
import { setTimeout as sleep } from "node:timers/promises"
import { Fault } from "../../../base/fault.ts"
import { checkNames, watchExit, watchReport, type WatchReport } from "../../../views/watch.ts"
import { socketPath } from "../../socket/socket-path.ts"
import { changeLine, watchText } from "../../render/watch-text.ts"
import type { CommandContext, CommandRow, Flags } from "../command.ts"
import { hostConfigOf, readStanding } from "../host-config.ts"
import { wholeNumber } from "../numbers.ts"
import { runningWriter } from "../running-writer.ts"
import { timeOf } from "../times.ts"

const sinceByDefaultMs = 86_400_000
const everyByDefault = 60

export const watch: CommandRow = {
  path: "watch",
  summary: "Is all well: for cron, systemd and other machines that ask",
  reportsFaults: true,
  options: [
    { flags: "--once", words: "check once and end with the exit status; without it, go on and print what changes" },
    {
      flags: "--since <time>",
      words: "look for gaps and for calls that reached for the ledger from this time on: 30m, 24h, 7d, a day such as 2026-11-20, or ISO 8601 (default: 24h)",
    },
    { flags: "--every <seconds>", words: "without --once: how often to check (default: 60)", parse: wholeNumber("--every", 1, 86_400) },
    { flags: "--except <checks>", words: `checks to leave out, separated by commas, of: ${checkNames.join(", ")}`, parse: checksIn },
  ],
  help: `Checks that the ledger is set up and its key opens it; that the host loads the plugin and lets it see conversations; that the plugin was not
switched off; that no tool call reached for the ledger and nothing is missing in the record; that no budget is gone or will be within the
hour; that the note outside fits the journal; that nothing tells of another past; that the wall clock agrees with ledger time; and that a
writer runs or could be started. Each thing that is wrong is named with the command that mends it.

Exit status: 0 all is well, 1 something is wrong, 2 something could not be checked and nothing is known to be wrong.

Examples:
  sovereign-ledger watch --once
  sovereign-ledger watch --once --since 1h --except permission --json
  sovereign-ledger watch --every 30`,
  run: async (context, flags) => {
    const first = await look(context, flags, context.nowMs)
    await show(first, context)
    if (flags["once"] === true) return watchExit(first)
    return follow(context, flags, first)
  },
}

/** Goes on until the process is ended. */
async function follow(context: CommandContext, flags: Flags, first: WatchReport): Promise<never> {
  const { terminal, json } = context
  const everyMs = ((flags["every"] as number | undefined) ?? everyByDefault) * 1_000
  for (let before = first; ;) {
    await sleep(everyMs)
    const now = await look(context, flags, Date.now())
    const states = new Map(before.checks.map(({ name, state }) => [name, state]))
    const changed = now.checks.filter(({ name, state }) => states.get(name) !== state)
    if (changed.length > 0 && json) await show(now, context)
    else for (const check of changed) await terminal.write(changeLine(check, now.generatedAt, terminal))
    before = now
  }
}

async function look(context: CommandContext, flags: Flags, nowMs: number): Promise<WatchReport> {
  const { files, clocks } = context
  const sinceMs = timeOf(flags, "since", nowMs) ?? nowMs - sinceByDefaultMs
  const host = readStanding(hostConfigOf(process.env, files.directory))
  const except = (flags["except"] as ReadonlySet<string> | undefined) ?? new Set<string>()
  const isService = context.socket !== socketPath(files.directory)
  const question = { files, nowMs, clocks, sinceMs, host, writer: await runningWriter(context.socket), isService, except }
  return watchReport({
    ...question,
    get places() {
      return context.places
    },
  })
}

async function show(report: WatchReport, { terminal, json }: CommandContext): Promise<void> {
  await terminal.write(json ? `${JSON.stringify(report)}\n` : watchText(report, terminal))
}

function checksIn(text: string): ReadonlySet<string> {
  const named = text.split(",").map((name) => name.trim())
  const odd = named.find((name) => !checkNames.some((known) => known === name))
  if (odd !== undefined) throw new Fault("cli.usage", { problem: `There is no check "${odd}"; the checks are ${checkNames.join(", ")}.` })
  return new Set(named)
}
