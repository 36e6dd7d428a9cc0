/**
 * A command that reads, in a process of its own, for a writer: at the lowest priority, with the writer's secrets on a pipe, and with what it found as the
 * answer. It opens the files as any command does and shares no memory with the writer.
 */
import { spawn } from "node:child_process"
import type { LedgerFiles } from "../../journal/files.ts"
import { masterKeyVariable, type SecretPlaces } from "../../vault/master-key.ts"
import { lower } from "./low-priority.ts"

/** `answer` rejects where the command could not answer; it is undefined where what it printed is no JSON. */
export type BegunReading = { readonly answer: Promise<unknown>; readonly end: () => void }

const longestAnswer = 4_000_000

export function beginReading(files: LedgerFiles, { keyCommand, keyFile, hostSecret, environment }: SecretPlaces, words: readonly string[]): BegunReading {
  const [program = ""] = process.argv.slice(1)
  const places = ["--data-dir", files.directory, "--key-file", keyFile, "--head-note", files.headNote]
  if (keyCommand) places.push("--key-command", JSON.stringify(keyCommand))
  const child = spawn(process.execPath, [...process.execArgv, program, ...words, "--json", ...places], {
    stdio: ["ignore", "pipe", "ignore", "pipe"],
    env: { ...process.env, [masterKeyVariable]: environment[masterKeyVariable], SOVEREIGN_LEDGER_SECRET_FD: "3" },
  })
  child.unref() // nobody waits for it to end
  lower(child.pid)
  const [, answer, , secret] = child.stdio
  if (secret && "end" in secret) secret.on("error", () => {}).end(hostSecret ?? "") // a process that ended before it read it says why
  return {
    answer: new Promise((resolve, reject) => {
      let text = ""
      answer?.on("data", (bytes: Buffer) => {
        if (text.length < longestAnswer) text += bytes.toString("utf8")
      })
      child.once("error", reject)
      // Not "exit": what it printed before may still be on its way then.
      child.once("close", (status) => (status === 0 || status === 1 ? resolve(parsed(text)) : reject(new Error(`${words.join(" ")} ended with ${status}`))))
    }),
    end: () => void child.kill("SIGKILL"),
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // of a process that wrote something else; what is no answer is not recorded
  }
}
