/**
 * `openclaw ledger ...`: the same command line as the bin, run as a child process with the terminal handed through. In a process of its own it
 * opens its own databases without touching the host's locks, and `--json` is not re-routed by the host.
 */
import { spawn } from "node:child_process"
import { join } from "node:path"
import { problemOf } from "../base/fault.ts"
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

/** Most commands need no secret, or find it in a key file: what cannot be resolved is told, and the command goes on without. */
async function secretOf(api: HostApi): Promise<string | undefined> {
  try {
    return await hostSecret(api)
  } catch (error) {
    process.stderr.write(`${problemOf(error)}\n`)
    return undefined
  }
}
