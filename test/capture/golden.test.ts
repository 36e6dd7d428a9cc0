/** What capture makes of each payload of a real gateway, down to the last field. */
import assert from "node:assert/strict"
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { describe, test } from "node:test"
import { hookRows } from "../../src/capture/hook-rows.ts"
import { captured, context, variants, vectorsUrl } from "./vectors.ts"

const golden = new URL("golden/", vectorsUrl)
const update = process.env["UPDATE_GOLDEN"] === "1"
const fileOf = (hook: string, variant: string): string => `${hook}.${variant}.json`

describe("golden events", () => {
  for (const { row, variant, payload } of variants) {
    test(`${row.hook}: ${variant}`, () => {
      const call = captured(row, payload)
      const made = { picked: call.picked, events: row.map(call, context) }
      const file = new URL(fileOf(row.hook, variant), golden)
      if (update) {
        mkdirSync(golden, { recursive: true })
        writeFileSync(file, `${JSON.stringify(made, undefined, 1)}\n`)
      }
      assert.ok(existsSync(file), `no golden file; UPDATE_GOLDEN=1 writes ${file.pathname}`)
      assert.deepEqual(JSON.parse(JSON.stringify(made)), JSON.parse(readFileSync(file, "utf8")))
    })
  }

  test("every row has a payload", () => {
    const seen = new Set(variants.map(({ row }) => row.hook))
    assert.deepEqual(
      hookRows.map((row) => row.hook).filter((hook) => !seen.has(hook)),
      [],
    )
  })

  test("no golden file is left over", () => {
    const known = new Set(variants.map(({ row, variant }) => fileOf(row.hook, variant)))
    assert.deepEqual(
      readdirSync(golden).filter((file) => !known.has(file)),
      [],
    )
  })
})
