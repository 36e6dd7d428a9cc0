/**
 * Starts and ends one real gateway process in a test home. The pid we spawn is the gateway's own: `gateway run` stays
 * in the foreground. It gets its own process group, so that Ctrl-C in a terminal reaches us and not it.
 */
import { spawn, type ChildProcess } from "node:child_process"
import { closeSync, fstatSync, openSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import type { GatewayHome } from "./home.ts"
import { openclawEntry } from "./openclaw-cli.ts"

export type GatewayExit = { readonly code: number | null; readonly signal: NodeJS.Signals | null; readonly durationMs: number }

export type Gateway = {
  readonly home: GatewayHome
  readonly pid: number
  readonly url: string
  readonly logPath: string
  /** From spawn to /readyz. */
  readonly startDurationMs: number
  readonly isAlive: boolean
  /** What this gateway process printed. */
  readLog(): string
  /** SIGTERM, a bounded wait, then SIGKILL. */
  stop(graceMs?: number): Promise<GatewayExit>
  /** SIGKILL: what a power cut looks like from inside. */
  kill(): Promise<GatewayExit>
}

const readyPollMs = 50

export async function startGateway(home: GatewayHome, options: { readonly readyTimeoutMs?: number } = {}): Promise<Gateway> {
  const startedMs = performance.now()
  const logPath = join(home.directory, "gateway-output.log")
  const log = openSync(logPath, "a", 0o600)
  const logStart = fstatSync(log).size
  const child = spawn(process.execPath, [openclawEntry, "gateway", "run"], {
    cwd: home.directory,
    env: home.environment,
    stdio: ["ignore", log, log],
    detached: true,
  })
  closeSync(log)
  const exited = exitOf(child)
  const readLog = () => readFileSync(logPath).subarray(logStart).toString("utf8")
  await untilReady(home, child, { startedMs, timeoutMs: options.readyTimeoutMs ?? 180_000, readLog })
  const pid = child.pid ?? -1
  const end = async (signal: NodeJS.Signals, graceMs: number): Promise<GatewayExit> => {
    const askedMs = performance.now()
    child.kill(signal)
    const insist = setTimeout(() => child.kill("SIGKILL"), graceMs)
    const exit = await exited
    clearTimeout(insist)
    return { ...exit, durationMs: performance.now() - askedMs }
  }
  return {
    home,
    pid,
    url: `http://127.0.0.1:${home.port}`,
    logPath,
    startDurationMs: performance.now() - startedMs,
    get isAlive() {
      return isRunning(child)
    },
    readLog,
    stop: (graceMs = 15_000) => end("SIGTERM", graceMs),
    kill: () => end("SIGKILL", 0),
  }
}

async function untilReady(
  home: GatewayHome,
  child: ChildProcess,
  options: { readonly startedMs: number; readonly timeoutMs: number; readonly readLog: () => string },
): Promise<void> {
  while (!(await isReady(home.port))) {
    const waitedMs = performance.now() - options.startedMs
    if (isRunning(child) && waitedMs < options.timeoutMs) {
      await sleep(readyPollMs)
      continue
    }
    const reason = isRunning(child) ? `was not ready after ${Math.round(waitedMs)} ms` : `exited with ${child.exitCode ?? child.signalCode}`
    child.kill("SIGKILL")
    throw new Error(`The gateway ${reason}. The end of its log:\n${options.readLog().split("\n").slice(-25).join("\n")}`)
  }
}

async function isReady(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(1000) })
    await response.arrayBuffer()
    return response.ok
  } catch {
    // Not listening yet.
    return false
  }
}

function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null
}

function exitOf(child: ChildProcess): Promise<Omit<GatewayExit, "durationMs">> {
  return new Promise((resolve) => {
    child.once("error", () => resolve({ code: null, signal: null }))
    child.once("exit", (code, signal) => resolve({ code, signal }))
  })
}
