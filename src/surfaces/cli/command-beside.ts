/**
 * A command in a process of its own, with the ledger and the secrets of this one: for what takes long, so that whoever asks meanwhile does not wait for it. It opens
 * the files as any command does, and shares no memory with this process.
 */
import { spawn, type ChildProcess } from "node:child_process"
import type { LedgerFiles } from "../../journal/files.ts"
import { masterKeyVariable, type SecretPlaces } from "../../vault/master-key.ts"

/** Its standard output is a pipe, and so is what it is given as input; what it says to a terminal is nobody's. */
export function startBeside(files: LedgerFiles, places: SecretPlaces, argv: readonly string[], input?: string): ChildProcess {
  const { keyCommand, keyFile, hostSecret, environment } = places
  const [program = ""] = process.argv.slice(1)
  const named = ["--data-dir", files.directory, "--key-file", keyFile, "--head-note", files.headNote]
  if (keyCommand) named.push("--key-command", JSON.stringify(keyCommand))
  const child = spawn(process.execPath, [...process.execArgv, program, ...argv, ...named], {
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "ignore", "pipe"],
    env: { ...process.env, [masterKeyVariable]: environment[masterKeyVariable], SOVEREIGN_LEDGER_SECRET_FD: "3" },
  })
  const secret = child.stdio[3]
  if (secret && "end" in secret) secret.on("error", () => {}).end(hostSecret ?? "") // a process that ended before it read it says why
  child.stdin?.on("error", () => {}).end(input)
  return child
}
