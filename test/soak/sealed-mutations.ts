/** Sealed files of three formats with something changed in them: see test/operations/sealing/mutations.ts. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { RunOptions } from "../../scripts/runnable.ts"
import { mutate } from "../operations/sealing/mutations.ts"
import { chances } from "../vault/sealed-file/plain-file.ts"

const count = 20_000

export const about = `${count.toLocaleString("en")} changes of sealed files, of age's and of Fernet tokens, none of which opens to other bytes: [SEED]`

export async function run({ args, say }: RunOptions): Promise<object> {
  const seed = Number(args[0] ?? Math.floor(Math.random() * 2 ** 31))
  say(`seed ${seed}`)
  const directory = mkdtempSync(join(tmpdir(), "sl-mutations-"))
  try {
    const { tried, refused, problems } = await mutate(directory, count, chances(seed))
    if (problems.length > 0) throw new Error(`seed ${seed}: ${problems.length} of ${tried}: ${problems.slice(0, 5).join("; ")}`)
    return { seed, tried, refused }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
