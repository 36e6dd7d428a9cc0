/** Other processes a bench needs: the built package, its writer, timed commands, and scripts of ours under the writer's own flags. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { buildPackage, type BuiltPackage } from "../scripts/build.ts"
import { temporaryDirectory, type LedgerHome } from "./ledger-home.ts"

/** The flags of `src/surfaces/socket/start-writer.ts`. */
export const writerFlags = ["--max-semi-space-size=8", "--no-warnings"]

let built: Promise<BuiltPackage> | undefined

/** The package as users install it, built once a run. */
export function builtPackage(): Promise<BuiltPackage> {
  return (built ??= buildPackage({ out: temporaryDirectory("package"), pack: false }))
}

export type BenchWriter = { readonly pid: number; readonly stop: () => Promise<void> }

/** The built writer, started as the plugin starts it but as a child, so that it ends with the bench. */
export async function startWriterProcess(home: LedgerHome, options: { readonly commitDelayMs?: number } = {}): Promise<BenchWriter> {
  const { cliPath } = await builtPackage()
  const { files, keyFile } = home
  const places = ["--data-dir", files.directory, "--key-file", keyFile, "--head-note", files.headNote]
  const delay = options.commitDelayMs === undefined ? [] : ["--commit-delay-ms", String(options.commitDelayMs)]
  const child = spawn(process.execPath, [...writerFlags, cliPath, "writer", ...places, ...delay], { stdio: ["ignore", "ignore", "pipe"] })
  const kill = () => child.kill("SIGKILL")
  process.once("exit", kill)
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()))
  await ready(child)
  const stop = async () => {
    child.kill("SIGTERM")
    await gone
    process.off("exit", kill)
  }
  return { pid: child.pid ?? 0, stop }
}

export type BenchServe = { readonly url: string; readonly token: string; readonly stop: () => Promise<void> }

/** `serve` of the built package, on a port of its own. */
export async function startServeProcess({ files, keyFile }: LedgerHome): Promise<BenchServe> {
  const { cliPath } = await builtPackage()
  const places = ["--data-dir", files.directory, "--key-file", keyFile, "--head-note", files.headNote]
  const child = spawn(process.execPath, ["--no-warnings", cliPath, "serve", "--listen", "127.0.0.1:0", "--json", ...places], {
    stdio: ["ignore", "pipe", "ignore"],
  })
  const kill = () => child.kill("SIGKILL")
  process.once("exit", kill)
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()))
  const said = await new Promise<string>((resolve, reject) => {
    child.stdout.once("data", (bytes: Buffer) => resolve(bytes.toString("utf8")))
    child.once("exit", (code) => reject(new Error(`serve ended (${code})`)))
  })
  const { page, tokenFile } = JSON.parse(said) as { readonly page: string; readonly tokenFile: string }
  const stop = async () => {
    child.kill("SIGTERM")
    await gone
    process.off("exit", kill)
  }
  return { url: page, token: readFileSync(tokenFile, "utf8").trim(), stop }
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = ""
    child.stderr?.on("data", (bytes: Buffer) => {
      said += bytes.toString("utf8")
      if (said.includes("is ready")) resolve()
    })
    child.once("exit", (code) => reject(new Error(`the writer ended (${code}): ${said}`)))
  })
}

export type ProcessTime = { readonly wallMs: number; readonly cpuMs: number }

/** Largest resident memory of a command, in bytes, as the system counts it (`VmHWM`, proc(5)); looked at until it ends. Linux only. */
export async function peakMemory(command: readonly string[]): Promise<number> {
  const child = spawn(command[0] ?? "", command.slice(1), { stdio: "ignore" })
  let peakBytes = 0
  const look = setInterval(() => {
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(existsSync(`/proc/${child.pid}/status`) ? readFileSync(`/proc/${child.pid}/status`, "utf8") : "") ?? []
    peakBytes = Math.max(peakBytes, Number(kilobytes ?? 0) * 1_024)
  }, 20)
  const [status] = (await once(child, "close")) as [number | null]
  clearInterval(look)
  if (status !== 0) throw new Error(`${command.join(" ")} ended with ${status}`)
  return peakBytes
}

/** A command while this process does something else: what it printed, and how long it took on the clock. */
export async function besideCommand(command: readonly string[]): Promise<{ readonly stdout: string; readonly wallMs: number }> {
  const from = performance.now()
  const child = spawn(command[0] ?? "", command.slice(1), { stdio: ["ignore", "pipe", "inherit"] })
  let stdout = ""
  child.stdout.on("data", (bytes: Buffer) => (stdout += bytes.toString("utf8")))
  const [status] = (await once(child, "close")) as [number | null]
  if (status !== 0) throw new Error(`${command.join(" ")} ended with ${status}: ${stdout}`)
  return { stdout, wallMs: performance.now() - from }
}

/** Runs a command to its end and answers the time of the whole process, as the shell's `time` reports it (1 ms). */
export function timedCommand(command: readonly string[]): ProcessTime {
  const script = 'TIMEFORMAT="%R %U %S"; time "$@" > /dev/null'
  const { status, stderr } = spawnSync("bash", ["-c", script, "bash", ...command], { encoding: "utf8" })
  if (status !== 0) throw new Error(`${command.join(" ")} ended with ${status}: ${stderr}`)
  const [real = 0, user = 0, system = 0] = (stderr.trim().split("\n").at(-1) ?? "").split(" ").map(Number)
  return { wallMs: real * 1_000, cpuMs: (user + system) * 1_000 }
}

/** A script of `bench/` as a process of its own, with the writer's flags and `gc`; answers the JSON it prints. */
export async function runScript(name: string, args: readonly string[]): Promise<unknown> {
  const child = spawn(process.execPath, ["--expose-gc", ...writerFlags, join(import.meta.dirname, name), ...args], { stdio: ["ignore", "pipe", "inherit"] })
  const kill = () => child.kill("SIGKILL")
  process.once("exit", kill)
  let text = ""
  child.stdout.on("data", (bytes: Buffer) => (text += bytes.toString("utf8")))
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve))
  process.off("exit", kill)
  if (code !== 0) throw new Error(`${name} ended with ${code}`)
  return JSON.parse(text)
}
