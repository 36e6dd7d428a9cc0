/**
 * Schedules in memory: gateways, writers, operators, programs and accidents, against a predictor that must have known every answer. Ten thousand in CI,
 * some otherwise; `npm run soak -- simulator` runs a million from a seed of its own.
 */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { simulate } from "./simulate.ts"

const schedules = process.env["CI"] === "true" ? 10_000 : 2_000

describe("a ledger under accidents", () => {
  test(`answers as predicted in ${schedules} schedules, and holds nothing in the end`, async () => {
    const { steps, faults, refused, calls, schedules: run } = await simulate({ from: 1, schedules })
    assert.equal(run, schedules)
    assert.ok(steps >= 40 * schedules && faults >= 3 * schedules, `${steps} steps and ${faults} faults`)
    // A schedule in which nothing is refused, or nothing leaves, shows nothing.
    assert.ok(refused > schedules && calls > schedules, `${refused} refused, ${calls} left`)
  })
})
