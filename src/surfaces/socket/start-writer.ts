/**
 * Starts a writer process, detached, with an explicit environment: never the starter's, which holds the gateway's keys and tokens.
 * Secrets go over standard input. The child answers one line when it is ready or says why it is not.
 */
import { spawn } from "node:child_process"
import { setTimeout as sleep } from "node:timers/promises"
import { Fault, faultFromJson, problemOf, type FaultJson } from "../../base/fault.ts"

export type WriterProgram = {
  /** Answers the file Node runs; it must outlive the starter. */
  readonly file: () => Promise<string>
  readonly directory: string
  readonly keyFile?: string | undefined
  readonly keyCommand?: readonly string[] | undefined
  readonly headNote: string
  readonly hostSecret?: string | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** What a writer says when it is ready. */
export type StartedWriter = { readonly pid?: number; readonly keySource?: string }

/** Young generation kept small: with the default it grew from 75 to 273 MB under load. */
const nodeFlags = ["--max-semi-space-size=8", "--no-warnings"]
const readyWithinMs = 30_000
const lookEveryMs = 100
const passedOn = ["PATH", "HOME", "XDG_CONFIG_HOME", "TMPDIR", "LANG", "TZ", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "SystemRoot", "TEMP"]

/**
 * Resolves when a writer is ready: the one started here, or one that somebody else started at the same moment and that got the lock.
 * @param serving answers the process id of a writer that can be worked with, if one answers; then ours need not wait for the lock.
 */
export async function startWriter(program: WriterProgram, serving: () => Promise<number | undefined>): Promise<StartedWriter | undefined> {
  const file = await program.file()
  const child = spawn(process.execPath, [...nodeFlags, file, "writer", ...argumentsOf(program)], {
    detached: true,
    stdio: ["pipe", "pipe", "ignore"],
    env: Object.fromEntries(passedOn.flatMap((name) => (program.environment[name] === undefined ? [] : [[name, program.environment[name]]]))),
    windowsHide: true,
  })
  child.unref()
  const unreachable = (problem: string, cause?: unknown) => new Fault("writer.unreachable", { directory: program.directory, problem }, cause)
  return new Promise((resolve, reject) => {
    let answer = ""
    let settled = false
    const timer = setTimeout(() => finish(() => reject(unreachable("it did not get ready in time"))), readyWithinMs)
    const finish = (settle: () => void) => {
      settled = true
      clearTimeout(timer)
      child.stdout.destroy()
      child.stdin.destroy()
      settle()
    }
    child.once("error", (error) => finish(() => reject(unreachable(problemOf(error), error))))
    child.stdin.on("error", () => {}) // a child that died before reading its secrets is reported by its exit
    child.stdin.end(`${JSON.stringify({ hostSecret: program.hostSecret, environmentKey: program.environment["OPENCLAW_MASTER_KEY"] })}\n`)
    child.stdout.on("data", (bytes: Buffer) => {
      answer += bytes.toString("utf8")
      if (!answer.includes("\n")) return
      const line = answerOf(answer.slice(0, answer.indexOf("\n")))
      if (!line) finish(() => reject(unreachable("it answered something else than a writer does")))
      else finish(() => (line.fault ? reject(faultFromJson(line.fault)) : resolve(line.ready ?? {})))
    })
    // Not "exit": what it printed before may still be on its way then.
    child.once("close", (code, signal) => finish(() => reject(unreachable(`it ended at once (${signal ?? `exit ${code}`})`))))
    const lookForAnother = async () => {
      for (;;) {
        await sleep(lookEveryMs)
        if (settled) return
        const pid = await serving()
        if (settled) return
        if (pid === undefined || pid === child.pid) continue
        child.kill()
        finish(() => resolve(undefined))
      }
    }
    lookForAnother().catch((error: unknown) => finish(() => reject(error)))
  })
}

function answerOf(line: string): { readonly fault?: FaultJson; readonly ready?: StartedWriter } | undefined {
  try {
    return JSON.parse(line) as { readonly fault?: FaultJson; readonly ready?: StartedWriter }
  } catch {
    // Printed by something that is not a writer, which is what the caller says then.
    return undefined
  }
}

function argumentsOf(program: WriterProgram): string[] {
  const args = ["--data-dir", program.directory, "--head-note", program.headNote, "--started-by", "client"]
  if (program.keyFile !== undefined) args.push("--key-file", program.keyFile)
  if (program.keyCommand !== undefined) args.push("--key-command", JSON.stringify(program.keyCommand))
  return args
}
