/** Which builds a starting writer's client removes: those that came before its own, and nothing else. */
import assert from "node:assert/strict"
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { removeEarlierRuntimes } from "../../src/host/runtime-copy.ts"
import { temporaryDirectory, type Ending } from "../ledger-fixture.ts"

const [hashA, hashB] = ["aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb"]

/** What is left of these directories, which were installed in this order, a second apart. */
async function left(t: Ending, own: string, names: readonly string[]): Promise<readonly string[]> {
  const directory = temporaryDirectory(t)
  names.forEach((name, i) => {
    const build = join(directory, "runtime", name)
    mkdirSync(join(build, "native"), { recursive: true })
    writeFileSync(join(build, "cli.mjs"), "")
    utimesSync(build, 1_000 + i, 1_000 + i)
  })
  await removeEarlierRuntimes(directory, own)
  return readdirSync(join(directory, "runtime")).sort()
}

/** own · installed before and after it, in order · left of them */
const rows: readonly (readonly [why: string, own: string, names: readonly string[], left: readonly string[]])[] = [
  ["older versions go, by number and not by letter", `1.10.0-${hashA}`, [`1.2.3-${hashA}`, `1.9.0-${hashB}`, `1.10.0-${hashA}`], [`1.10.0-${hashA}`]],
  ["an older version goes though it was installed later", `1.10.0-${hashA}`, [`1.10.0-${hashA}`, `1.2.3-${hashA}`], [`1.10.0-${hashA}`]],
  [
    "newer versions stay, whenever they were installed",
    `1.2.3-${hashA}`,
    [`1.10.0-${hashA}`, `1.2.3-${hashA}`, `2.0.0-${hashB}`],
    [`1.10.0-${hashA}`, `1.2.3-${hashA}`, `2.0.0-${hashB}`],
  ],
  ["another build of our version goes when it was there before", `1.2.3-${hashA}`, [`1.2.3-${hashB}`, `1.2.3-${hashA}`], [`1.2.3-${hashA}`]],
  ["another build of our version stays when it came later", `1.2.3-${hashA}`, [`1.2.3-${hashA}`, `1.2.3-${hashB}`], [`1.2.3-${hashA}`, `1.2.3-${hashB}`]],
  [
    "versions with a hyphen are read",
    `1.2.4-${hashA}`,
    [`1.2.3-beta.1-${hashB}`, `1.3.0-beta.1-${hashB}`, `1.2.4-${hashA}`],
    [`1.2.4-${hashA}`, `1.3.0-beta.1-${hashB}`],
  ],
  [
    "what is named otherwise stays",
    `1.2.3-${hashA}`,
    ["notes", "1.0.0", `.1.0.0-${hashA}.4711`, `next-1-${hashA}`, `1.2.3-${hashA}`],
    [`.1.0.0-${hashA}.4711`, "1.0.0", `1.2.3-${hashA}`, `next-1-${hashA}`, "notes"].sort(),
  ],
  ["without our own nothing is touched", `1.2.3-${hashA}`, [`1.0.0-${hashA}`], [`1.0.0-${hashA}`]],
]

for (const [why, own, names, expected] of rows) test(why, async (t) => assert.deepEqual(await left(t, own, names), expected))
