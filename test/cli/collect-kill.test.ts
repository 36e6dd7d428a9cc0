/** Collectors that are killed, on a host that goes on: nothing is lost and nothing doubled. */
import assert from "node:assert/strict"
import { test } from "node:test"
import { killCollectors } from "../history/collect-kill-run.ts"
import { makeHome } from "./home.ts"

const kills = process.env["CI"] === "true" ? 10 : Number(process.env["COLLECT_KILLS"] ?? 10)

test("collectors that are killed", { timeout: 600_000 }, async (t) => {
  const met = await killCollectors({ home: makeHome(t), kills, seed: Number(process.env["COLLECT_SEED"] ?? 3), log: (line) => t.diagnostic(line) })
  assert.ok(met > 0, "at least one was killed after it had begun to read")
})
