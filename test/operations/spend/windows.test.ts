/** Windows before a real journal: heard from a gateway alone, refused at its doors, known to the next writer. */
import assert from "node:assert/strict"
import { test } from "node:test"
import { createColors } from "picocolors"
import { budgetLines } from "../../../src/surfaces/render/budget-text.ts"
import { SpendRig } from "./spend-rig.ts"
import { startMs } from "../../ledger-fixture.ts"

const terminal = { colors: createColors(false) } as Parameters<typeof budgetLines>[1]
const windows = [
  { provider: "mock", label: "5h", usedPercent: 83.25, resetsAtMs: startMs + 3_600_000, plan: "Pro" },
  { label: "of nobody", usedPercent: 1 },
]

test("a gateway reports windows, a budget refuses by them, and a command reports none", (t) => {
  const rig = new SpendRig(t)
  rig.budget("80%", "share", { match: ["provider=mock"] })
  assert.equal(rig.told.at(-1)?.windows, true)
  rig.permit(rig.runBegins("r1"))
  const report = { do: "report-windows", sampledAtMs: startMs, windows }
  assert.throws(() => rig.order(report), /nothing called "report-windows"/)
  assert.equal(rig.ask("order", { order: report }).answer().verdict, "allow")
  assert.deepEqual(
    rig.recorded("window.reported").map(({ facts }) => [facts["provider"], facts["label"], facts["usedMillipercent"]]),
    [["mock", "5h", 83_250]],
  )
  assert.match(String(rig.runBegins("r2").words), /the window 5h of mock is used to 83\.25 %, the limit is 80 %, resets \d\d:\d\d \(budget share\)/)
  assert.equal(rig.recorded("spend.refused").at(-1)?.facts["why"], "over-window")
  const shown = rig.order({ do: "show" })
  const budget = "done" in shown ? shown.budgets?.[0] : undefined
  assert.deepEqual(budget?.windows, [{ label: "5h", usedMillipercent: 83_250, resetsAtMs: startMs + 3_600_000 }])
  assert.ok(budget)
  assert.match(
    budgetLines(budget, terminal).join("\n"),
    /share {2}lifetime {2}blocks {2}provider=mock\n {2}window 5h: 83\.25 % used, limit 80 %, resets \d{4}-\d\d-\d\d \d\d:\d\d UTC/,
  )
  rig.restart({ snapshot: true })
  assert.equal(rig.runBegins("r3").verdict, "deny")
  rig.pass(3_600_000)
  rig.permit(rig.runBegins("r4"))
})
