/**
 * The master key from a program: a password manager's, or one that asks a cloud's key service. It is run without a shell, as a list of words, with nothing
 * on its standard input, in the environment of who needs the key; what it prints is the key.
 */
import { spawnSync } from "node:child_process"
import { Fault } from "../base/fault.ts"

/** A program and its arguments. */
export type KeyCommand = readonly string[]

/** Long enough for a service on the other side of the world, and short enough that a gateway's start says what it waited for. */
const withinMs = 30_000
const longestKeyBytes = 64 * 1024
const told = 200

/** What it printed, trimmed, once a command line or writer: a service that is asked costs time, and may cost money. */
const printed = new Map<string, string>()

/** @throws {Fault} `key.command-failed` unless it ends with status 0, in time, and prints something. */
export function runKeyCommand(command: KeyCommand): string {
  const name = JSON.stringify(command)
  const text = printed.get(name) ?? run(command)
  printed.set(name, text)
  return text
}

/** Another key may stand there by now. */
export function forgetKeyCommands(): void {
  printed.clear()
}

function run(command: KeyCommand): string {
  const [program = "", ...words] = command
  const { status, signal, stdout, stderr, error } = spawnSync(program, words, {
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
    timeout: withinMs,
    killSignal: "SIGKILL",
    maxBuffer: longestKeyBytes,
    windowsHide: true,
  })
  const refuse = (problem: string) => new Fault("key.command-failed", { program, problem }, error)
  if (error && "code" in error) {
    if (error.code === "ETIMEDOUT") throw refuse(`it did not answer within ${withinMs / 1_000} seconds`)
    if (error.code === "ENOBUFS") throw refuse(`it printed more than ${longestKeyBytes} bytes`)
    throw refuse(error.code === "ENOENT" ? "there is no such program" : error.message)
  }
  const line = stderr.trim().split("\n")[0]?.slice(0, told)
  const said = line ? `, and said: ${line}` : ""
  if (status !== 0) throw refuse(`it ended with ${signal ?? `status ${status}`}${said}`)
  const text = stdout.trim()
  if (text === "") throw refuse(`it printed nothing${said}`)
  return text
}

/**
 * A command as it is written in a flag: a JSON list of words, or one program.
 * @throws {Fault} `cli.usage`
 */
export function parseKeyCommand(text: string): KeyCommand {
  if (!text.trimStart().startsWith("[")) return [text]
  try {
    const words: unknown = JSON.parse(text)
    if (isKeyCommand(words)) return words
  } catch {
    // Said below, as of any other text that is no such list.
  }
  throw new Fault("cli.usage", { problem: `The key command ${text} is no list of words, as ["pass", "show", "ledger"].` })
}

export function isKeyCommand(value: unknown): value is KeyCommand {
  return Array.isArray(value) && value.length > 0 && value[0] !== "" && value.every((word) => typeof word === "string" && !word.includes("\0"))
}
