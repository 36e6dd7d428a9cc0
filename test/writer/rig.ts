/**
 * A ledger of its own for a test: a temporary directory with a key, writers as real processes run from source, the real client over the real
 * socket, and readers in this process. Whatever process still names the directory at the end is ended, and the directory removed.
 */
import { execFileSync, spawn, type ChildProcess } from "node:child_process"
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { LedgerClient, type ClientOptions } from "../../src/host/ledger-client.ts"
import { ledgerFiles, type LedgerFiles } from "../../src/journal/files.ts"
import { factsOf } from "../../src/journal/reader.ts"
import { verifyStore } from "../../src/journal/verify-store.ts"
import { createKey } from "../../src/operations/create-key.ts"
import type { WriterStatus } from "../../src/surfaces/socket/protocol.ts"
import { socketPath } from "../../src/surfaces/socket/socket-path.ts"
import { askWriter, type LinkOptions } from "../../src/surfaces/socket/writer-link.ts"
import type { VerifyReport } from "../../src/verify/verdict.ts"
import { openForReading, type LedgerAccess } from "../../src/views/ledger-access.ts"
import { runBeside } from "../commands/command-process.ts"
import { onProcessEnd } from "../gateway/cleanup.ts"
import { endLeftovers, findLeftovers, killLeftovers } from "../gateway/leftovers.ts"

export const cliSource = join(import.meta.dirname, "../cli.mjs")

export type Ended = { readonly status: number | null; readonly signal: NodeJS.Signals | null; readonly stdout: string; readonly stderr: string }

export type Started = {
  readonly child: ChildProcess
  readonly pid: number
  /** What it has printed so far, both streams. */
  readonly printed: () => string
  readonly ended: Promise<Ended>
}

export type Recorded = { readonly sequence: number; readonly type: string; readonly facts: Readonly<Record<string, unknown>> }

export type RunOptions = {
  readonly cli?: string
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
  /** Run as this user and group, without further groups. Needs root. */
  readonly uid?: number
  readonly gid?: number
}

export type Rig = {
  readonly root: string
  readonly home: string
  readonly directory: string
  readonly keyFile: string
  readonly files: LedgerFiles
  readonly environment: Readonly<Record<string, string>>
  /** How a client reaches the writer, and starts one if need be. */
  readonly link: (changes?: Partial<LinkOptions>) => LinkOptions
  readonly client: (changes?: Partial<ClientOptions>, link?: ClientOptions["link"]) => LedgerClient
  readonly logged: string[]
  readonly run: (args: readonly string[], options?: RunOptions) => Promise<Ended>
  readonly start: (args: readonly string[], options?: RunOptions) => Started
  /** Starts a writer by hand and waits until it is ready. */
  readonly writer: (args?: readonly string[], options?: RunOptions) => Promise<Started>
  readonly status: () => Promise<WriterStatus>
  /** Reads in this process, beside whatever writer runs. */
  readonly reading: <T>(read: (access: LedgerAccess) => T) => T
  readonly entries: (type?: string) => readonly Recorded[]
  readonly verify: () => VerifyReport
  readonly stopWriter: () => Promise<void>
  readonly writerPids: () => readonly number[]
  readonly end: () => Promise<void>
}

type Test = { readonly after: (step: () => Promise<void>) => void }

export type RigOptions = {
  readonly directory?: string
  /** Leave the ledger as a fresh machine has it: no key, no data directory. */
  readonly bare?: boolean
  /** Put the data directory on a file system of its own of that size. Needs root on Linux. */
  readonly diskBytes?: number
}

