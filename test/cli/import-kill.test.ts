/** An import that is killed in the middle, or whose writer is, loses and doubles nothing: the same command goes on. */
import assert from "node:assert/strict"
import { test } from "node:test"
import { killImports } from "../history/import-kill-run.ts"
import { makeHome } from "./home.ts"

const trials = process.env["CI"] === "true" ? 2 : 6

test("imports that are killed", { timeout: 300_000 }, async (t) => {
  const met = await killImports({ home: makeHome(t), trials, seed: 11, log: (line) => t.diagnostic(line) })
  assert.ok(met > 0, "at least one was killed before its end")
})
