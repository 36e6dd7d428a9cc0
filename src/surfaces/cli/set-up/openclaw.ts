/** The host's own command, run as people run it: what is changed in its configuration is written, checked and locked by the host itself. */
import { spawn } from "node:child_process"
import { Fault, problemOf } from "../../../base/fault.ts"
import { objectOf, stringOf } from "../../../base/json.ts"
import type { Flags, OptionRow } from "../command.ts"

export const openclawOption: OptionRow = { flags: "--openclaw <file>", words: "the host's command (default: openclaw, as PATH has it)" }

export type HostAnswer = { readonly exit: number; readonly stdout: string; readonly stderr: string }
export type HostCommand = (args: readonly string[], input?: string) => Promise<HostAnswer>

export type HostPlugin = {
  readonly id: string
  readonly version: string | undefined
  /** The host loads it as its configuration is now. */
  readonly isLoaded: boolean
}

const longestAnswerBytes = 16_000_000
const withinMs = 180_000

/** @throws {Fault} `host.command-absent`, from the command it answers */
export function hostCommand(flags: Flags, environment: NodeJS.ProcessEnv = process.env): HostCommand {
  const file = stringOf(flags["openclaw"]) ?? "openclaw"
  return (args, input) =>
    new Promise((resolve, reject) => {
      const child = spawn(file, args, { env: { ...environment, NO_COLOR: "1" }, stdio: ["pipe", "pipe", "pipe"], timeout: withinMs, killSignal: "SIGKILL" })
      const said = { stdout: "", stderr: "" }
      for (const name of ["stdout", "stderr"] as const)
        child[name].setEncoding("utf8").on("data", (part: string) => {
          if (said[name].length < longestAnswerBytes) said[name] += part
        })
      child.once("error", (error) => reject(new Fault("host.command-absent", { command: file, problem: problemOf(error) }, error)))
      child.once("close", (exit) => resolve({ ...said, exit: exit ?? 1 }))
      child.stdin.on("error", () => {}).end(input ?? "")
    })
}

/** @throws {Fault} `host.command-failed` with what the host said */
export async function hostSays(run: HostCommand, args: readonly string[], input?: string): Promise<string> {
  const { exit, stdout, stderr } = await run(args, input)
  if (exit === 0) return stdout
  const problem = hostProblem(stdout, stderr) || `it ended with ${exit}`
  throw new Fault("host.command-failed", { command: `openclaw ${args.slice(0, 2).join(" ")}`, problem })
}

/** What the host says where it refuses: as JSON where it was asked for it, else the last lines on standard error. */
function hostProblem(stdout: string, stderr: string): string {
  const told = jsonIn(stdout) ?? jsonIn(stderr)
  const errors = told?.["errors"]
  const words = [objectOf(told?.["error"])["message"], ...(Array.isArray(errors) ? errors.map((one) => objectOf(one)["message"] ?? one) : [])]
  const said = words.filter((one) => typeof one === "string").join("; ")
  return problemOf(said || stderr.trim().split("\n").slice(-4).join(" ")).slice(0, 600)
}

function jsonIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return objectOf(JSON.parse(text.slice(Math.max(0, text.indexOf("{")))))
  } catch {
    return undefined
  }
}

/** Every plugin that the host knows. @throws {Fault} as `hostSays` */
export async function hostPlugins(run: HostCommand): Promise<readonly HostPlugin[]> {
  const { plugins } = jsonIn(await hostSays(run, ["plugins", "list", "--json"])) ?? {}
  return (Array.isArray(plugins) ? plugins : []).flatMap((one) => {
    const { id, version, enabled, status } = objectOf(one)
    const isLoaded = enabled === true && (status === undefined || status === "loaded")
    return typeof id === "string" ? [{ id, version: stringOf(version), isLoaded }] : []
  })
}
