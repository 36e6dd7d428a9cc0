/** The command line as people meet it: in a home of its own, judged by exit status and both streams. */
import assert from "node:assert/strict"
import { spawn, type ChildProcessByStdio } from "node:child_process"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import type { Readable } from "node:stream"
import { runBeside, type Said } from "../commands/command-process.ts"
import { onProcessEnd } from "../gateway/cleanup.ts"
import { temporaryDirectory, type Ending, type TestLedger } from "../ledger-fixture.ts"

export const cliSource = join(import.meta.dirname, "../cli.mjs")

export type { Said } from "../commands/command-process.ts"

export type Session = {
  readonly child: ChildProcessByStdio<null, Readable, Readable>
  readonly stdout: () => string
  readonly ended: Promise<Said>
}

export type Row = {
  /** The words after `sovereign-ledger`, separated by single spaces. */
  readonly command: string
  readonly exit: number
  /** Absent: nothing may be printed there. */
  readonly stdout?: RegExp
  readonly stderr?: RegExp
}

export type Home = {
  readonly directory: string
  readonly start: (args: readonly string[], node?: readonly string[]) => Session
  readonly run: (command: string | readonly string[]) => Promise<Said>
  /** Runs a row and holds it against what it promises. */
  readonly check: (row: Row) => Promise<void>
}

/** A home directory with nothing in it; commands run there and see no other variable than PATH and HOME. */
export function makeHome(t: Ending): Home {
  const root = temporaryDirectory(t)
  const directory = join(root, "home")
  mkdirSync(directory)
  const environment = { PATH: process.env["PATH"] ?? "", HOME: directory }
  const start: Home["start"] = (args, node = [process.execPath, "--no-warnings", cliSource]) => {
    const [program = "", ...first] = node
    const child = spawn(program, [...first, ...args], {
      cwd: directory,
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
    })
    let stdout = ""
    let stderr = ""
    child.stdout.setEncoding("utf8").on("data", (part: string) => (stdout += part))
    child.stderr.setEncoding("utf8").on("data", (part: string) => (stderr += part))
    const forget = onProcessEnd(() => child.kill("SIGKILL"))
    const ended = new Promise<Said>((resolve, reject) => {
      child.once("error", reject)
      child.once("close", (exit, signal) => {
        forget()
        resolve({ exit, signal, stdout, stderr })
      })
    })
    return { child, stdout: () => stdout, ended }
  }
  const run: Home["run"] = (command) => {
    const args = typeof command === "string" ? command.split(" ") : command
    return runBeside({ args, directory, environment }) ?? start(args).ended
  }
  return { directory, start, run, check: async (row) => holds(await run(row.command), row) }
}

export function holds(said: Said, row: Omit<Row, "command">): void {
  const all = `exit ${said.exit ?? said.signal}\nstdout: ${said.stdout.slice(0, 2_000)}\nstderr: ${said.stderr.slice(0, 2_000)}`
  assert.equal(said.exit, row.exit, all)
  for (const stream of ["stdout", "stderr"] as const) {
    const wanted = row[stream]
    assert.ok(wanted ? wanted.test(said[stream]) : said[stream] === "", `${stream} is not ${wanted ?? "empty"}\n${all}`)
    assert.doesNotMatch(said[stream], /^\s+at .+:\d+:\d+/m, "nobody is shown a stack trace")
    assert.ok(!said[stream].includes("\u001b["), "no colours where no person watches")
  }
}

/** One line of JSON and nothing else on standard output. */
export function jsonOf<T = Readonly<Record<string, unknown>>>(said: Said): T {
  assert.match(said.stdout, /^\{.*\}\n$/, `not one line of JSON: ${said.stdout.slice(0, 500)}\n${said.stderr}`)
  assert.equal(said.stdout.split("\n").length, 2, "exactly one line")
  return JSON.parse(said.stdout) as T
}

/** The flags that name a ledger which lies elsewhere than in the home. */
export function flagsOf({ directory, files, places }: TestLedger): readonly string[] {
  return ["--data-dir", directory, "--key-file", places.keyFile ?? "", "--head-note", files.headNote]
}
