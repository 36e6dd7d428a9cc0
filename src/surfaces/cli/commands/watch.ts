/** sovereign-ledger watch */
import { setTimeout as sleep } from "node:timers/promises"
import { Fault } from "../../../base/fault.ts"
import { liveNow, type Live } from "../../../views/live.ts"
import { LiveLedger } from "../../../views/live-ledger.ts"
import { LiveRuns } from "../../../views/live-runs.ts"
import { checkNames, watchExit, watchReport, type WatchReport } from "../../../views/watch.ts"
import { socketPath } from "../../socket/socket-path.ts"
import { liveLines } from "../../render/live-text.ts"
import { changeLine, watchText } from "../../render/watch-text.ts"
import type { CommandContext, CommandRow, Flags } from "../command.ts"
import { hostConfigOf, readStanding } from "../host-config.ts"
import { wholeNumber } from "../numbers.ts"
import { runningWriter } from "../running-writer.ts"
import { openScreen } from "../screen.ts"
import { timeOf } from "../times.ts"

const sinceByDefaultMs = 86_400_000
const everyByDefault = 60
const drawEveryMs = 1_000

export const watch: CommandRow = {
  path: "watch",
  summary: "A live screen in a terminal; elsewhere, is all well: for cron, systemd and other machines that ask",
  reportsFaults: true,
  options: [
    { flags: "--once", words: "check once and end with the exit status" },
    { flags: "--lines", words: "no screen: print what changes, in a terminal, too" },
    {
      flags: "--since <time>",
      words: "look for gaps and for calls that reached for the ledger from this time on: 30m, 24h, 7d, a day such as 2026-11-20, or ISO 8601 (default: 24h)",
    },
    {
      flags: "--every <seconds>",
      words: "without --once: how often to check (default: 60); the screen is drawn once a second",
      parse: wholeNumber("--every", 1, 86_400),
    },
    { flags: "--except <checks>", words: `checks to leave out, separated by commas, of: ${checkNames.join(", ")}`, parse: checksIn },
  ],
  help: `In a terminal it is a screen that goes on until q: what is wrong, which runs go on and with which tool, what they cost, what is left of each budget, alerts and
the last entries. Elsewhere, and with --lines, everything is printed once, and then a line for each check that changes; with --json a line of JSON whenever
a check changes or something was recorded.

Checks that the ledger is set up and its key opens it; that the host loads the plugin and lets it see conversations; that the plugin was not
switched off; that no tool call reached for the ledger and nothing is missing in the record; that no budget is gone or will be within the
hour; that the note outside fits the journal; that nothing tells of another past; that the wall clock agrees with ledger time; and that a
writer runs or could be started. Each thing that is wrong is named with the command that mends it.

Exit status: 0 all is well, 1 something is wrong, 2 something could not be checked and nothing is known to be wrong.

Examples:
  sovereign-ledger watch
  sovereign-ledger watch --once
  sovereign-ledger watch --once --since 1h --except permission --json
  sovereign-ledger watch --lines --every 30`,
  run: async (context, flags) => {
    const eye = new Eye(context, flags)
    try {
      if (flags["once"] === true) {
        const report = await eye.look(context.nowMs)
        await show(report, context.json ? eye.live(context.nowMs) : null, context)
        return watchExit(report)
      }
      return await (process.stdout.isTTY && !context.json && flags["lines"] !== true ? onScreen(context, flags, eye) : follow(context, flags, eye))
    } finally {
      eye.close()
    }
  },
}

/** Looks at a ledger again and again, with its files kept open. */
class Eye {
  readonly #context: CommandContext
  readonly #flags: Flags
  readonly #ledger: LiveLedger
  readonly #runs = new LiveRuns()

  constructor(context: CommandContext, flags: Flags) {
    this.#context = context
    this.#flags = flags
    this.#ledger = new LiveLedger(context.files, () => context.places)
  }

  look(nowMs: number): Promise<WatchReport> {
    return look(this.#context, this.#flags, nowMs)
  }

  /** Null where there is no ledger, or none that can be read: the checks say why. */
  live(nowMs: number): Live | null {
    try {
      return this.#ledger.ask((access, state) => liveNow(access, state, this.#runs, nowMs))
    } catch (error) {
      if (error instanceof Fault) return null
      throw error
    }
  }

  close(): void {
    this.#ledger.close()
  }
}

function everyMsOf(flags: Flags): number {
  return ((flags["every"] as number | undefined) ?? everyByDefault) * 1_000
}

/** Drawn once a second; the checks, which cost more, are made as often as they are asked for. */
async function onScreen({ terminal }: CommandContext, flags: Flags, eye: Eye): Promise<number> {
  const screen = openScreen()
  try {
    let report = await eye.look(Date.now())
    let [lookedMs, live] = [Date.now(), eye.live(Date.now())]
    const draw = () => screen.draw(liveLines({ report, live, nowMs: Date.now() }, terminal.colors, { rows: screen.rows() }))
    screen.onResize(draw)
    while (!screen.ended.aborted) {
      draw()
      await sleep(drawEveryMs, undefined, { signal: screen.ended }).catch(() => {}) // somebody ended it
      if (screen.ended.aborted) break
      live = eye.live(Date.now())
      if (Date.now() - lookedMs < everyMsOf(flags)) continue
      report = await eye.look(Date.now())
      lookedMs = Date.now()
    }
    return watchExit(report)
  } finally {
    screen.close()
  }
}

/** Goes on until the process is ended. */
async function follow(context: CommandContext, flags: Flags, eye: Eye): Promise<never> {
  const { terminal, json } = context
  let before = await eye.look(context.nowMs)
  let live = json ? eye.live(context.nowMs) : null
  await show(before, live, context)
  for (;;) {
    await sleep(everyMsOf(flags))
    const now = await eye.look(Date.now())
    const states = new Map(before.checks.map(({ name, state }) => [name, state]))
    const changed = now.checks.filter(({ name, state }) => states.get(name) !== state)
    const entries = live?.entries
    if (json) live = eye.live(Date.now())
    if (json && (changed.length > 0 || live?.entries !== entries)) await show(now, live, context)
    if (!json) for (const check of changed) await terminal.write(changeLine(check, now.generatedAt, terminal))
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

async function show(report: WatchReport, live: Live | null, { terminal, json }: CommandContext): Promise<void> {
  await terminal.write(json ? `${JSON.stringify({ ...report, live })}\n` : watchText(report, terminal))
}

function checksIn(text: string): ReadonlySet<string> {
  const named = text.split(",").map((name) => name.trim())
  const odd = named.find((name) => !checkNames.some((known) => known === name))
  if (odd !== undefined) throw new Fault("cli.usage", { problem: `There is no check "${odd}"; the checks are ${checkNames.join(", ")}.` })
  return new Set(named)
}
