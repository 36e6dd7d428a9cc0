/** Imports that are killed: the command or the writer, at a random moment. The same command goes on, and in the end each call is on record once. */
import assert from "node:assert/strict"
import { setTimeout as sleep } from "node:timers/promises"
import { join } from "node:path"
import type { Home } from "../cli/home.ts"
import { chance, writeJsonlCorpus, type CorpusTruth } from "./jsonl-corpus.ts"

export type KillOptions = { readonly home: Home; readonly trials: number; readonly seed: number; readonly log?: (line: string) => void }

/** Answers how many of the kills met an import that was not over. */
export async function killImports({ home, trials, seed, log = () => {} }: KillOptions): Promise<number> {
  const host = join(home.directory, "host")
  const truth = writeJsonlCorpus(host, { seed, files: 24, bytes: 6_000_000, startMs: Date.now() - 20 * 86_400_000, days: 10 })
  const random = chance(seed)
  let met = 0
  for (let trial = 0; trial < trials; trial++) {
    const ledger = ["--data-dir", join(home.directory, `ledger-${trial}`), "--key-file", join(home.directory, `key-${trial}`)]
    await must(home, ["key", "create", ...ledger])
    const command = ["import", host, ...(random() < 0.5 ? ["--usage-only"] : []), ...ledger]
    const isWriter = random() < 0.5
    await must(home, ["import", host, "--dry-run", "--usage-only", ...ledger])
    // A disk so slow that the import lasts, whatever the machine: the kill comes before its end.
    await startSlowWriter(home, ledger)
    const running = home.start(command)
    await sleep(200 + random() * 700)
    if (isWriter) await killWriter(home, ledger)
    else running.child.kill("SIGKILL")
    const { exit, signal } = await running.ended
    if (exit !== 0) met++
    log(`${trial}: ${command.includes("--usage-only") ? "usage" : "all"}, ${isWriter ? "writer" : "command"} killed, ended ${exit ?? signal}`)
    await must(home, command)
    await holds(home, ledger, truth)
    const again = JSON.parse(await must(home, [...command, "--json"])) as { readonly recorded: number; readonly events: { readonly recorded: number } }
    assert.deepEqual([again.recorded, again.events.recorded], [0, 0], `trial ${trial}, seed ${seed}`)
    await killWriter(home, ledger)
  }
  return met
}

async function holds(home: Home, ledger: readonly string[], { calls, tokens }: CorpusTruth): Promise<void> {
  const { total } = JSON.parse(await must(home, ["spend", "--since", "60d", "--json", ...ledger])) as { readonly total: Readonly<Record<string, number>> }
  const { input, output, cacheRead, cacheWrite } = total
  assert.deepEqual({ calls: total["calls"], tokens: { input, output, cacheRead, cacheWrite } }, { calls, tokens })
  const { verdict } = JSON.parse(await must(home, ["verify", "--json", ...ledger])) as { readonly verdict: string }
  assert.equal(verdict, "valid")
}

const commitDelayMs = 300

async function startSlowWriter(home: Home, ledger: readonly string[]): Promise<void> {
  home.start(["writer", ...ledger, "--commit-delay-ms", String(commitDelayMs)])
  while ((await writerPid(home, ledger)) === undefined) await sleep(50)
}

async function killWriter(home: Home, ledger: readonly string[]): Promise<void> {
  const pid = await writerPid(home, ledger)
  try {
    if (pid !== undefined) process.kill(pid, "SIGKILL")
  } catch {
    // It has left already.
  }
}

async function writerPid(home: Home, ledger: readonly string[]): Promise<number | undefined> {
  const { writer } = JSON.parse(await must(home, ["status", "--json", ...ledger])) as { readonly writer: { readonly pid: number } | null }
  return writer?.pid
}

async function must(home: Home, args: readonly string[]): Promise<string> {
  const { exit, stdout, stderr } = await home.run(args)
  assert.equal(exit, 0, `${args.join(" ")}: ${stdout}${stderr}`)
  return stdout
}
