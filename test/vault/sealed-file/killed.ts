/** Writes to a sealed file, flushes and says so, until it is killed: `node killed.ts FILE SEED`. */
import { writeSync } from "node:fs"
import { EncryptedFile } from "../../../src/vault/sealed-file/encrypted-file.ts"
import { opening, roundOf } from "./plain-file.ts"
import { takeStep } from "./power-loss.ts"

if (import.meta.main) {
  const file = EncryptedFile.open(process.argv[2] ?? "", opening, { writing: true })
  for (let round = 0; ; round++) {
    for (const step of roundOf(Number(process.argv[3]), round)) takeStep(file, step)
    file.flush()
    writeSync(1, `${round}\n`)
  }
}
