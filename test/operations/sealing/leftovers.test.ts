/** What a process that was killed left half-made beside an output is removed by the next one that makes something there; what one that lives is making is not. */
import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { makeWhole } from "../../../src/operations/sealing/new-output.ts"
import { onProcessEnd } from "../../gateway/cleanup.ts"
import { temporaryDirectory } from "../../ledger-fixture.ts"

/** Twenty files that are being made, until it is killed. */
async function maker(directory: string): Promise<{ readonly kill: () => Promise<void> }> {
  const child = spawn(process.execPath, ["--no-warnings", join(import.meta.dirname, "never-ending.ts"), directory], { stdio: ["ignore", "pipe", "inherit"] })
  const forget = onProcessEnd(() => child.kill("SIGKILL"))
  await once(child.stdout, "data")
  return {
    kill: async () => {
      child.kill("SIGKILL")
      await once(child, "close")
      forget()
    },
  }
}

const make = (directory: string, name: string) => makeWhole(join(directory, name), (beside) => Promise.resolve(writeFileSync(beside, "whole")))

test("half-made outputs: of the dead they go, of the living they stay, and of nobody known they stay, too", async (t) => {
  const directory = temporaryDirectory(t)
  const halves = () => readdirSync(directory).filter((name) => /^\.sealing-[0-9a-f]{16}$/.test(name))
  const dead = await maker(directory)
  await dead.kill()
  const left = halves()
  assert.equal(left.length, 20)
  const [first = ""] = left
  mkdirSync(join(directory, `${first}.d`)) // not a name of ours
  const living = await maker(directory)
  const own = halves().filter((name) => !left.includes(name))
  assert.deepEqual([own.length, halves().length], [20, 20], "it removed what the other left, and made its own")

  await make(directory, "one")
  assert.deepEqual(halves(), own)
  writeFileSync(join(directory, ".sealing-0123456789abcdef"), "of a version that held no lock")
  await living.kill()
  await make(directory, "two")
  assert.deepEqual(readdirSync(directory).sort(), [".sealing-0123456789abcdef", `${first}.d`, "one", "two"].sort())
})
