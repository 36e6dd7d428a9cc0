/** The command `prune` in a process of its own, for a writer: at the lowest priority, and it goes on when the writer lets go of the ledger for it. */
import { spawn } from "node:child_process"
import { objectOf, stringOf } from "../../base/json.ts"
import type { LedgerFiles } from "../../journal/files.ts"
import type { PruneEnd } from "../../operations/prune/pruning.ts"
import { retentionJson, type Retention } from "../../policy/retention.ts"
import { masterKeyVariable, type SecretPlaces } from "../../vault/master-key.ts"
import { lower } from "./low-priority.ts"

/** What the command shows the writer that started it. */
export const pruneTokenVariable = "SOVEREIGN_LEDGER_PRUNE_TOKEN"

const longestAnswer = 100_000

export function beginPrune(files: LedgerFiles, { keyCommand, keyFile, hostSecret, environment }: SecretPlaces, retention: Retention, token: string): PruneEnd {
  const [program = ""] = process.argv.slice(1)
  const { days, maxSizeMb, contentDays } = retentionJson(retention)
  const kept = [
    "--days",
    String(days),
    "--max-size",
    String(maxSizeMb),
    ...Object.entries(contentDays).flatMap(([name, most]) => ["--contents", `${name}=${most}`]),
  ]
  const places = ["--data-dir", files.directory, "--key-file", keyFile, "--head-note", files.headNote]
  if (keyCommand) places.push("--key-command", JSON.stringify(keyCommand))
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...process.execArgv, program, "prune", "--json", "--yes", ...kept, ...places], {
      detached: true,
      stdio: ["ignore", "ignore", "pipe", "pipe"],
      env: { ...process.env, [masterKeyVariable]: environment[masterKeyVariable], SOVEREIGN_LEDGER_SECRET_FD: "3", [pruneTokenVariable]: token },
    })
    child.unref()
    lower(child.pid)
    const [, , errors, secret] = child.stdio
    if (secret && "end" in secret) secret.on("error", () => {}).end(hostSecret ?? "") // a process that ended before it read it says why
    let text = ""
    errors?.on("data", (bytes: Buffer) => {
      if (text.length < longestAnswer) text += bytes.toString("utf8")
    })
    // Of a stream that nobody reads any more when the writer has gone.
    if (errors && "unref" in errors && typeof errors.unref === "function") errors.unref()
    child.once("error", (error) => resolve(error.message))
    child.once("close", (status) => resolve(status === 0 ? null : problemIn(text, status)))
  })
}

function problemIn(text: string, status: number | null): string {
  try {
    return stringOf(objectOf(JSON.parse(text))["message"]) ?? `it ended with ${status}`
  } catch {
    return text.trim().split("\n").at(-1) || `it ended with ${status}`
  }
}
