/**
 * Writes a sealed file and reads it; as a process of its own it says how much memory that took: `node sealed-run.ts SIZE_BYTES`.
 */
import { randomBytes } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { EncryptedFile } from "../src/vault/sealed-file/encrypted-file.ts"

/** As much as a chunk of a sealed file holds. */
export const pieceBytes = 131_056
const ledger = { storeId: "0123456789abcdef", keys: [Buffer.alloc(32, 9)] } as const
export const benchKey = { ledger: () => ledger }
const piece = randomBytes(pieceBytes)

export function* pieces(sizeBytes: number): Generator<Uint8Array> {
  for (let done = 0; done < sizeBytes; done += pieceBytes) yield piece.subarray(0, Math.min(pieceBytes, sizeBytes - done))
}

export async function writeSealed(path: string, sizeBytes: number): Promise<void> {
  const file = EncryptedFile.create(path, { ledger })
  await file.appendAll(pieces(sizeBytes))
  file.close()
}

export async function readAll(path: string): Promise<void> {
  const file = EncryptedFile.open(path, benchKey)
  let bytes = 0
  for await (const chunk of file.chunks()) bytes += chunk.length
  if (bytes !== file.sizeBytes) throw new Error(`${bytes} of ${file.sizeBytes} bytes were read`)
  file.close()
}

if (import.meta.main) {
  const directory = mkdtempSync(join(tmpdir(), "sl-bench-sealed-run-"))
  const path = join(directory, "sealed")
  await writeSealed(path, Number(process.argv[2]))
  await readAll(path)
  rmSync(directory, { recursive: true, force: true })
  process.stdout.write(JSON.stringify({ peakBytes: process.resourceUsage().maxRSS * 1_024 }))
}