export function makeRig(test: Test | undefined, options: RigOptions = {}): Rig {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "sl-rig-")))
  const forget = onProcessEnd(() => {
    killLeftovers(root)
    if (options.diskBytes !== undefined) execFileSync("umount", ["-l", join(root, "ledger")])
    rmSync(root, { recursive: true, force: true })
  })
  const home = join(root, "home")
  mkdirSync(home)
  const directory = options.directory ?? join(root, "ledger")
  const keyFile = join(root, "keys", "master.key")
  const files = ledgerFiles(directory, join(root, "head.note"))
  const environment = { PATH: process.env["PATH"] ?? "", HOME: home }
  if (options.diskBytes !== undefined) {
    mkdirSync(directory, { mode: 0o700 })
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${options.diskBytes},mode=0700`, "tmpfs", directory])
  }
  if (!options.bare) {
    const umask = process.umask(0o077) // as the command line does first
    createKey(files, () => keyFile, { nowMs: Date.now(), version: "0.0.0-test" })
    process.umask(umask)
  }
  const logged: string[] = []
  const clients: LedgerClient[] = []
  const link: Rig["link"] = (changes = {}) => ({
    socketPath: socketPath(directory),
    role: "plugin",
    config: { guard: { tools: ["guarded*"], deny: ["denied*"] }, userId: null, hashed: { promptText: false, toolArgs: false } },
    program: { file: () => Promise.resolve(cliSource), directory, keyFile, headNote: files.headNote, environment },
    ...changes,
  })
  const places = { keyFile, environment: {} }
  const start: Rig["start"] = (args, run) => startNode(args, { ...run, env: { ...environment, ...run?.env } })
  const reading: Rig["reading"] = (read) => {
    const access = openForReading(files, places)
    try {
      return read(access)
    } finally {
      access.close()
    }
  }
  const rig: Rig = {
    root,
    home,
    directory,
    keyFile,
    files,
    environment,
    logged,
    link,
    client: (changes, clientLink = () => Promise.resolve(link())) => {
      const log = (sentence: string) => void logged.push(sentence)
      const client = new LedgerClient({ link: clientLink, queueBytes: 64e6, gateWithinMs: 20_000, log, nowMs: () => Date.now(), ...changes })
      clients.push(client)
      return client
    },
    start,
    run: (args, run) => ranBeside(args, { ...run, env: { ...environment, ...run?.env } }) ?? start(args, run).ended,
    writer: async (args = [], run) => {
      const started = start(["writer", "--data-dir", directory, "--key-file", keyFile, "--head-note", files.headNote, ...args], run)
      await until(() => started.printed().includes("is ready") || started.child.exitCode !== null, "the writer is ready")
      if (started.child.exitCode !== null) throw new Error(`the writer did not start: ${started.printed()}`)
      return started
    },
    status: async () => (await askWriter(link({ program: undefined }), "status")) as WriterStatus,
    reading,
    entries: (type) =>
      reading(({ reader }) => {
        const all = [...reader.entries(0, Number.MAX_SAFE_INTEGER)].map((entry) => ({
          sequence: entry.sequence,
          type: entry.header.type,
          facts: factsOf(entry),
        }))
        return type === undefined ? all : all.filter((entry) => entry.type === type)
      }),
    verify: () => reading((access) => verifyStore(access, { payloads: true })),
    stopWriter: async () => {
      const { pid } = await rig.status()
      await askWriter(link({ program: undefined }), "stop")
      await until(() => !rig.writerPids().includes(pid), "the writer has stopped")
    },
    writerPids: () =>
      findLeftovers(directory)
        .filter(({ commandLine }) => / writer /.test(commandLine))
        .map(({ pid }) => pid),
    end: async () => {
      for (const client of clients) client.close()
      await endLeftovers(root, 3_000)
      forget()
    },
  }
  test?.after(rig.end)
  return rig
}

/** Undefined where it takes a process of its own. */
function ranBeside(args: readonly string[], { cli, env = {}, input, uid }: RunOptions): Promise<Ended> | undefined {
  if (cli !== undefined || input !== undefined || uid !== undefined) return undefined
  return runBeside({ args, directory: process.cwd(), environment: env })?.then(({ exit, ...said }) => ({ status: exit, ...said }))
}

function startNode(args: readonly string[], options: RunOptions): Started {
  const node = [process.execPath, "--no-warnings", options.cli ?? cliSource, ...args]
  const command = options.uid === undefined ? node : ["setpriv", `--reuid=${options.uid}`, `--regid=${options.gid ?? options.uid}`, "--clear-groups", ...node]
  const child = spawn(command[0] ?? "", command.slice(1), { env: options.env, stdio: ["pipe", "pipe", "pipe"] })
  let stdout = ""
  let stderr = ""
  child.stdout.setEncoding("utf8").on("data", (part: string) => (stdout += part))
  child.stderr.setEncoding("utf8").on("data", (part: string) => (stderr += part))
  child.stdin.on("error", () => {}) // it may end without reading what it is given
  child.stdin.end(options.input ?? "")
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject)
    child.once("close", (status, signal) => resolve({ status, signal, stdout, stderr }))
  })
  return { child, pid: child.pid ?? 0, printed: () => stdout + stderr, ended }
}

/** Waits until a question is answered with yes; how long tells a hang from a slow machine, and nothing else. */
export async function until(question: () => boolean | Promise<boolean>, what: string, withinMs = 60_000): Promise<void> {
  const endMs = Date.now() + withinMs
  while (!(await question())) {
    if (Date.now() > endMs) throw new Error(`waited ${withinMs / 1000} s in vain until ${what}`)
    await sleep(20)
  }
}
