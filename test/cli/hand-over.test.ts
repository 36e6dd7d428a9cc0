/** Sessions of an operator and of a stranger after the signing key was handed over. */
import { copyFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { after, describe, test } from "node:test"
import { temporaryLedger } from "../ledger-fixture.ts"
import { flagsOf, holds, jsonOf, makeHome } from "./home.ts"

/** The hand-over is entry #31: the checkpoint of size 31 is signed by the old key alone, that of 32 by both. */
const proofs = { "entry.json": "prove 3", "older.json": "prove 3 --checkpoint 31", "grown.json": "prove --from-checkpoint 31 --to-checkpoint 32" }

describe("files of before and after a hand-over", () => {
  const home = makeHome({ after })
  const stranger = makeHome({ after })
  const ledger = temporaryLedger({ after })
  ledger.append(30)
  ledger.checkpoint()
  ledger.close()
  const oldKey = ledger.keys().store.verifierKey
  const run = (command: string) => home.run([...command.split(" "), ...flagsOf(ledger)])
  const check = (...words: readonly string[]) => stranger.run(["verify", "--offline", ...words])

  test("are checked at home without any key told, and by a stranger with any key of the chain", async () => {
    holds(await run("export json --out old.ndjson"), { exit: 0, stderr: /written/ })
    holds(await run("key hand-over"), { exit: 0, stdout: /^The signing key was handed over at entry #31\.\n/ })
    holds(await run("export json --out new.ndjson"), { exit: 0, stderr: /written/ })
    const status = await run("key status --json")
    const { verifierKey: newKey } = jsonOf<{ verifierKey: string }>(status)
    holds(await run("verify"), {
      exit: 0,
      stdout: /VALID[^]*\n {2}The signing key was handed over at #31, each time signed by the old key and the new one; \S+ signs now\.\n/,
    })
    for (const file of ["old.ndjson", "new.ndjson"]) {
      holds(await run(`verify --offline ${file}`), { exit: 0, stdout: /VALID/ })
      copyFileSync(join(home.directory, file), join(stranger.directory, file))
    }
    writeFileSync(join(stranger.directory, "status.json"), status.stdout)
    for (const [name, command] of Object.entries(proofs)) {
      const proof = await run(command)
      holds(proof, { exit: 0, stdout: /^\{.*\}\n$/ })
      writeFileSync(join(stranger.directory, name), proof.stdout)
      for (const key of [oldKey, newKey]) holds(await stranger.run(["verify", "--proof", name, "--key", key]), { exit: 0, stdout: /VALID/ })
    }

    const follows = /VALID[^]*\n {2}Your key \S+ handed over at #31; from there the chain leads to \S+, which signs now\.\n/
    holds(await check("new.ndjson", "--key", oldKey), { exit: 0, stdout: follows })
    holds(await check("new.ndjson", "--key", newKey), { exit: 0, stdout: /VALID/ })
    holds(await check("old.ndjson", "--key", oldKey), { exit: 0, stdout: /VALID/ })
    holds(await check("old.ndjson", "--key", newKey), { exit: 1, stdout: /INVALID[^]*signed by another key/ })
    holds(await check("old.ndjson", "--key", newKey, "--hand-overs", "status.json"), { exit: 0, stdout: /VALID[^]*signed until it handed over at #31/ })
    holds(await check("old.ndjson", "--key", newKey, "--hand-overs", "old.ndjson"), { exit: 2, stderr: /^old\.ndjson has no hand-overs in it\.\n/ })
    holds(await check("old.ndjson", "--key", newKey, "--hand-overs", "none"), { exit: 2, stderr: /^none cannot be read/ })
  })
})
