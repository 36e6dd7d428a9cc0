/**
 * `openclaw ledger ...`: the same command line as the bin, run as a child process with the terminal handed through. In a process of its own it
 * opens its own databases without touching the host's locks, and `--json` is not re-routed by the host.
 */
import { spawn, type ChildProcess, type SpawnOptions } from "node:child_process"
import { join } from "node:path"
import type { Readable } from "node:stream"
import { problemOf } from "../base/fault.ts"
import { objectOf } from "../base/json.ts"
import { environmentOf } from "./gateway-paths.ts"
import type { HostApi } from "./host-api.ts"
import { hostSecret } from "./host-secret.ts"

const name = "ledger"
const description = "What agents did, what it cost, and the proof of it (Sovereign Ledger)"

export function registerLedgerCommand(api: HostApi): void {
  api.registerCli(
    ({ program }) => {
      program
        .command(name)
        .description(description)
        .helpOption(false)
        .allowUnknownOption(true)
        .allowExcessArguments(true)
        .argument("[arguments...]", "a command of sovereign-ledger with its flags")
        .action((argv) => run(api, Array.isArray(argv) ? argv.map(String) : []))
    },
    { descriptors: [{ name, description, hasSubcommands: false }] },
  )
}

async function run(api: HostApi, argv: readonly string[]): Promise<void> {
  const secret = await secretOf(api)
  const child = spawn(process.execPath, ["--no-warnings", join(api.rootDir ?? import.meta.dirname, "cli.mjs"), ...argv], {
    stdio: ["inherit", "inherit", "inherit", "pipe"],
    env: { ...process.env, SOVEREIGN_LEDGER_NAME: "openclaw ledger", ...(secret === undefined ? {} : { SOVEREIGN_LEDGER_SECRET_FD: "3" }) },
  })
  const pipe = child.stdio[3]
  if (pipe && "end" in pipe) pipe.end(secret ?? "")
  // The host ends by process.exit on a signal that reached it alone; the child must not stay behind.
  const end = () => child.kill("SIGTERM")
  process.once("exit", end)
  return new Promise((resolve) => {
    child.once("error", (error) => {
      process.stderr.write(`openclaw ledger could not start its command: ${error.message}\n`)
      process.exitCode = 2
      resolve()
    })
    child.once("exit", (code, signal) => {
      process.off("exit", end)
      process.exitCode = code ?? (signal === "SIGINT" ? 130 : 1)
      resolve()
    })
  })
}

const answerWithinMs = 20_000
const longestAnswerBytes = 4_000_000

export type CommandInput = {
  /** On its standard input. */
  readonly input?: string
  /** Variables besides. */
  readonly environment?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

/** The answer of a command with --json, read in a process of its own: the databases are opened in no gateway. @throws what it wrote instead of an answer. */
export async function askLedgerCommand(api: HostApi, argv: readonly string[], given: CommandInput = {}): Promise<Readonly<Record<string, unknown>>> {
  const { input, signal, environment = {} } = given
  const child = await startLedgerCommand(api, argv, {
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe", "pipe"],
    env: environment,
    timeout: answerWithinMs,
    killSignal: "SIGKILL", // it may be busy with what it does
    ...(signal === undefined ? {} : { signal }),
  })
  child.stdin?.on("error", () => {}).end(input)
  const [answer, problem] = await Promise.all([textOf(child.stdout), textOf(child.stderr), ended(child)])
  if (answer === "") throw new Error(problem.trim() || "the command gave no answer")
  return objectOf(JSON.parse(answer))
}

/** A command in a process of its own, with what the gateway knows of the ledger; the fourth of its streams is a pipe, by which it is told the secret. */
export async function startLedgerCommand(api: HostApi, argv: readonly string[], options: SpawnOptions): Promise<ChildProcess> {
  const secret = await secretOf(api)
  const environment = { ...environmentOf(api), ...options.env, ...(secret === undefined ? {} : { SOVEREIGN_LEDGER_SECRET_FD: "3" }) }
  const program = ["--no-warnings", join(api.rootDir ?? import.meta.dirname, "cli.mjs"), ...argv]
  const child = spawn(process.execPath, program, { ...options, env: environment })
  const pipe = child.stdio[3]
  if (pipe && "end" in pipe) pipe.on("error", () => {}).end(secret ?? "") // a command that ended before it read its secret has said why
  return child
}

async function textOf(stream: Readable | null): Promise<string> {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  for await (const chunk of (stream ?? []) as AsyncIterable<Buffer>) if ((sizeBytes += chunk.length) <= longestAnswerBytes) chunks.push(chunk)
  return Buffer.concat(chunks).toString("utf8")
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => child.once("error", reject).once("exit", () => resolve()))
}

/** Most commands need no secret, or find it in a key file: what cannot be resolved is told, and the command goes on without. */
async function secretOf(api: HostApi): Promise<string | undefined> {
  try {
    return await hostSecret(api)
  } catch (error) {
    process.stderr.write(`${problemOf(error)}\n`)
    return undefined
  }
}
