/**
 * A ledger with a past (a rotation, a hand-over, an erasure, and copies from before each), every command that has to do with keys, and what any of them may do
 * to it: the fixture of the accidents with keys.
 */
import assert from "node:assert/strict"
import { execFileSync, spawn, spawnSync } from "node:child_process"
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import type { NewEvent } from "../../src/format/event.ts"
import { entryOf } from "../../src/operations/entry-of.ts"
import { eraseContent } from "../../src/operations/erase/erase-content.ts"
import { takeMasterStep } from "../../src/operations/replace-master.ts"
import { rekey } from "../../src/operations/rekey/rekey.ts"
import { rotateMaster } from "../../src/operations/rotate-master.ts"
import { askWriter } from "../../src/surfaces/socket/writer-link.ts"
import { socketPath } from "../../src/surfaces/socket/socket-path.ts"
import { runBeside } from "../commands/command-process.ts"
import { onProcessEnd } from "../gateway/cleanup.ts"
import { cliSource, until } from "../writer/rig.ts"
import { endLeftovers } from "../gateway/leftovers.ts"
import { startMs, temporaryLedger, type Ending, type TestLedger } from "../ledger-fixture.ts"

export type Told = { readonly status: number | null; readonly stdout: string; readonly stderr: string }

/** Those that only read come first; the others may write. */
export const commands = {
  status: "status",
  verify: "verify",
  fsck: "fsck",
  "vault status": "vault status",
  "vault check": "vault check",
  "events list": "events list",
  "backup create": "backup create --to BACKUPS",
  "vault rotate": "vault rotate",
  erase: "erase --sender telegram:4242 --yes",
  writer: "writer",
} as const
export type CommandName = keyof typeof commands
export const commandNames = Object.keys(commands) as readonly CommandName[]
export const mayWrite: ReadonlySet<CommandName> = new Set<CommandName>(["backup create", "vault rotate", "erase", "writer"])

export const rootOf = (ledger: TestLedger): string => dirname(ledger.directory)
export const saved = (ledger: TestLedger, name: string): string => join(rootOf(ledger), "keys", "saved", name)
export const passphrase = "correct horse battery staple"

/** Under `keys/saved`: master.key and keys.json of before the rotation, keys.json of before the hand-over, scopes.db of before the erasure. */
export async function ledgerWithPast(t: Ending): Promise<TestLedger> {
  const umask = process.umask(0o077) // as the command line does first
  try {
    return await madeWithPast(temporaryLedger(t))
  } finally {
    process.umask(umask)
  }
}

async function madeWithPast(ledger: TestLedger): Promise<TestLedger> {
  const { files, places } = ledger
  mkdirSync(join(rootOf(ledger), "keys", "saved"))
  const enter = (events: readonly NewEvent[]) => {
    const { journal, scopes } = ledger.open()
    journal.append(
      events.map((event) => entryOf(event, scopes, startMs)),
      startMs,
    )
  }
  ledger.append(40)
  ledger.checkpoint()
  copyFileSync(places.keyFile, saved(ledger, "before-rotation.key"))
  copyFileSync(files.keys, saved(ledger, "before-rotation.json"))
  await rotateMaster(files, places, { ask: (line) => Promise.resolve(takeMasterStep(ledger.open(), line, startMs, enter)) })
  copyFileSync(files.keys, saved(ledger, "before-hand-over.json"))
  ledger.handOver()
  ledger.append(20)
  ledger.close()
  copyFileSync(files.scopes, saved(ledger, "before-erasure.db"))
  eraseContent(ledger.open().scopes, {
    who: { by: "sender", value: "whatsapp:+15550109999" },
    enter,
  })
  ledger.checkpoint()
  ledger.close()
  return ledger
}

/** As keys.json and the key file were before something that happens to the ledger. */
export async function putBackAfter(ledger: TestLedger, something: () => unknown): Promise<void> {
  const { files, places } = ledger
  const kept = [files.keys, places.keyFile].map((file) => [file, readFileSync(file)] as const)
  await something()
  ledger.close()
  for (const [file, bytes] of kept) writeFileSync(file, bytes)
}

/** Seals all data of the copy anew. */
export async function sealAnew(ledger: TestLedger): Promise<void> {
  const umask = process.umask(0o077)
  try {
    await rekey(ledger.files, ledger.places, { nowMs: startMs, version: "test", letGo: () => Promise.resolve() })
  } finally {
    process.umask(umask)
  }
}

/** Rotates the copy's key to a passphrase. */
export async function underPassphrase(ledger: TestLedger): Promise<void> {
  const enter = (events: readonly NewEvent[]) => {
    const { journal, scopes } = ledger.open()
    journal.append(
      events.map((event) => entryOf(event, scopes, startMs)),
      startMs,
    )
  }
  const ask = (line: Parameters<typeof takeMasterStep>[1]) => Promise.resolve(takeMasterStep(ledger.open(), line, startMs, enter))
  await rotateMaster(ledger.files, ledger.places, { newKey: { text: passphrase, where: "words" }, ask })
  ledger.checkpoint()
  ledger.close()
}

export function flagsOf({ directory, files, places }: TestLedger): readonly string[] {
  return ["--data-dir", directory, "--key-file", places.keyFile, "--head-note", files.headNote]
}

