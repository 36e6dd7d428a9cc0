/**
 * A sealed file of 1 GB, written and read from its beginning to its end. The baselines, in turn with it: the same bytes in the same pieces written to a plain
 * file and synced; the same bytes opened by bare AES-256-GCM in pieces as large as a chunk, from memory. Then reads of 4 KiB at random places, and the largest
 * resident memory of a process that writes and reads a file of 1 GB beside one of 64 MB.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto"
import { closeSync, fsyncSync, openSync, rmSync, writeSync } from "node:fs"
import { join } from "node:path"
import type { RunOptions } from "../scripts/runnable.ts"
import { EncryptedFile } from "../src/vault/sealed-file/encrypted-file.ts"
import { temporaryDirectory } from "./ledger-home.ts"
import { runScript } from "./processes.ts"
import { atLeast, atMost, median, shown, spread, type BenchRow } from "./samples.ts"
import { benchKey, pieces, pieceBytes, readAll, writeSealed } from "./sealed-run.ts"

export const about = "a sealed file of 1 GB: writing beside a plain file, reading beside bare AES-GCM, memory"

export async function run({ args, say }: RunOptions): Promise<readonly BenchRow[]> {
  const isQuick = args.includes("--quick")
  const sizeBytes = isQuick ? 2 ** 28 : 2 ** 30
  const directory = temporaryDirectory("sealed")
  const sealed = join(directory, "sealed")
  const measured = { plain: [] as number[], write: [] as number[], gcm: [] as number[], read: [] as number[] }
  for (let i = 0; i < (isQuick ? 3 : 5); i++) {
    measured.plain.push(writePlain(join(directory, "plain"), sizeBytes))
    rmSync(sealed, { force: true })
    measured.write.push(await timed(() => writeSealed(sealed, sizeBytes)))
    measured.gcm.push(openBare(sizeBytes))
    measured.read.push(await timed(() => readAll(sealed)))
    say(
      `encrypted-file ${i + 1}: ${Object.values(measured)
        .map((times) => times.at(-1)?.toFixed(0))
        .join(" ")} ms`,
    )
  }
  const random = randomReads(sealed)
  rmSync(directory, { recursive: true, force: true })
  const rate = (timesMs: readonly number[]) => sizeBytes / 2 ** 20 / (median(timesMs) / 1_000)
  const ratios = (baseline: readonly number[], timesMs: readonly number[]) => timesMs.map((timeMs, i) => (baseline[i] ?? Number.NaN) / timeMs)
  const written = ratios(measured.plain, measured.write)
  const read = ratios(measured.gcm, measured.read)
  say(`write / plain (least | median | most): ${spread(written)}; read / bare AES-GCM: ${spread(read)}`)
  const small = (await runScript("sealed-run.ts", [String(2 ** 26)])) as Peaks
  const large = (await runScript("sealed-run.ts", [String(sizeBytes)])) as Peaks
  return [
    atLeast("write / a plain write of the same bytes, synced", median(written), "x", 0.4),
    atLeast("read / bare AES-GCM of the same bytes", median(read), "x", 0.7),
    shown("plain write", rate(measured.plain), "MiB/s"),
    shown("sealed write", rate(measured.write), "MiB/s"),
    shown("bare AES-GCM", rate(measured.gcm), "MiB/s"),
    shown("sealed read", rate(measured.read), "MiB/s"),
    shown("a read of 4 KiB at a random place", random, "ms"),
    shown("largest resident memory, writing and reading 64 MiB", small.peakBytes / 2 ** 20, "MiB"),
    atMost(`more of it for ${sizeBytes / 2 ** 20} MiB`, (large.peakBytes - small.peakBytes) / 2 ** 20, "MiB", 24),
  ]
}

type Peaks = { readonly peakBytes: number }

async function timed(work: () => Promise<void>): Promise<number> {
  const startedMs = performance.now()
  await work()
  return performance.now() - startedMs
}

function writePlain(path: string, sizeBytes: number): number {
  rmSync(path, { force: true })
  const startedMs = performance.now()
  const file = openSync(path, "w")
  for (const piece of pieces(sizeBytes)) writeSync(file, piece)
  fsyncSync(file)
  closeSync(file)
  return performance.now() - startedMs
}

function openBare(sizeBytes: number): number {
  const [key, nonce, label] = [randomBytes(32), randomBytes(12), randomBytes(45)]
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(label)
  const sealed = Buffer.concat([cipher.update(Buffer.alloc(pieceBytes)), cipher.final()])
  const tag = cipher.getAuthTag()
  const startedMs = performance.now()
  for (let done = 0; done < sizeBytes; done += pieceBytes) {
    const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: 16 }).setAAD(label).setAuthTag(tag)
    decipher.update(sealed)
    decipher.final()
  }
  return performance.now() - startedMs
}

function randomReads(path: string): number {
  const file = EncryptedFile.open(path, benchKey)
  const times = Array.from({ length: 500 }, () => {
    const position = Math.floor(Math.random() * (file.sizeBytes - 4_096))
    const startedMs = performance.now()
    file.read(position, 4_096)
    return performance.now() - startedMs
  })
  file.close()
  return median(times)
}
