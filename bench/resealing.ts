/** `vault rekey` beside a copy of the files it writes anew that is as durable: both read every byte and put as many on the disk. */
import { closeSync, copyFileSync, fsyncSync, openSync, rmSync, statSync } from "node:fs"
import { join } from "node:path"
import { rekeyBeside } from "../src/beside.ts"
import { rekey } from "../src/operations/rekey/rekey.ts"
import { benchVersion, type LedgerHome } from "./ledger-home.ts"
import { atLeast, median, shown, spread, type BenchRow } from "./samples.ts"

const leastOfCopy = 0.15
const repetitions = 3

export async function resealing({ root, files, secrets }: LedgerHome, say: (words: string) => void): Promise<BenchRow[]> {
  const rates = { rekey: [] as number[], copy: [] as number[] }
  const stoodStillMs: number[] = []
  for (let i = 0; i < repetitions; i++) {
    const paths = [files.journal, files.scopes, files.views]
    const megabytes = paths.reduce((sum, path) => sum + statSync(path).size, 0) / 2 ** 20
    rates.copy.push(megabytes / (paths.reduce((sum, path) => sum + copied(path, join(root, "copy")), 0) / 1_000))
    const from = performance.now()
    const done = await rekey(files, secrets, { nowMs: Date.now(), version: benchVersion, letGo: () => Promise.resolve(), beside: rekeyBeside })
    rates.rekey.push(megabytes / ((performance.now() - from) / 1_000))
    stoodStillMs.push(done.stoodStillMs)
  }
  say(`vault rekey, MiB/s (least | median | most): ${spread(rates.rekey)}; copy: ${spread(rates.copy)}`)
  return [
    atLeast("vault rekey / a durable copy of journal.db, scopes.db and views.db", median(rates.rekey) / median(rates.copy), "x", leastOfCopy),
    shown("  vault rekey", median(rates.rekey), "MiB/s"),
    shown("  copy", median(rates.copy), "MiB/s"),
    shown("  the writer stood still", median(stoodStillMs), "ms"),
  ]
}

function copied(path: string, to: string): number {
  const from = performance.now()
  copyFileSync(path, to)
  const file = openSync(to, "r+")
  fsyncSync(file)
  closeSync(file)
  const tookMs = performance.now() - from
  rmSync(to)
  return tookMs
}