/** `starts`: a writer that is expected to begin is a process of its own, which is then told to stop. */
export async function run(ledger: TestLedger, name: CommandName, starts: boolean): Promise<Told> {
  const backups = join(rootOf(ledger), "backups")
  mkdirSync(backups, { recursive: true })
  const words = commands[name].split(" ").map((word) => (word === "BACKUPS" ? backups : word))
  const args = [...words, ...flagsOf(ledger)]
  if (name === "writer" && starts) return startOf(args)
  const command = { args, directory: process.cwd(), environment: { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent" } }
  const said = await (runBeside(command) ?? runBeside(command) ?? assert.fail("one command at a time")) // every eighth would be a process of its own
  return { ...said, status: said.exit }
}

/** A writer that is told to stop as soon as it is ready. */
function startOf(words: readonly string[]): Promise<Told> {
  const environment = { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent" }
  const child = spawn(process.execPath, ["--no-warnings", cliSource, ...words], { env: environment, stdio: ["ignore", "pipe", "pipe"] })
  const forget = onProcessEnd(() => child.kill("SIGKILL"))
  let [stdout, stderr] = ["", ""]
  child.stdout.setEncoding("utf8").on("data", (part: string) => (stdout += part))
  child.stderr.setEncoding("utf8").on("data", (part: string) => {
    stderr += part
    if (stderr.includes(" is ready (pid ")) child.kill("SIGTERM")
  })
  return new Promise((resolve) =>
    child.once("close", (status) => {
      forget()
      resolve({ status, stdout, stderr: stderr.replace(/^The writer of \S+ is ready \(pid \d+\)\.\n$/, "") })
    }),
  )
}

/** A writer that a command started is told to stop, and gone. */
export async function settle(ledger: TestLedger): Promise<void> {
  const socket = socketPath(ledger.directory)
  if (existsSync(socket)) {
    await askWriter({ socketPath: socket, role: "cli" }, "stop").catch(() => {}) // it had gone by itself
    await until(() => !existsSync(socket), "the writer has stopped")
  }
  await endLeftovers(rootOf(ledger), 10_000)
}

/** What no command may change that does not work, by name; projections, locks and what SQLite lays beside its files come and go. */
export function bytesOf(ledger: TestLedger): ReadonlyMap<string, string> {
  const passing = /broken|views\.db|\.lock\.sqlite|-shm$|-wal$|^filler$|writer\.sock|doors\.json/
  const found = new Map<string, string>()
  const add = (directory: string) => {
    for (const name of readdirSync(directory)) {
      const path = join(directory, name)
      if (passing.test(name) || name === "backups") continue
      const stats = statSync(path)
      if (stats.isDirectory()) add(path)
      else found.set(path, `${(stats.mode & 0o777).toString(8)} ${readFileSync(path).toString("base64")}`)
    }
  }
  add(rootOf(ledger))
  return found
}

export function changed(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): readonly string[] {
  return [...new Set([...before.keys(), ...after.keys()])].filter((path) => before.get(path) !== after.get(path))
}

/** A ledger like it, whose directories are its owner's alone, as the command line makes them. */
export function copyOf(ledger: TestLedger, t: Ending): TestLedger {
  const copy = ledger.copy(t)
  close(copy)
  return copy
}

function close(ledger: TestLedger): void {
  for (const name of ["ledger", "keys", "keys/saved"]) chmodSync(join(rootOf(ledger), name), 0o700)
}

/** Everything as it was, and nothing else. */
export function resetTo(from: string, ledger: TestLedger): void {
  for (const name of ["ledger", "keys"]) {
    // Projections stay: what they were made of an accident is to be put right by itself.
    const found = readdirSync(join(rootOf(ledger), name)).filter((entry) => !entry.startsWith("views.db"))
    for (const entry of found) rmSync(join(rootOf(ledger), name, entry), { recursive: true })
  }
  for (const name of ["ledger", "keys", "sovereign-ledger.head.note"]) cpSync(join(from, name), join(rootOf(ledger), name), { recursive: true })
  close(ledger)
}

/** A file system of its own for a directory of the ledger, with what is in it, until the returned function is called. Needs root on Linux. */
export function onDiskOfItsOwn(directory: string, sizeBytes: number): () => void {
  const beside = `${directory}.beside`
  cpSync(directory, beside, { recursive: true })
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${sizeBytes},mode=0700`, "tmpfs", directory])
  cpSync(beside, directory, { recursive: true })
  rmSync(beside, { recursive: true })
  return () => void execFileSync("umount", ["-l", directory])
}

export function remount(directory: string, mode: "ro" | "rw"): void {
  execFileSync("mount", ["-o", `remount,${mode}`, directory])
}

export function killedIn(script: string, ledger: TestLedger, ...args: readonly string[]): void {
  const file = join(import.meta.dirname, "../operations", script)
  const { signal, stderr } = spawnSync(process.execPath, ["--no-warnings", file, rootOf(ledger), ...args], { encoding: "utf8" })
  assert.deepEqual([signal, stderr], ["SIGKILL", ""])
}

export function edit(path: string, change: (text: string) => string | Uint8Array): void {
  writeFileSync(path, change(readFileSync(path, "latin1")), "latin1")
}
