/**
 * What sealing costs, and what is done with keys: `page-cipher.ts` (two journals, sealed pages and plain ones), `opened-payloads.ts` (one payload by its entry),
 * `master-rotation.ts` (another master key on a large store), `erasure.ts` (a session of 100,000 entries), `resealing.ts` (all data anew). At last `vault check`, the looking alone, beside a
 * SHA-256 of the same bytes.
 *
 * `--mb N` is the size of the store whose master key is replaced: 2 GB take a minute to build.
 */
import { createHash } from "node:crypto"
import { closeSync, openSync, readSync } from "node:fs"
import type { RunOptions } from "../scripts/runnable.ts"
import { checkVault } from "../src/journal/check-sealed.ts"
import { erasure } from "./erasure.ts"
import type { LedgerHome } from "./ledger-home.ts"
import { masterRotation } from "./master-rotation.ts"
import { openedPayloads } from "./opened-payloads.ts"
import { pageCipher } from "./page-cipher.ts"
import { resealing } from "./resealing.ts"
import { median, shown, type BenchRow } from "./samples.ts"
import { builtStore } from "./store.ts"

export const about = "page cipher beside plain pages, a payload opened, master key rotation (--mb N), erasure, vault check"

/** Four sessions share them. */
const entries = 400_400
const quickEntries = 40_000
const defaultMb = 512
const quickMb = 64

export async function run({ args, say }: RunOptions): Promise<readonly BenchRow[]> {
  const quick = args.includes("--quick")
  const repetitions = quick ? 3 : 5
  const pages = await pageCipher({ commits: quick ? 60 : 250, readTurns: quick ? 20 : 100, repetitions }, say)
  const rotation = await masterRotation(megabytesOf(args) ?? (quick ? quickMb : defaultMb), repetitions, say)
  const store = await builtStore(quick ? quickEntries : entries, say)
  const opened = await openedPayloads(store.home, quick ? 500 : 3_000, repetitions, say)
  const erased = await erasure(store, say)
  return [...pages, ...opened, ...rotation, ...erased, ...(await resealing(store.home, say)), ...checked(store.home, repetitions)]
}

function megabytesOf(args: readonly string[]): number | undefined {
  const at = args.indexOf("--mb")
  const given = at < 0 ? undefined : Number(args[at + 1])
  if (given !== undefined && !(given >= 1)) throw new Error("--mb takes a number of megabytes")
  return given
}

function checked({ files, keyFile }: LedgerHome, repetitions: number): BenchRow[] {
  const rates = { check: [] as number[], sha256: [] as number[] }
  for (let i = 0; i < repetitions; i++) {
    const from = performance.now()
    const { bytes, files: looked } = checkVault(files, keyFile)
    const readable = looked.find(({ state }) => state === "readable") // modes are the business of the writer's process, which did not build this store
    if (readable) throw new Error(`${readable.file} is ${readable.words}`)
    rates.check.push(bytes / 2 ** 20 / ((performance.now() - from) / 1_000))
    rates.sha256.push(hashRate(files.journal))
  }
  return [
    shown("vault check / SHA-256 of the same bytes", median(rates.check) / median(rates.sha256), "x"),
    shown("  vault check", median(rates.check), "MiB/s"),
    shown("  SHA-256", median(rates.sha256), "MiB/s"),
  ]
}

function hashRate(path: string): number {
  const file = openSync(path, "r")
  const piece = Buffer.alloc(2 ** 20)
  const hash = createHash("sha256")
  const from = performance.now()
  let bytes = 0
  for (let length = 1; length > 0; bytes += length) {
    length = readSync(file, piece)
    hash.update(piece.subarray(0, length))
  }
  hash.digest()
  closeSync(file)
  return bytes / 2 ** 20 / ((performance.now() - from) / 1_000)
}
