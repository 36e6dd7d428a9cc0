/**
 * What a person waits for: `sovereign-ledger status` of the built package on a large store without a writer, projections up to date. Time of the whole
 * process as the shell's `time` reports it: on the clock, and user and system time of the processor. Beside it `events list`, the start-up alone
 * (`verify --help`), and as the baseline a Node that does nothing; all in turn.
 */
import type { RunOptions } from "../scripts/runnable.ts"
import { builtPackage, timedCommand, type ProcessTime } from "./processes.ts"
import { atMost, median, shown, spread, type BenchRow } from "./samples.ts"
import { largeStore } from "./store.ts"

export const about = "time of the command status on a large store, and of events list and start-up beside it"

const limitSeconds = 0.25

export async function run({ args, say }: RunOptions): Promise<readonly BenchRow[]> {
  const repetitions = args.includes("--quick") ? 5 : 15
  const { home, entries } = await largeStore(args, say)
  const { cliPath } = await builtPackage()
  const places = ["--data-dir", home.files.directory, "--key-file", home.keyFile, "--head-note", home.files.headNote]
  const cli = [process.execPath, "--no-warnings", cliPath]
  const commands = {
    node: [process.execPath, "-e", "0"],
    status: [...cli, "status", ...places],
    list: [...cli, "events", "list", "--last", "50", ...places],
    help: [...cli, "verify", "--help"],
  }
  const times: Record<keyof typeof commands, ProcessTime[]> = { node: [], status: [], list: [], help: [] }
  for (const command of Object.values(commands)) timedCommand(command)
  for (let i = 0; i < repetitions; i++) {
    for (const name of Object.keys(commands) as (keyof typeof commands)[]) times[name].push(timedCommand(commands[name]))
  }
  const cpu = (name: keyof typeof commands) => median(times[name].map((one) => one.cpuMs)) / 1_000
  const wall = (name: keyof typeof commands) => median(times[name].map((one) => one.wallMs)) / 1_000
  say(`status, seconds on the clock (least | median | most): ${spread(times.status.map((one) => one.wallMs / 1_000))}`)
  return [
    shown("status / a Node that does nothing, CPU", cpu("status") / cpu("node"), "x"),
    atMost(`status at ${entries} entries: processor`, cpu("status"), "s", limitSeconds),
    atMost(`status at ${entries} entries: clock`, wall("status"), "s", limitSeconds),
    shown("events list --last 50: processor", cpu("list"), "s"),
    shown("events list --last 50: clock", wall("list"), "s"),
    shown("verify --help, the start-up: processor", cpu("help"), "s"),
    shown("verify --help, the start-up: clock", wall("help"), "s"),
    shown("a Node that does nothing: processor", cpu("node"), "s"),
    shown("a Node that does nothing: clock", wall("node"), "s"),
  ]
}
