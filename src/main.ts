/** The command line's composition root: the program, the writer and the reader of the host's stores behind their commands. */
import { readFileSync } from "node:fs"
import { isMainThread } from "node:worker_threads"
import { runProgram } from "./surfaces/cli/program.ts"
import { provideHostReader } from "./surfaces/cli/commands/completeness.ts"
import { provideCopier } from "./surfaces/cli/commands/vault-rekey.ts"
import { provideSealing } from "./surfaces/cli/commands/vault-sealing.ts"
import { provideFollowers, provideReaders } from "./surfaces/cli/history/readers.ts"
import { provideWriter } from "./surfaces/cli/writer-command.ts"

export async function main(argv: readonly string[], name: string): Promise<void> {
  process.umask(0o077) // every file of ours is its owner's alone, those SQLite makes too
  provideWriter(async () => (await import("./writer.ts")).runWriter)
  provideReaders(async () => (await import("./history-threads.ts")).readersOf)
  provideFollowers(async (key) => (await import("./history-follow.ts")).followers(key))
  provideHostReader(async () => (await import("./history/stores/host-stores.ts")).readHostStores)
  provideCopier(async () => (await import("./beside.ts")).rekeyBeside)
  provideSealing(async () => (await import("./sealed-files.ts")).sealing)
  const status = await runProgram(argv, name, { hostSecret: hostSecret() })
  if (status !== 0) process.exitCode = status
}

// Bundled, the thread beside a writer starts with this file.
if (!isMainThread) await import("./beside.ts")

/** A secret the host resolved, handed over on a pipe by `openclaw ledger`: neither arguments nor environment may hold it. */
function hostSecret(): string | undefined {
  const pipe = Number(process.env["SOVEREIGN_LEDGER_SECRET_FD"] ?? 0)
  return pipe > 2 ? readFileSync(pipe, "utf8") || undefined : undefined
}
