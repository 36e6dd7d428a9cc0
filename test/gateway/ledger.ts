/** A ledger as its operator sees it: through the command line, in a process of its own, with `--json`. Only its events are read in this process. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { resolvePlaces } from "../../src/surfaces/cli/places.ts"
import { listEvents, type EventFilter } from "../../src/views/event-list.ts"
import { openForReading } from "../../src/views/ledger-access.ts"
import type { GatewayHome, JsonObject } from "./home.ts"
import { mustSucceed, runCommand, type CommandResult } from "./openclaw-cli.ts"

export type LedgerEvent = {
  readonly sequence: number
  readonly id: string
  readonly type: string
  readonly createdAt: string
  readonly sessionId: string | null
  readonly sender: string | null
  readonly facts: JsonObject
}

export type WriterSays = { readonly pid: number; readonly version: string; readonly code: string; readonly entries: number; readonly clients: number }

export type LedgerCommandLine = {
  readonly dataDirectory: string
  run(args: readonly string[], environment?: Readonly<Record<string, string>>, timeoutMs?: number): Promise<CommandResult>
  /** What a command that must succeed printed with `--json`. */
  json(...args: readonly string[]): Promise<JsonObject>
  /** Everything recorded, oldest first, or what passes the filter. Suites ask for it hundreds of times while they wait: a process each time would cost the most of them. */
  events(filter?: EventFilter): Promise<readonly LedgerEvent[]>
  show(sequence: number): Promise<JsonObject>
  /** The verdict, and what was found when it is not "valid". */
  verify(): Promise<{ readonly verdict: string; readonly report: JsonObject }>
  /** Null when none runs. */
  writer(): Promise<WriterSays | null>
}

export type LedgerOptions = { readonly cliPath: string; readonly dataDirectory?: string; readonly keyFile?: string }

export function ledgerOf(home: GatewayHome, options: LedgerOptions): LedgerCommandLine {
  const dataDirectory = options.dataDirectory ?? join(home.stateDirectory, "sovereign-ledger")
  const places = ["--data-dir", dataDirectory, ...(options.keyFile === undefined ? [] : ["--key-file", options.keyFile])]
  const run: LedgerCommandLine["run"] = (args, environment = {}, timeoutMs = 120_000) =>
    runCommand(process.execPath, [options.cliPath, ...args, ...places], {
      ...{ environment: { ...home.environment, ...environment }, directory: home.directory, timeoutMs },
    })
  const json = async (...args: readonly string[]) =>
    JSON.parse((await mustSucceed(`sovereign-ledger ${args.join(" ")}`, run([...args, "--json"]))).stdout) as JsonObject
  return {
    dataDirectory,
    run,
    json,
    async events(filter = {}) {
      const { files, secrets } = resolvePlaces({ dataDir: dataDirectory, keyFile: options.keyFile }, home.environment)
      const access = openForReading(files, secrets)
      try {
        const { events } = listEvents(access, filter, 100_000, 0)
        return (JSON.parse(JSON.stringify(events)) as LedgerEvent[]).toReversed()
      } finally {
        access.close()
      }
    },
    async show(sequence) {
      return (await json("events", "show", String(sequence)))["event"] as JsonObject
    },
    async verify() {
      const { stdout, stderr } = await run(["verify", "--json"])
      if (stdout === "") throw new Error(`verify printed nothing: ${stderr}`)
      const report = JSON.parse(stdout) as JsonObject
      return { verdict: String(report["verdict"] ?? JSON.stringify(report)), report }
    },
    async writer() {
      return (await json("status"))["writer"] as WriterSays | null
    },
  }
}

export function ofType(events: readonly LedgerEvent[], type: string, where: JsonObject = {}): readonly LedgerEvent[] {
  return events.filter((event) => event.type === type && Object.entries(where).every(([name, value]) => event.facts[name] === value))
}

/** Asks again until the answer satisfies: what the host reports after a turn is recorded milliseconds later. */
export async function eventually<T>(what: string, ask: () => T | Promise<T>, holds: (answer: T) => boolean, timeoutMs = 15_000): Promise<T> {
  const deadlineMs = Date.now() + timeoutMs
  for (;;) {
    const askedMs = Date.now()
    const answer = await ask()
    if (holds(answer)) return answer
    if (Date.now() > deadlineMs) throw new Error(`${what}: not within ${timeoutMs} ms; last seen: ${JSON.stringify(answer)?.slice(0, 2000)}`)
    // Asking must not keep from happening what is waited for.
    await sleep(Math.max(50, 2 * (Date.now() - askedMs)))
  }
}

/** Writer processes of a data directory that are alive. Reads /proc. */
export function writerPids(dataDirectory: string): readonly number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => {
      const words = procText(pid, "cmdline").split("\0")
      return words.includes("writer") && words.includes(dataDirectory)
    })
}

/** Paths a process has open or mapped. */
export function pathsHeldBy(pid: number): readonly string[] {
  const open = readdirSync(`/proc/${pid}/fd`).map((name) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${name}`)
    } catch {
      // Closed in between.
      return ""
    }
  })
  const mapped = procText(pid, "maps")
    .split("\n")
    .map((line) => line.slice(line.indexOf("/")))
  return [...new Set([...open, ...mapped])].filter((path) => path.startsWith("/"))
}

function procText(pid: number, file: string): string {
  if (!Number.isInteger(pid)) return ""
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8")
  } catch {
    // Gone in between.
    return ""
  }
}
