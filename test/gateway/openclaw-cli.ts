/** Runs one `openclaw` command in a test home, with the Node that runs us and the openclaw of this checkout. */
import { spawn } from "node:child_process"
import { createRequire } from "node:module"
import { delimiter, dirname, join } from "node:path"
import type { GatewayHome } from "./home.ts"

export const openclawEntry = join(dirname(createRequire(import.meta.url).resolve("openclaw")), "..", "openclaw.mjs")

/** For commands that give the host's own: it is found where the package manager put it. */
export function withHostOnPath({ environment }: GatewayHome): Readonly<Record<string, string>> {
  return { ...environment, PATH: `${join(dirname(openclawEntry), "..", ".bin")}${delimiter}${environment["PATH"] ?? ""}` }
}

export type CommandResult = {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
  readonly durationMs: number
}

export type CommandOptions = {
  readonly timeoutMs?: number
  readonly environment?: Readonly<Record<string, string>>
}

export function runOpenclaw(home: GatewayHome, args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  return runCommand(process.execPath, [openclawEntry, ...args], {
    ...options,
    environment: { ...home.environment, ...options.environment },
    directory: home.directory,
  })
}

/** Never rejects on a non-zero exit: the caller knows what it expects. A command over its time is killed (exit null). */
export function runCommand(file: string, args: readonly string[], options: CommandOptions & { readonly directory?: string } = {}): Promise<CommandResult> {
  const startedMs = performance.now()
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: options.directory,
      env: options.environment,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: options.timeoutMs ?? 120_000,
      killSignal: "SIGKILL",
    })
    let stdout = ""
    let stderr = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text))
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text))
    child.once("error", reject)
    child.once("close", (exitCode) => resolve({ exitCode, stdout, stderr, durationMs: performance.now() - startedMs }))
  })
}

/** For commands that must succeed: what they printed, or an error that shows it. */
export async function mustSucceed(what: string, running: Promise<CommandResult>): Promise<CommandResult> {
  const result = await running
  if (result.exitCode === 0) return result
  const output = `${result.stdout}\n${result.stderr}`.trim().split("\n").slice(-20).join("\n")
  throw new Error(`${what} failed (exit ${result.exitCode ?? "by time-out"}):\n${output}`)
}
