/** Makes twenty files at once in a directory, none of which is ever finished. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { makeWhole } from "../../../src/operations/sealing/new-output.ts"

const directory = process.argv[2] ?? ""
let begun = 0
for (let i = 0; i < 20; i++) {
  void makeWhole(join(directory, `${i}`), async (beside) => {
    writeFileSync(beside, "half")
    if (++begun === 20) process.stdout.write("begun\n")
    await new Promise(() => setTimeout(() => {}, 600_000))
  })
}
