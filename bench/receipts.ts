/**
 * Receipts issued, and bundled, beside bare Ed25519 of the same runtime on the same thread; and once more as the writer has it, who leaves signatures to other threads: that
 * takes a second processor, and is no figure to hold against signatures of one.
 */
import { generateKeyPairSync, sign, verify } from "node:crypto"
import { parseKeys } from "../src/format/peac/keys.ts"
import { storedZip } from "../src/surfaces/cli/stored-zip.ts"
import { verifyBundle } from "../src/verify/peac/bundle.ts"
import { openForReading } from "../src/views/ledger-access.ts"
import { bundleOf, mostInBundle } from "../src/views/receipt-bundle.ts"
import { receiptKeys } from "../src/views/receipt-keys.ts"
import { listReceipts } from "../src/views/receipts.ts"
import type { RunOptions } from "../scripts/runnable.ts"
import { aCommit, issueMany, issueManyBeside } from "../test/many-receipts.ts"
import { benchVersion, makeHome, type LedgerHome } from "./ledger-home.ts"
import { atLeast, atMost, median, shown, sum, type BenchRow } from "./samples.ts"
import { BatchWriter } from "./writing.ts"

export const about = "receipts issued a second beside bare signatures, as they grow, and bundles of ten thousand of them"

const allReceipts = 100_000
const aStretch = 10_000
const repetitions = 5
/** About what a receipt has. */
const stretchBytes = 3_000

export async function run({ args, say }: RunOptions): Promise<BenchRow[]> {
  const total = args.includes("--quick") ? 2 * aStretch : allReceipts
  const home = makeHome("receipts")
  const before = bareRates()
  const tookMs = await issue(home, total, issueMany)
  const after = bareRates()
  const besideMs = await issue(makeHome("receipts-beside"), 2 * aStretch, issueManyBeside)
  // A processor has no pace of its own: what is compared with the last stretch is measured right after it.
  const bare = { signs: after.signs, verifications: after.verifications }
  say(`bare signatures a second, before and after: ${Math.round(before.signs)}, ${Math.round(after.signs)}; ${Math.round(after.verifications)} verifications`)
  const commits = aStretch / aCommit
  const rate = (some: readonly number[]) => aStretch / (sum(some) / 1_000)
  const [first, last, beside] = [rate(tookMs.slice(0, commits)), rate(tookMs.slice(-commits)), rate(besideMs.slice(-commits))]
  return [
    atLeast("receipts validated, signed and stored / bare Ed25519 signatures", last / bare.signs, "x", 0.45),
    shown("  receipts", last, "1/s"),
    shown("  signed by other threads / bare signatures of one", beside / bare.signs, "x"),
    atLeast(`receipts: the last ${aStretch} of ${total} / the first`, last / first, "x", 0.9),
    ...bundle(home, bare.verifications),
  ]
}

/** Milliseconds of each commit of receipts, the calls they are of having been recorded before. */
async function issue(home: LedgerHome, total: number, how: typeof issueMany | typeof issueManyBeside): Promise<readonly number[]> {
  const writer = new BatchWriter(home)
  const took = await how(writer.ledger, home.files, { total, append: (events) => writer.append(events) })
  writer.finish()
  return took
}

function bundle(home: LedgerHome, verifications: number): BenchRow[] {
  const access = openForReading(home.files, home.secrets)
  try {
    const rows = listReceipts(access, {}, mostInBundle).receipts.toReversed()
    const keys = receiptKeys(access)
    const parsed = parseKeys(JSON.stringify(keys))
    if ("problem" in parsed) throw new Error(parsed.problem)
    const create = () => storedZip(bundleOf(access, { rows, keys, selection: null, nowMs: Date.now(), version: benchVersion }), Date.now())
    const bytes = create()
    const createdMs = median(timesOf(create))
    const verifiedMs = median(timesOf(() => verifyBundle(bytes, parsed.value)))
    const { verdict, whole } = verifyBundle(bytes, parsed.value)
    if (verdict !== "valid" || whole?.count !== mostInBundle) throw new Error(`the bundle is ${verdict}`)
    return [
      atMost(`a bundle of ${mostInBundle}: made`, createdMs / 1_000, "s", 0.6),
      atMost("  verified / as many bare verifications", verifiedMs / ((mostInBundle / verifications) * 1_000), "x", 1.8),
      shown("  verified", verifiedMs / 1_000, "s"),
      shown("  size", bytes.length / 1e6, "MB"),
    ]
  } finally {
    access.close()
  }
}

function timesOf(work: () => unknown): readonly number[] {
  return Array.from({ length: repetitions }, () => {
    const from = performance.now()
    work()
    return performance.now() - from
  })
}

/** A second, of texts as long as a record's. */
function bareRates(): { readonly signs: number; readonly verifications: number } {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519")
  const text = Buffer.alloc(stretchBytes, "a")
  const signature = sign(null, text, privateKey)
  const rate = (once: () => unknown) => {
    for (let i = 0; i < 500; i++) once()
    const from = performance.now()
    for (let i = 0; i < aStretch; i++) once()
    return aStretch / ((performance.now() - from) / 1_000)
  }
  return { signs: rate(() => sign(null, text, privateKey)), verifications: rate(() => verify(null, text, publicKey, signature)) }
}
