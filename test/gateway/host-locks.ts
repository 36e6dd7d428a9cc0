/** What the kernel says about files: who has which open, mapped or locked. Reads /proc. */
import { readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { runCommand } from "./openclaw-cli.ts"
import { pathsHeldBy } from "./ledger.ts"

/** The host's databases that a gateway has open. */
export function hostStoresOf(gatewayPid: number, stateDirectory: string): readonly string[] {
  return pathsHeldBy(gatewayPid)
    .filter((path) => path.startsWith(stateDirectory) && path.endsWith(".sqlite"))
    .toSorted()
}

/** Those of the files on which the process holds a lock. */
export function lockedBy(pid: number, paths: readonly string[]): readonly string[] {
  const inodes = new Set(
    readFileSync("/proc/locks", "utf8")
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter((words) => words[4] === String(pid))
      .map((words) => words[5]?.split(":").at(-1)),
  )
  return paths.filter((path) => inodes.has(String(statSync(path).ino)))
}

/** What SQLite answers to a process that wants a database for itself: "locked" as long as the gateway's own lock stands. */
export async function takeForOneself(path: string): Promise<string> {
  const script = `
    const database = new (require("node:sqlite").DatabaseSync)(process.argv[1], { timeout: 0 })
    database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT; PRAGMA journal_mode = DELETE")
  `
  const { exitCode, stderr } = await runCommand(process.execPath, ["--no-warnings", "-e", script, path])
  return exitCode === 0 ? "taken" : (/database is locked/.exec(stderr)?.[0] ?? stderr)
}

/** Drivers of ours, as they lie in the package. */
export function driverNames(packageDirectory: string): readonly string[] {
  return readdirSync(join(packageDirectory, "native"))
}
